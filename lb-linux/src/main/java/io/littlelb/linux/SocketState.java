package io.littlelb.linux;

import static io.littlelb.linux.Answer.result;

import jnr.ffi.Pointer;

/** What the kernel tells of a socket when it is asked. Nothing is allocated where the caller brings room for the answer. */
public final class SocketState {
    // linux/sockios.h, asm-generic/ioctls.h
    private static final long SIOCOUTQ = 0x5411;
    private static final long FIONREAD = 0x541B;

    private SocketState() {}

    /**
     * How much of what was sent the peer's host has not acknowledged yet, its end included, {@code SIOCOUTQ} of tcp(7): bytes, or a negated errno.
     *
     * @param scratch room for an int
     */
    public static int unacknowledged(Fd fd, Pointer scratch) {
        return ioctl(fd, SIOCOUTQ, scratch);
    }

    /**
     * How many bytes wait to be read, {@code FIONREAD} of tcp(7), or a negated errno.
     *
     * @param scratch room for an int
     */
    public static int unread(Fd fd, Pointer scratch) {
        return ioctl(fd, FIONREAD, scratch);
    }

    /**
     * How long a connection's peer takes to answer, smoothed, {@code tcpi_rtt} of {@code TCP_INFO}, tcp(7): microseconds, or a negated errno.
     *
     * @param scratch room for {@link TcpInfo#ROUND_TRIP_SCRATCH} bytes
     */
    public static int roundTripMicros(Fd fd, Pointer scratch) {
        return TcpInfo.roundTripMicros(fd, scratch);
    }

    /**
     * How many bytes have come in order from a connection's peer so far, read or not, {@code tcpi_bytes_received} of {@code TCP_INFO}, tcp(7); an end that has come
     * counts as one, for it takes a sequence number (RFC 9293 section 3.4). Or a negated errno.
     *
     * @param scratch room for {@link TcpInfo#BYTES_RECEIVED_SCRATCH} bytes
     */
    public static long bytesReceived(Fd fd, Pointer scratch) {
        return TcpInfo.bytesReceived(fd, scratch);
    }

    private static int ioctl(Fd fd, long request, Pointer answer) {
        int result = result(LibC.INSTANCE.ioctl(fd.number(), request, answer));
        return result < 0 ? result : answer.getInt(0);
    }

    /** What has gone wrong with a socket since the last time it was asked, {@code SO_ERROR} of socket(7): an errno; 0 for nothing. */
    public static int socketError(Fd fd) {
        try {
            return Linux.getsockopt(fd, Linux.SOL_SOCKET, Linux.SO_ERROR);
        } catch (SyscallException e) {
            return e.errno();
        }
    }
}
