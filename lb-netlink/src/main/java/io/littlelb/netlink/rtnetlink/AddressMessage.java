package io.littlelb.netlink.rtnetlink;

import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_ADDRESS;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_BROADCAST;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_CACHEINFO;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_FLAGS;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_F_DADFAILED;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_F_DEPRECATED;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_F_NODAD;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_F_SECONDARY;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_F_TENTATIVE;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_LABEL;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_LOCAL;
import static io.littlelb.netlink.rtnetlink.Rtnetlink.IFA_PROTO;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.linux.SockAddr;
import io.littlelb.netlink.wire.AttributeReader;
import io.littlelb.netlink.wire.AttributeWriter;
import io.littlelb.netlink.wire.NetlinkException;
import java.nio.ByteBuffer;

/**
 * An address of a link, {@code struct ifaddrmsg} of {@code linux/if_addr.h} with its attributes.
 *
 * <pre>
 *  0  u8   ifa_family      AF_INET or AF_INET6
 *  1  u8   ifa_prefixlen
 *  2  u8   ifa_flags       the lower eight; IFA_FLAGS has all of them
 *  3  u8   ifa_scope
 *  4  u32  ifa_index       of the link
 *  8  attributes
 * </pre>
 *
 * @param cidr the address with its prefix length; of a point-to-point address, the host's own end as a single host
 * @param linkIndex the link it is on
 * @param scope how far it is valid, {@code rtscope_t}: 0 is everywhere
 * @param flags {@code IFA_F_*}
 * @param label {@code IFA_LABEL}, IPv4 only; empty when there is none
 * @param protocol {@code IFA_PROTO}, who put it there; 0 when nobody said so
 * @param validSeconds how long it still is valid; {@link #FOREVER} without an end
 */
public record AddressMessage(
        Cidr cidr, int linkIndex, int scope, int flags, String label, int protocol, int validSeconds) {
    /** {@code INFINITY_LIFE_TIME} of the kernel's net/addrconf.h. */
    public static final int FOREVER = 0xffffffff;

    private static final int PREFIX_LENGTH_OFFSET = 1;
    private static final int SCOPE_OFFSET = 3;
    private static final int INDEX_OFFSET = 4;
    private static final int FIXED_LENGTH = 8;

    /** Reads the payload of an {@code RTM_NEWADDR} or {@code RTM_DELADDR} from a buffer of the machine's byte order. */
    public static AddressMessage read(ByteBuffer payload) throws NetlinkException {
        if (payload.remaining() < FIXED_LENGTH) {
            throw NetlinkException.malformed("an ifaddrmsg of " + payload.remaining() + " bytes");
        }
        int start = payload.position();
        int address = AttributeReader.END;
        int local = AttributeReader.END;
        int flags = 0;
        String label = "";
        int protocol = 0;
        int validSeconds = FOREVER;
        for (int at = AttributeReader.first(payload, start + FIXED_LENGTH);
                at != AttributeReader.END;
                at = AttributeReader.next(payload, at)) {
            switch (AttributeReader.type(payload, at)) {
                case IFA_ADDRESS -> address = at;
                case IFA_LOCAL -> local = at;
                case IFA_FLAGS -> flags = AttributeReader.intValue(payload, at);
                case IFA_LABEL -> label = AttributeReader.string(payload, at);
                case IFA_CACHEINFO -> validSeconds = AttributeReader.intElement(payload, at, 1);
                case IFA_PROTO -> protocol = AttributeReader.byteValue(payload, at);
                default -> {} // statistics and whatever later kernels add
            }
        }
        return new AddressMessage(
                cidr(payload, address, local),
                payload.getInt(start + INDEX_OFFSET),
                payload.get(start + SCOPE_OFFSET) & 0xff,
                flags,
                label,
                protocol,
                validSeconds);
    }

    /** {@code IFA_ADDRESS} is the prefix address; where {@code IFA_LOCAL} differs, it is the peer's, and the prefix is its. */
    private static Cidr cidr(ByteBuffer payload, int address, int local) throws NetlinkException {
        int own = local == AttributeReader.END ? address : local;
        if (own == AttributeReader.END) {
            throw NetlinkException.malformed("an address message without an address");
        }
        Family family = IpAttribute.family(payload, own);
        boolean pointToPoint = address != AttributeReader.END && !AttributeReader.same(payload, own, address);
        int length = pointToPoint ? family.bits() : payload.get(payload.position() + PREFIX_LENGTH_OFFSET) & 0xff;
        if (length > family.bits()) {
            throw NetlinkException.malformed("a prefix of " + length + " bits");
        }
        return IpAttribute.cidr(payload, own, family, length);
    }

    /**
     * Writes the payload of an {@code RTM_NEWADDR} for this address, or the {@code RTM_DELADDR} that takes it away, to a buffer of the
     * machine's byte order.
     *
     * <p>IPv4 gets the broadcast address of its subnet. IPv6 gets a preferred lifetime of 0: the host must not choose it as the
     * source of its own connections (RFC 6724 section 5 rule 3).
     */
    public void writeTo(ByteBuffer request) {
        boolean ipv4 = cidr.family() == Family.IPV4;
        request.put((byte) (ipv4 ? SockAddr.AF_INET : SockAddr.AF_INET6));
        request.put((byte) cidr.prefixLength());
        request.put((byte) 0);
        request.put((byte) scope);
        request.putInt(linkIndex);
        IpAttribute.put(request, IFA_LOCAL, cidr.family(), cidr.high(), cidr.low());
        IpAttribute.put(request, IFA_ADDRESS, cidr.family(), cidr.high(), cidr.low());
        AttributeWriter.putInt(request, IFA_FLAGS, flags);
        if (protocol != 0) {
            AttributeWriter.putByte(request, IFA_PROTO, protocol);
        }
        if (!label.isEmpty()) {
            AttributeWriter.putString(request, IFA_LABEL, label);
        }
        boolean hasBroadcast = ipv4 && cidr.prefixLength() < Family.IPV4.bits() - 1; // RFC 3021: a /31 has none
        if (hasBroadcast) {
            long hostBits = 0xffff_ffffL >>> cidr.prefixLength();
            IpAttribute.put(request, IFA_BROADCAST, Family.IPV4, 0, cidr.low() | hostBits);
        }
        if (!ipv4 || validSeconds != FOREVER) {
            writeLifetimes(request, ipv4 ? validSeconds : 0);
        }
    }

    /** {@code struct ifa_cacheinfo}: u32 preferred and valid lifetimes in seconds, then two time stamps of the kernel's. */
    private void writeLifetimes(ByteBuffer request, int preferredSeconds) {
        AttributeWriter.begin(request, IFA_CACHEINFO, 4 * Integer.BYTES);
        request.putInt(preferredSeconds).putInt(validSeconds).putInt(0).putInt(0);
    }

    /** Writes the payload of an {@code RTM_GETADDR} for all addresses of a link, of both families. */
    public static void writeDump(ByteBuffer request, int linkIndex) {
        request.putInt(0); // family, prefix length, flags, scope
        request.putInt(linkIndex);
    }

    /** The same, without duplicate address detection, RFC 4862 section 5.4, when it is added. */
    public AddressMessage withoutDetection() {
        return new AddressMessage(cidr, linkIndex, scope, flags | IFA_F_NODAD, label, protocol, validSeconds);
    }

    /** Whether it is valid everywhere: not on this link or this host only. */
    public boolean isGlobal() {
        return scope == Rtnetlink.RT_SCOPE_UNIVERSE;
    }

    /** Whether duplicate address detection, RFC 4862 section 5.4, is still going on. */
    public boolean isTentative() {
        return cidr.family() == Family.IPV6 && (flags & IFA_F_TENTATIVE) != 0 && !isDuplicate();
    }

    /** Whether duplicate address detection found another host that has it. */
    public boolean isDuplicate() {
        return cidr.family() == Family.IPV6 && (flags & IFA_F_DADFAILED) != 0;
    }

    /** Whether the host may choose it for its own connections, RFC 4862 section 5.5.4. */
    public boolean isPreferred() {
        return (flags & IFA_F_DEPRECATED) == 0 && !isTentative();
    }

    /** Whether other addresses of its subnet may come to depend on it. */
    public boolean canHaveSecondaries() {
        return cidr.family() == Family.IPV4 && cidr.prefixLength() < Family.IPV4.bits();
    }

    /** Whether it goes away when the first address of its subnet does. */
    public boolean isSecondary() {
        return cidr.family() == Family.IPV4 && (flags & IFA_F_SECONDARY) != 0;
    }

    /** Whether it is one that the host made up for privacy and will replace, RFC 8981. */
    public boolean isTemporary() {
        return cidr.family() == Family.IPV6 && (flags & IFA_F_SECONDARY) != 0;
    }
}
