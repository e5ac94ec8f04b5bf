package io.littlelb.proxy;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;

/** One of the two sockets of a connection, and what is known of it: readiness is remembered until it proves used up. Owned by one event loop. */
final class End implements EventLoop.Ready {
    final Fd fd;
    private final Connection connection;
    int token = EventLoop.NOT_WATCHED;
    boolean readable;
    boolean writable;
    /** Its end, or its failure, has been seen: a short read is no sign that nothing follows. */
    boolean ending;

    private boolean broken;
    /** The error that something else than reading was answered with: the kernel tells it once, and reading does not meet it any more. */
    private int toldBefore;

    /** Whether it was sent something after it was last seen to have acknowledged all; since when, and when it is looked at again. */
    boolean mayBeSilent;

    long sentSinceNanos;
    long lookAtNanos;

    End(Fd fd, Connection connection) {
        this.fd = fd;
        this.connection = connection;
    }

    /** Whether it takes nothing any more. What it had said before can still be read. */
    boolean isBroken() {
        return broken;
    }

    /** It has failed, by a reset or otherwise. */
    void breakOff() {
        broken = true;
    }

    /** It has failed, as was seen when it was sent something or asked for its error: nothing more will come, and whatever has come can be read now. */
    void breakOffWhenAsked(int errno) {
        broken = true;
        toldBefore = toldBefore == 0
                ? errno
                : toldBefore; // the first is the cause; whatever is sent later is answered EPIPE
        readable = true;
        ending = true;
    }

    /**
     * Whether a stream of which nothing is left to read has come to its end, and was not broken off. A kernel that has been asked for its error answers
     * nothing but 0 to either; {@code tcp_reset} of its {@code net/ipv4/tcp_input.c} calls it {@code EPIPE} where the end had come first.
     */
    boolean hasEnded() {
        return toldBefore == 0 || toldBefore == Errno.EPIPE;
    }

    @Override
    public void on(int events) {
        connection.onEvents(this, events);
    }

    @Override
    public void broke() {
        connection.broke();
    }

    @Override
    public String toString() {
        return connection.toString();
    }
}
