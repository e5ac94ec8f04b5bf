package io.littlelb.netlink.arp;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.Memory;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import java.nio.ByteBuffer;
import java.util.Optional;
import jnr.ffi.Pointer;

/** Whole frames of one link, packet(7): hears its ARP, and sends whatever it is given. Needs CAP_NET_RAW. For one thread at a time. */
public final class PacketSocket implements AutoCloseable {
    private static final int LARGEST_FRAME = 2048;

    private final Fd fd;
    private final ByteBuffer received = ByteBuffer.allocateDirect(LARGEST_FRAME);
    private final Pointer receivedMemory = Memory.of(received);
    private final ByteBuffer toSend = ByteBuffer.allocateDirect(LARGEST_FRAME);
    private final Pointer toSendMemory = Memory.of(toSend);
    private final SockAddr sender = SockAddr.empty();

    private PacketSocket(Fd fd) {
        this.fd = fd;
    }

    /** Opens a socket on a link of the calling thread's network namespace. */
    public static PacketSocket open(int linkIndex) throws SyscallException {
        Fd fd = Linux.socket(
                SockAddr.AF_PACKET, Linux.SOCK_RAW | Linux.SOCK_NONBLOCK, 0); // hears nothing until it is bound
        try {
            Linux.bind(fd, SockAddr.packet(linkIndex, ArpFrame.ETHERTYPE));
            return new PacketSocket(fd);
        } catch (SyscallException e) {
            fd.close();
            throw e;
        }
    }

    /** To wait for with poll(2). */
    public Fd fd() {
        return fd;
    }

    /** Memory to write the next frame to {@link #send} into. */
    public ByteBuffer frame() {
        return toSend;
    }

    /** Sends {@link #frame}. */
    public void send() throws SyscallException {
        long sent = Linux.send(fd, toSendMemory, toSend.limit(), 0);
        if (sent < 0) {
            throw new SyscallException("send", "a frame", (int) -sent);
        }
    }

    /**
     * The next ARP frame to this host, or to all, that has come; empty when there is none now. Left out are those that are not for it
     * ({@code PACKET_OTHERHOST}): the kernel marks so what a promiscuous link overhears, and frames of a VLAN that no link of this host has; and
     * what this host itself has sent ({@code PACKET_OUTGOING}).
     */
    public Optional<ArpFrame> receive() throws SyscallException {
        while (true) {
            long length = Linux.recvfrom(fd, receivedMemory, LARGEST_FRAME, Linux.MSG_DONTWAIT, sender);
            if (length == -Errno.EAGAIN || length == -Errno.ENETDOWN) {
                return Optional.empty();
            }
            if (length < 0) {
                throw new SyscallException("recvfrom", "frames", (int) -length);
            }
            Optional<ArpFrame> frame = ArpFrame.read(received.clear().limit((int) length));
            boolean forUs = sender.packetType() <= SockAddr.PACKET_MULTICAST;
            if (forUs && frame.isPresent()) {
                return frame;
            }
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
