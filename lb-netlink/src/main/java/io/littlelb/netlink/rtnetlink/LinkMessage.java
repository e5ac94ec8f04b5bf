package io.littlelb.netlink.rtnetlink;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.ARPHRD_ETHER;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFF_LOOPBACK;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFF_LOWER_UP;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFF_NOARP;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFF_UP;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFLA_ADDRESS;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFLA_AF_SPEC;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFLA_IFNAME;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFLA_INET_CONF;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IPV4_DEVCONF_PROMOTE_SECONDARIES;

import io.littlelb.linux.MacAddress;
import io.littlelb.linux.SockAddr;
import io.littlelb.netlink.wire.AttributeReader;
import io.littlelb.netlink.wire.AttributeWriter;
import io.littlelb.netlink.wire.NetlinkException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A link, {@code struct ifinfomsg} of {@code linux/rtnetlink.h} with its attributes.
 *
 * <pre>
 *  0  u8   ifi_family
 *  2  u16  ifi_type
 *  4  s32  ifi_index
 *  8  u32  ifi_flags     IFF_* of linux/if.h
 * 12  u32  ifi_change
 * 16  attributes
 * </pre>
 *
 * @param type what kind of hardware, {@code ARPHRD_*}
 * @param flags {@code IFF_*}
 * @param mac its hardware address, where that has six bytes
 * @param promotesSecondaries the link's own {@code promote_secondaries} of
 *     Documentation/networking/ip-sysctl.rst: without it, IPv4 addresses go with the first one of their subnet
 */
public record LinkMessage(
        int index, String name, int type, int flags, Optional<MacAddress> mac, boolean promotesSecondaries) {
    private static final int TYPE_OFFSET = 2;
    private static final int INDEX_OFFSET = 4;
    private static final int FLAGS_OFFSET = 8;
    private static final int FIXED_LENGTH = 16;

    /** Reads the payload of an {@code RTM_NEWLINK} or {@code RTM_DELLINK}. */
    public static LinkMessage read(ByteBuffer payload) throws NetlinkException {
        if (payload.remaining() < FIXED_LENGTH) {
            throw NetlinkException.malformed("an ifinfomsg of " + payload.remaining() + " bytes");
        }
        int start = payload.position();
        String name = "";
        Optional<MacAddress> mac = Optional.empty();
        boolean promotesSecondaries = false;
        for (int at = AttributeReader.first(payload, start + FIXED_LENGTH);
                at != AttributeReader.END;
                at = AttributeReader.next(payload, at)) {
            switch (AttributeReader.type(payload, at)) {
                case IFLA_ADDRESS -> mac = readMac(AttributeReader.value(payload, at));
                case IFLA_IFNAME -> name = AttributeReader.string(payload, at);
                case IFLA_AF_SPEC -> promotesSecondaries = readPromotesSecondaries(AttributeReader.value(payload, at));
                default -> {} // of the many attributes of a link, nothing else matters here
            }
        }
        return new LinkMessage(
                payload.getInt(start + INDEX_OFFSET),
                name,
                payload.getShort(start + TYPE_OFFSET) & 0xffff,
                payload.getInt(start + FLAGS_OFFSET),
                mac,
                promotesSecondaries);
    }

    private static Optional<MacAddress> readMac(ByteBuffer value) {
        return value.remaining() == MacAddress.LENGTH ? Optional.of(MacAddress.read(value)) : Optional.empty();
    }

    /** {@code IFLA_AF_SPEC { AF_INET { IFLA_INET_CONF: u32[] } }}, where setting N is the array's element N - 1. */
    private static boolean readPromotesSecondaries(ByteBuffer families) throws NetlinkException {
        boolean promotes = false;
        for (int at = AttributeReader.first(families, 0);
                at != AttributeReader.END;
                at = AttributeReader.next(families, at)) {
            if (AttributeReader.type(families, at) == SockAddr.AF_INET) {
                promotes |= readPromotesSecondariesOfInet(AttributeReader.value(families, at));
            }
        }
        return promotes;
    }

    private static boolean readPromotesSecondariesOfInet(ByteBuffer inet) throws NetlinkException {
        boolean promotes = false;
        for (int at = AttributeReader.first(inet, 0); at != AttributeReader.END; at = AttributeReader.next(inet, at)) {
            promotes |= AttributeReader.type(inet, at) == IFLA_INET_CONF
                    && AttributeReader.intElement(inet, at, IPV4_DEVCONF_PROMOTE_SECONDARIES - 1) != 0;
        }
        return promotes;
    }

    /** Writes the payload of an {@code RTM_GETLINK} for the link of a name. */
    public static void writeGet(ByteBuffer request, String name) {
        writeFixed(request, 0);
        AttributeWriter.putString(request, IFLA_IFNAME, name);
    }

    /** Writes the payload of an {@code RTM_GETLINK} for all links. */
    public static void writeDump(ByteBuffer request) {
        writeFixed(request, 0);
    }

    /** Writes the payload of an {@code RTM_NEWLINK} that sets {@code promote_secondaries} of a link. */
    public static void writePromoteSecondaries(ByteBuffer request, int index) {
        writeFixed(request, index);
        AttributeWriter.putNested(
                request,
                IFLA_AF_SPEC,
                () -> AttributeWriter.putNested(
                        request,
                        SockAddr.AF_INET,
                        () -> AttributeWriter.putNested(
                                request,
                                IFLA_INET_CONF,
                                () -> AttributeWriter.putInt(request, IPV4_DEVCONF_PROMOTE_SECONDARIES, 1))));
    }

    private static void writeFixed(ByteBuffer request, int index) {
        request.putInt(0); // family, padding, type
        request.putInt(index);
        request.putInt(0); // flags
        request.putInt(0); // change
    }

    /** The hardware address with which ARP is spoken on the link now; empty when none is. */
    public Optional<MacAddress> speaksArpAs() {
        boolean able = type == ARPHRD_ETHER && (flags & (IFF_NOARP | IFF_LOOPBACK)) == 0 && isConnected();
        return able ? mac : Optional.empty();
    }

    /** Whether it is up, and there is somebody at the other end. */
    public boolean isConnected() {
        return isUp() && (flags & IFF_LOWER_UP) != 0;
    }

    /** Whether the link is administratively up. */
    public boolean isUp() {
        return (flags & IFF_UP) != 0;
    }
}
