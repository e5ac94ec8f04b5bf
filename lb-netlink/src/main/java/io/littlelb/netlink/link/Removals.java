package io.littlelb.netlink.link;

import java.time.Duration;

/** How often something else on this host took an address off the link. Part of a {@link LedgerEntry}; times are those of {@link System#nanoTime}. */
final class Removals {
    /** An address that stayed for so long has been left alone. */
    static final Duration LEFT_ALONE = Duration.ofMinutes(2);
    /** Once may be a mistake; from here on somebody is told. */
    private static final int TO_TELL = 2;

    private int count;
    private long lastAt;

    void note(long time) {
        count = isLeftAlone(time) ? 1 : count + 1;
        lastAt = time;
    }

    private boolean isLeftAlone(long time) {
        return count == 0 || time - lastAt > LEFT_ALONE.toNanos();
    }

    boolean isToBeTold() {
        return count >= TO_TELL;
    }

    /** What a person is told. */
    String text() {
        return "something else on this host took it off the link " + count
                + " times, and it was put back, each time after a longer pause; ip monitor address shows when";
    }

    /** Returns whether there is less to tell: nobody has removed it for long enough. */
    boolean forget(long time) {
        boolean over = count > 0 && isLeftAlone(time);
        if (over) {
            forget();
        }
        return over;
    }

    void forget() {
        count = 0;
    }
}
