package io.littlelb.netlink.wire;

import static io.littlelb.netlink.wire.MessageTrace.Direction.FROM_THE_KERNEL;
import static io.littlelb.netlink.wire.MessageTrace.Direction.TO_THE_KERNEL;
import static io.littlelb.netlink.wire.Netlink.NETLINK_CAP_ACK;
import static io.littlelb.netlink.wire.Netlink.NETLINK_EXT_ACK;
import static io.littlelb.netlink.wire.Netlink.NETLINK_GET_STRICT_CHK;
import static io.littlelb.netlink.wire.Netlink.SOL_NETLINK;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.Memory;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jnr.ffi.Pointer;

/** A socket of family {@code AF_NETLINK}, netlink(7), that talks to the kernel in one of its protocols. For one thread at a time. */
public final class NetlinkSocket implements AutoCloseable {
    /** More than the kernel ever puts into one datagram of a dump. */
    private static final int LARGEST_DATAGRAM = 64 * 1024;
    /** Room for a burst of some thousand notifications; what still does not fit shows as {@link Received#OVERRUN}. */
    private static final int RECEIVE_BUFFER = 4 * 1024 * 1024;

    private static final SockAddr KERNEL = SockAddr.netlink(0, 0);

    private final Fd fd;
    private final int portId;
    private final MessageTrace trace;
    private final ByteBuffer datagram =
            ByteBuffer.allocateDirect(LARGEST_DATAGRAM).order(ByteOrder.nativeOrder());
    private final Pointer datagramMemory = Memory.of(datagram);
    private final SockAddr sender = SockAddr.empty();

    private NetlinkSocket(Fd fd, int portId, MessageTrace trace) {
        this.fd = fd;
        this.portId = portId;
        this.trace = trace;
    }

    /** What trying to receive came to. */
    public enum Received {
        /** {@link #datagram} has it. */
        DATAGRAM,
        /** Nothing is there now. */
        NOTHING,
        /** The kernel had to drop some: what was known must be asked for again. */
        OVERRUN
    }

    /**
     * Opens a socket in the calling thread's network namespace.
     *
     * @param protocol {@code NETLINK_ROUTE}, {@code NETLINK_NETFILTER}, …
     * @param groups the protocol's multicast groups that it hears, a bit each
     * @param trace is shown every message
     */
    public static NetlinkSocket open(int protocol, int groups, MessageTrace trace) throws SyscallException {
        return open(protocol, groups, trace, RECEIVE_BUFFER);
    }

    /** The same with room for so many bytes that have not been taken in yet. */
    public static NetlinkSocket open(int protocol, int groups, MessageTrace trace, int receiveBuffer)
            throws SyscallException {
        Fd fd = Linux.socket(SockAddr.AF_NETLINK, Linux.SOCK_RAW, protocol);
        try {
            setIfKnown(fd, Linux.SOL_SOCKET, Linux.SO_RCVBUFFORCE, receiveBuffer);
            setIfKnown(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
            setIfKnown(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
            setIfKnown(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
            Linux.bind(fd, SockAddr.netlink(0, groups));
            return new NetlinkSocket(fd, Linux.getsockname(fd).portId(), trace);
        } catch (SyscallException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** Older kernels and lesser rights go without: dumps are then wider, and errors have fewer words. */
    private static void setIfKnown(Fd fd, int level, int option, int value) {
        try {
            Linux.setsockopt(fd, level, option, value);
        } catch (SyscallException unknown) {
            return;
        }
    }

    /** What the kernel calls us; its answers carry it. */
    public int portId() {
        return portId;
    }

    /** To wait for with poll(2). */
    public Fd fd() {
        return fd;
    }

    /** Sends requests, from the start of a buffer to its limit, to the kernel. */
    public void send(ByteBuffer requests) throws IOException {
        trace(TO_THE_KERNEL, requests);
        long sent = Linux.sendto(fd, Memory.of(requests), requests.limit(), KERNEL);
        if (sent < 0) {
            throw new SyscallException("sendto", "netlink", (int) -sent);
        }
    }

    /** Receives one datagram; waits for one unless told otherwise. */
    public Received receive(boolean wait) throws IOException {
        int flags = Linux.MSG_TRUNC | (wait ? 0 : Linux.MSG_DONTWAIT);
        while (true) {
            long length = Linux.recvfrom(fd, datagramMemory, LARGEST_DATAGRAM, flags, sender);
            if (length == -Errno.EAGAIN) {
                return Received.NOTHING;
            }
            if (length == -Errno.ENOBUFS) {
                return Received.OVERRUN;
            }
            if (length < 0) {
                throw new SyscallException("recvfrom", "netlink", (int) -length);
            }
            if (length > LARGEST_DATAGRAM) {
                throw NetlinkException.malformed("a datagram of " + length + " bytes");
            }
            boolean fromTheKernel = sender.portId() == 0; // any process may write to a netlink socket
            if (fromTheKernel) {
                datagram.limit((int) length).position(0);
                trace(FROM_THE_KERNEL, datagram);
                return Received.DATAGRAM;
            }
        }
    }

    private void trace(MessageTrace.Direction direction, ByteBuffer messages) throws NetlinkException {
        if (trace.isEnabled()) {
            ByteBuffer rest = messages.duplicate().order(ByteOrder.nativeOrder());
            while (rest.hasRemaining()) {
                trace.show(portId, direction, NetlinkMessage.next(rest));
            }
        }
    }

    /** The last datagram; valid until the next is received. */
    public ByteBuffer datagram() {
        return datagram;
    }

    @Override
    public void close() {
        fd.close();
    }
}
