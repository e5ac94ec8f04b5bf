package io.littlelb.proxy.tcp;

import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SocketOption;
import io.littlelb.linux.SocketState;
import io.littlelb.linux.SyscallException;
import jnr.ffi.Pointer;

/**
 * How much of one direction's bytes may be under way while it is not known whether its sink takes anything: little at first and more as it does, as TCP
 * does with a path, RFC 5681 section 3.1. Whoever never reads then costs the host some hundred kilobytes, and not the ten megabytes that the
 * buffers of two sockets may grow to, {@code tcp_rmem} and {@code tcp_wmem} of tcp(7). Owned by one event loop.
 *
 * <p>The kernel makes a receive buffer many times as large as what was read of it within one round trip, {@code tcp_rcvbuf_grow} of its {@code
 * net/ipv4/tcp_input.c}, and where a sender is near, that is all that the sink's buffer and a pipe hold. So it stays as it is until the sink has shown that it
 * takes more than the buffers of its own host hold. A sender that is far away fills its window slowly, and needs it: it is left alone.
 *
 * <p>Costs a message nothing, and a direction seven system calls in its life, if it has so much to say.
 */
final class SlowStart {
    /** What may be taken at once of one that has said nothing before. */
    private static final int FIRST_BYTES = 16 * 1024;
    /** More than this and the buffer of a host that is not told otherwise can hold together. */
    private static final int PROVEN_BYTES = 512 * 1024;
    /** From this round trip on, a sender is far: the window that it is given at first is worth less than 64 MB a second. */
    private static final int FAR_MICROS = 1_000;

    private static final SocketOption KEPT_AS_IT_IS =
            new SocketOption(Linux.SOL_SOCKET, Linux.SO_BUF_LOCK, Linux.SOCK_RCVBUF_LOCK);
    private static final SocketOption FREE_TO_GROW = new SocketOption(Linux.SOL_SOCKET, Linux.SO_BUF_LOCK, 0);

    /**
     * The kernel has measured meanwhile, without following it, and grows a buffer only when more is read at once than ever before. This makes it large enough for that,
     * {@code tcp_set_rcvlowat}, and never smaller.
     */
    private static final SocketOption ROOM_FOR_MORE = new SocketOption(Linux.SOL_SOCKET, Linux.SO_RCVLOWAT, 256 * 1024);

    private static final SocketOption ANYTHING_IS_READ = new SocketOption(Linux.SOL_SOCKET, Linux.SO_RCVLOWAT, 1);

    /** What waits for the sink's window, and not for an acknowledgement: a path of whatever length is used as before. */
    private static final SocketOption LITTLE_UNSENT =
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_NOTSENT_LOWAT, 128 * 1024);

    private static final SocketOption UNSENT_AS_THE_HOST_HAS_IT =
            new SocketOption(Linux.IPPROTO_TCP, Linux.TCP_NOTSENT_LOWAT, 0);

    private final Fd source;
    private final Fd sink;
    private long delivered;
    private Stage stage = Stage.FIRST_WORDS;
    /** Whether the source's buffer does not grow now. */
    private boolean isKept;

    SlowStart(Fd source, Fd sink) {
        this.source = source;
        this.sink = sink;
    }

    private enum Stage {
        FIRST_WORDS,
        HELD,
        PROVEN
    }

    /** How much may be taken at once: no more than the sink has taken in all so far, and something in any case. */
    int portion(int most) {
        return (int) Math.min(most, Math.max(FIRST_BYTES, delivered));
    }

    /**
     * The sink has taken something.
     *
     * @param scratch as {@link SocketState#roundTripMicros} asks for
     */
    void delivered(long bytes, Pointer scratch) {
        delivered += bytes;
        if (stage == Stage.FIRST_WORDS && delivered >= FIRST_BYTES) {
            hold(scratch);
        } else if (stage == Stage.HELD && delivered >= PROVEN_BYTES) {
            release();
        }
    }

    private void hold(Pointer scratch) {
        stage = Stage.HELD;
        set(sink, LITTLE_UNSENT);
        int roundTrip = SocketState.roundTripMicros(source, scratch);
        isKept = roundTrip >= 0 && roundTrip < FAR_MICROS && set(source, KEPT_AS_IT_IS);
    }

    private void release() {
        stage = Stage.PROVEN;
        set(sink, UNSENT_AS_THE_HOST_HAS_IT);
        if (isKept) {
            set(source, FREE_TO_GROW);
            set(source, ROOM_FOR_MORE);
            set(source, ANYTHING_IS_READ);
        }
    }

    /** Whether it is so now: before Linux 5.14 a buffer cannot be kept from growing, and what is wrong with a socket shows when it is used. */
    private static boolean set(Fd socket, SocketOption option) {
        try {
            Linux.setsockopt(socket, option);
            return true;
        } catch (SyscallException unknownOrBroken) {
            return false;
        }
    }
}
