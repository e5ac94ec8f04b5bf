package io.littlelb.netlink.rtnetlink;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTA_GATEWAY;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTA_MULTIPATH;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.RTA_OIF;

import io.littlelb.netlink.wire.AttributeReader;
import io.littlelb.netlink.wire.AttributeWriter;
import io.littlelb.netlink.wire.NetlinkException;
import io.littlelb.netlink.wire.NetlinkMessage;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A route, {@code struct rtmsg} of {@code linux/rtnetlink.h} with its attributes, as far as it says where a default route leads.
 *
 * <pre>
 *  0  u8   rtm_family        4  u8  rtm_table
 *  1  u8   rtm_dst_len       5  u8  rtm_protocol
 *  2  u8   rtm_src_len       6  u8  rtm_scope
 *  3  u8   rtm_tos           7  u8  rtm_type
 *  8  u32  rtm_flags        12  attributes
 * </pre>
 *
 * @param destinationLength of the prefix it is for, in bits; 0 is the default route
 * @param hops where it leads, one or several
 */
public record RouteMessage(int destinationLength, List<Hop> hops) {
    private static final int DESTINATION_LENGTH_OFFSET = 1;
    private static final int FIXED_LENGTH = 12;
    /** {@code struct rtnexthop}: u16 length, u8 flags, u8 hops, s32 link index, attributes. */
    private static final int HOP_FIXED_LENGTH = 8;

    private static final int HOP_INDEX_OFFSET = 4;

    public RouteMessage {
        hops = List.copyOf(hops);
    }

    /** A gateway, and the link it is reached by. */
    public record Hop(int linkIndex, InetAddress gateway) {}

    /** Reads the payload of an {@code RTM_NEWROUTE} or {@code RTM_DELROUTE}. */
    public static RouteMessage read(ByteBuffer payload) throws NetlinkException {
        if (payload.remaining() < FIXED_LENGTH) {
            throw NetlinkException.malformed("an rtmsg of " + payload.remaining() + " bytes");
        }
        int start = payload.position();
        List<Hop> hops = new ArrayList<>();
        int linkIndex = 0;
        InetAddress gateway = null;
        for (int at = AttributeReader.first(payload, start + FIXED_LENGTH);
                at != AttributeReader.END;
                at = AttributeReader.next(payload, at)) {
            switch (AttributeReader.type(payload, at)) {
                case RTA_OIF -> linkIndex = AttributeReader.intValue(payload, at);
                case RTA_GATEWAY -> gateway = IpAttribute.address(payload, at);
                case RTA_MULTIPATH -> readHops(AttributeReader.value(payload, at), hops);
                default -> {} // metrics and preferences do not change where it leads
            }
        }
        if (gateway != null) {
            hops.add(new Hop(linkIndex, gateway));
        }
        return new RouteMessage(payload.get(start + DESTINATION_LENGTH_OFFSET) & 0xff, hops);
    }

    private static void readHops(ByteBuffer list, List<Hop> hops) throws NetlinkException {
        while (list.remaining() >= HOP_FIXED_LENGTH) {
            int start = list.position();
            int length = list.getShort(start) & 0xffff;
            if (length < HOP_FIXED_LENGTH || length > list.remaining()) {
                throw NetlinkException.malformed("a next hop of " + length + " bytes in " + list.remaining());
            }
            int linkIndex = list.getInt(start + HOP_INDEX_OFFSET);
            ByteBuffer hop = list.slice(start, length).order(ByteOrder.nativeOrder());
            for (int at = AttributeReader.first(hop, HOP_FIXED_LENGTH);
                    at != AttributeReader.END;
                    at = AttributeReader.next(hop, at)) {
                if (AttributeReader.type(hop, at) == RTA_GATEWAY) {
                    hops.add(new Hop(linkIndex, IpAttribute.address(hop, at)));
                }
            }
            list.position(start + Math.min(NetlinkMessage.align(length), list.remaining()));
        }
    }

    /** Writes the payload of an {@code RTM_GETROUTE} for all routes of a family by a link; a kernel before 4.20 gives those of all links. */
    public static void writeDump(ByteBuffer request, int family, int linkIndex) {
        request.put((byte) family);
        request.put(new byte[FIXED_LENGTH - 1]);
        AttributeWriter.putInt(request, RTA_OIF, linkIndex);
    }

    public boolean isDefault() {
        return destinationLength == 0;
    }
}
