package io.littlelb.k8s;

/** An object of the API makes no sense; the message says where. It is the object's and nobody else's: see {@link Readings}. */
final class UnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1;
    /** The longest piece of an object that is quoted. */
    private static final int LONGEST = 100;

    /** @param what the field, and what is wrong with it */
    UnreadableException(String what) {
        super(what);
    }

    /** A piece of an object as it may stand in a log: short, and on one line. */
    static String quote(String text) {
        String piece = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
        return "\"" + piece.replaceAll("\\p{Cntrl}", "?") + "\"";
    }
}
