package io.littlelb.netlink.arp;

import io.littlelb.linux.MacAddress;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * "I have it", for an IPv6 address: an unsolicited neighbour advertisement to all nodes of the link, RFC 4861 section 7.2.6.
 *
 * <pre>
 *  0  mac   33:33:00:00:00:01     14  be32   version 6               54  u8     ICMPv6 type 136
 *  6  mac   source                18  be16   payload length 32       55  u8     code 0
 * 12  be16  0x86dd                20  u8     next header 58          56  be16   checksum
 *                                 21  u8     hop limit 255           58  be32   flags: override
 *                                 22  u8[16] source: the address     62  u8[16] target: the address
 *                                 38  u8[16] destination: ff02::1    78  u8     option 2, target link-layer address
 *                                                                    79  u8     its length, in units of 8 bytes
 *                                                                    80  mac    86
 * </pre>
 */
final class NeighbourAdvertisement {
    static final int LENGTH = 86;
    private static final int SOURCE_OFFSET = 22;
    private static final int ICMP_OFFSET = 54;
    private static final int CHECKSUM_OFFSET = 56;
    private static final int ETHERTYPE = 0x86dd;
    private static final int ICMPV6 = 58;
    private static final int TYPE = 136;
    /** Caches are to take the new hardware address in place of the one they have. */
    private static final int OVERRIDE = 0x2000_0000;

    private static final MacAddress ALL_NODES_MAC = new MacAddress(0x3333_0000_0001L);
    private static final byte[] ALL_NODES = {(byte) 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private NeighbourAdvertisement() {}

    /** Writes the frame, ready to be sent. */
    static void write(MacAddress own, InetAddress ip, ByteBuffer frame) {
        frame.clear().order(ByteOrder.BIG_ENDIAN);
        ALL_NODES_MAC.writeTo(frame);
        own.writeTo(frame);
        frame.putShort((short) ETHERTYPE);
        frame.putInt(6 << 28);
        frame.putShort((short) (LENGTH - ICMP_OFFSET)).put((byte) ICMPV6).put((byte) 255);
        frame.put(ip.getAddress()).put(ALL_NODES);
        frame.put((byte) TYPE).put((byte) 0);
        frame.putShort((short) 0);
        frame.putInt(OVERRIDE);
        frame.put(ip.getAddress());
        frame.put((byte) 2).put((byte) 1);
        own.writeTo(frame);
        frame.putShort(CHECKSUM_OFFSET, checksum(frame));
        frame.flip();
    }

    /** RFC 4443 section 2.3: over the addresses, the length, the next header, and the message with a checksum of 0. */
    private static short checksum(ByteBuffer frame) {
        int sum = LENGTH - ICMP_OFFSET + ICMPV6;
        for (int at = SOURCE_OFFSET; at < LENGTH; at += 2) {
            sum += frame.getShort(at) & 0xffff;
        }
        while (sum >> 16 != 0) {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        return (short) ~sum;
    }
}
