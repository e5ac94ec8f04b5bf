package io.littlelb.proxy.tcp;

import io.littlelb.linux.SocketState;
import io.littlelb.linux.TcpInfo;
import java.time.Duration;
import jnr.ffi.Pointer;

/**
 * Finds peers that have vanished with bytes of ours unacknowledged. Keep-alive does not ask while there are any, tcp_keepalive_timer of the kernel's
 * {@code net/ipv4/tcp_timer.c}, and the kernel itself sends them again for a quarter of an hour.
 *
 * <p>{@code TCP_USER_TIMEOUT} would do it, but counts also how long a peer takes nothing while its host answers every question for its window
 * ({@code tcp_probe_timer}), and whoever pauses may do so for as long as he likes, RFC 9293 section 3.8.6.1.
 *
 * <p>Costs two system calls in the time that a peer may be silent, of those that were sent something. Owned by one event loop.
 */
final class SilenceWatch {
    /** So many questions in a row without an answer: one or two may have been lost. */
    private static final int ENOUGH_QUESTIONS = 3;
    /** A part of the time: how soon it is looked again when it is over and too little was asked. */
    private static final int SOON = 16;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private final long mostNanos;
    private final Pointer scratch;
    private final TcpInfo info = new TcpInfo();

    /**
     * @param most how long a peer may leave what it is sent without any answer
     * @param scratch room for an int
     */
    SilenceWatch(Duration most, Pointer scratch) {
        this.mostNanos = most.toNanos();
        this.scratch = scratch;
    }

    /** It has been sent something, or may have been. */
    void begin(End end, long now) {
        end.mayBeSilent = true;
        end.sentSinceNanos = now;
        end.lookAtNanos = now + mostNanos;
    }

    /** Whether it is to be given up. Ends the watch when it has acknowledged all, and else says when it is to be looked at again. */
    boolean isSilent(End end, long now) {
        if (SocketState.unacknowledged(end.fd, scratch) <= 0 || info.read(end.fd) < 0) {
            end.mayBeSilent = false;
            return false;
        }
        long silent = Math.min(now - end.sentSinceNanos, info.millisSinceAcknowledgement() * NANOS_PER_MILLI);
        end.lookAtNanos = now + Math.max(mostNanos - silent, mostNanos / SOON);
        return silent >= mostNanos && info.unanswered() >= ENOUGH_QUESTIONS;
    }
}
