package io.littlelb.proxy.tcp;

import io.littlelb.linux.Linux;
import java.time.Duration;
import jnr.ffi.Pointer;

/**
 * What is left of a connection of which one side has broken off, or which has come to its end: the other side is still to get what that one had said. Over when its host
 * has acknowledged it all, when it breaks off as well, or when nothing has moved for long. Owned by one event loop.
 *
 * <p>The kernel tells nobody when a send queue has become empty, so it is looked at: soon, and ever less often.
 */
final class Linger {
    private static final long FIRST_LOOK_NANOS = 1_000_000;
    private static final long LONGEST_NANOS = 250_000_000;

    private final Direction rest;
    private final End sink;
    private final long patienceNanos;
    private long movedNanos = System.nanoTime();
    private long moves;
    private int unacknowledged;
    private long pauseNanos = FIRST_LOOK_NANOS / 2;

    /** @param patience how long nothing may move */
    Linger(Direction rest, End sink, Duration patience) {
        this.rest = rest;
        this.sink = sink;
        this.patienceNanos = patience.toNanos();
        this.moves = rest.moves();
        this.unacknowledged = Integer.MAX_VALUE;
    }

    /** Moves what can be moved; returns whether it stopped only because it was others' turn. */
    boolean pump() {
        boolean more = rest.pump();
        rest.passEndOn();
        return more;
    }

    /**
     * Whether the sink has all that it can get.
     *
     * @param scratch room for an int
     */
    boolean isOver(long now, Pointer scratch) {
        int left = sink.isBroken() ? 0 : Linux.unacknowledged(sink.fd, scratch);
        if (left != unacknowledged || moves != rest.moves()) {
            unacknowledged = left;
            moves = rest.moves();
            movedNanos = now;
        }
        boolean hasAll = rest.isOver() && left <= 0;
        return sink.isBroken() || hasAll || now - movedNanos >= patienceNanos;
    }

    /** How long to wait before it is looked at once more. */
    long untilNextLook() {
        pauseNanos = Math.min(2 * pauseNanos, LONGEST_NANOS);
        return pauseNanos;
    }
}
