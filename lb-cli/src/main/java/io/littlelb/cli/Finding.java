package io.littlelb.cli;

/**
 * One thing that {@code lb check} has found.
 *
 * @param what what is so
 * @param remedy what to do about it; empty when nothing is to be done
 */
record Finding(Level level, String what, String remedy) {
    /** What it means for {@code lb run}. */
    enum Level {
        OK,
        /** It runs, but not everything works as it could. */
        WARN,
        /** It would end, or serve nothing. */
        FAIL
    }

    static Finding ok(String what) {
        return new Finding(Level.OK, what, "");
    }

    static Finding warn(String what, String remedy) {
        return new Finding(Level.WARN, what, remedy);
    }

    static Finding fail(String what, String remedy) {
        return new Finding(Level.FAIL, what, remedy);
    }

    @Override
    public String toString() {
        String line = String.format("%-4s  %s", level.name().toLowerCase(java.util.Locale.ROOT), what);
        return remedy.isEmpty() ? line : line + "; " + remedy;
    }
}
