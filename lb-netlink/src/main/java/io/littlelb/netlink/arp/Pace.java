package io.littlelb.netlink.arp;

/** Lets so many frames a second onto the link, in small bursts: a token bucket. Times are those of {@link System#nanoTime}. */
final class Pace {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perNano;
    private final double most;
    private double tokens;
    private long filledAt;

    Pace(int perSecond, int burst, long now) {
        perNano = perSecond / NANOS_PER_SECOND;
        most = burst;
        tokens = burst;
        filledAt = now;
    }

    /** Takes leave to send one frame; false when it is to wait. */
    boolean take(long now) {
        tokens = Math.min(most, tokens + (now - filledAt) * perNano);
        filledAt = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }

    /** When the next frame may go. */
    long next(long now) {
        return tokens >= 1 ? now : now + (long) Math.ceil((1 - tokens) / perNano);
    }
}
