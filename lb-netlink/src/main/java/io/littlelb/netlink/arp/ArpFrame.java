package io.littlelb.netlink.arp;

import io.littlelb.linux.MacAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * An Ethernet frame that speaks of IPv4 addresses: ARP, RFC 826, and what RFC 5227 says with it.
 *
 * <pre>
 *  0  mac   destination           22  mac   sender hardware address
 *  6  mac   source                28  u8[4] sender IP address
 * 12  be16  0x0806                32  mac   target hardware address
 * 14  be16  hardware type 1       38  u8[4] target IP address
 * 16  be16  protocol type 0x0800  42
 * 18  u8    6, the length of a hardware address
 * 19  u8    4, the length of a protocol address
 * 20  be16  operation: 1 request, 2 reply
 * </pre>
 */
public record ArpFrame(
        int operation, MacAddress sender, InetAddress senderIp, MacAddress target, InetAddress targetIp) {
    static final int ETHERTYPE = 0x0806;
    static final int REQUEST = 1;
    static final int REPLY = 2;
    static final int LENGTH = 42;

    private static final int ETHERTYPE_OFFSET = 12;
    private static final int OPERATION_OFFSET = 20;
    private static final long IPV4_OVER_ETHERNET = 0x0001_0800_0604L;
    private static final InetAddress NOBODY = address(new byte[4]);

    /** "Does anybody have it?", RFC 5227 section 2.1.1: without a sender address, so that no cache learns anything from it. */
    public static ArpFrame probe(MacAddress own, InetAddress ip) {
        return new ArpFrame(REQUEST, own, NOBODY, MacAddress.ZERO, ip);
    }

    /** "I have it", as a request: RFC 5227 section 2.3. */
    public static ArpFrame announcement(MacAddress own, InetAddress ip) {
        return new ArpFrame(REQUEST, own, ip, MacAddress.ZERO, ip);
    }

    /** "I have it", as a reply that nobody asked for: some hosts learn from these only. */
    public static ArpFrame gratuitousReply(MacAddress own, InetAddress ip) {
        return new ArpFrame(REPLY, own, ip, MacAddress.BROADCAST, ip);
    }

    /** Reads a frame; empty when it is anything else than ARP for IPv4 over Ethernet. */
    public static Optional<ArpFrame> read(ByteBuffer received) {
        ByteBuffer frame = received.slice().order(ByteOrder.BIG_ENDIAN);
        boolean arp = frame.remaining() >= LENGTH
                && (frame.getShort(ETHERTYPE_OFFSET) & 0xffff) == ETHERTYPE
                && frame.getLong(ETHERTYPE_OFFSET) << 16 >>> 16 == IPV4_OVER_ETHERNET;
        if (!arp) {
            return Optional.empty();
        }
        frame.position(OPERATION_OFFSET);
        return Optional.of(new ArpFrame(
                frame.getShort() & 0xffff,
                MacAddress.read(frame),
                readIp(frame),
                MacAddress.read(frame),
                readIp(frame)));
    }

    /** Writes the frame, to everybody on the link, ready to be sent. */
    public void writeTo(ByteBuffer frame) {
        frame.clear().order(ByteOrder.BIG_ENDIAN);
        MacAddress.BROADCAST.writeTo(frame);
        sender.writeTo(frame);
        frame.putShort((short) ETHERTYPE);
        frame.putShort((short) (IPV4_OVER_ETHERNET >> 32)).putInt((int) IPV4_OVER_ETHERNET);
        frame.putShort((short) operation);
        sender.writeTo(frame);
        frame.put(senderIp.getAddress());
        target.writeTo(frame);
        frame.put(targetIp.getAddress());
        frame.flip();
    }

    /** Whether it only asks, and claims no address for its sender. */
    public boolean isProbe() {
        return operation == REQUEST && senderIp.equals(NOBODY);
    }

    private static InetAddress readIp(ByteBuffer frame) {
        byte[] bytes = new byte[4];
        frame.get(bytes);
        return address(bytes);
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv4 address has 4 bytes", e);
        }
    }
}
