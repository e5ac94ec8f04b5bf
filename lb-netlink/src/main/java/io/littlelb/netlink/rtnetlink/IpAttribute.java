package io.littlelb.netlink.rtnetlink;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.netlink.wire.AttributeReader;
import io.littlelb.netlink.wire.AttributeWriter;
import io.littlelb.netlink.wire.NetlinkException;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** An attribute whose value is an IPv4 or IPv6 address: its four or sixteen bytes, in network order. */
final class IpAttribute {
    private IpAttribute() {}

    /** The family of which an attribute's value is an address, by its length. */
    static Family family(ByteBuffer buffer, int at) throws NetlinkException {
        return switch (AttributeReader.length(buffer, at)) {
            case Integer.BYTES -> Family.IPV4;
            case 2 * Long.BYTES -> Family.IPV6;
            default ->
                throw NetlinkException.malformed("an address of " + AttributeReader.length(buffer, at) + " bytes");
        };
    }

    /** The value, an address of a family, with a prefix length that is one of the family's. */
    static Cidr cidr(ByteBuffer buffer, int at, Family family, int prefixLength) throws NetlinkException {
        return family == Family.IPV4
                ? new Cidr(family, 0, AttributeReader.networkOrder(buffer, at, 0, Integer.BYTES), prefixLength)
                : new Cidr(
                        family,
                        AttributeReader.networkOrder(buffer, at, 0, Long.BYTES),
                        AttributeReader.networkOrder(buffer, at, Long.BYTES, Long.BYTES),
                        prefixLength);
    }

    /** The value as an address, by its length. */
    static InetAddress address(ByteBuffer buffer, int at) throws NetlinkException {
        Family family = family(buffer, at);
        return cidr(buffer, at, family, family.bits()).address();
    }

    /** An address by its bits, as {@link Cidr} has them. */
    static void put(ByteBuffer request, int type, Family family, long high, long low) {
        if (family == Family.IPV4) {
            AttributeWriter.begin(request, type, Integer.BYTES);
            AttributeWriter.putNetworkOrder(request, low, Integer.BYTES);
        } else {
            AttributeWriter.begin(request, type, 2 * Long.BYTES);
            AttributeWriter.putNetworkOrder(request, high, Long.BYTES);
            AttributeWriter.putNetworkOrder(request, low, Long.BYTES);
        }
    }
}
