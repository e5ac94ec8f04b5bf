package io.littlelb.linux;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import jnr.ffi.Pointer;

/**
 * A socket address in native memory.
 *
 * <pre>
 * struct sockaddr_in  (netinet/in.h)          struct sockaddr_in6 (netinet/in.h)         struct sockaddr_nl (linux/netlink.h)
 *  0  u16   sin_family   2                     0  u16   sin6_family   10                  0  u16  nl_family  16
 *  2  be16  sin_port                           2  be16  sin6_port                         2  u16  padding
 *  4  u8[4] sin_addr                           4  be32  sin6_flowinfo                     4  u32  nl_pid
 *  8  u8[8] padding                            8  u8[16] sin6_addr                        8  u32  nl_groups
 * 16                                          24  u32   sin6_scope_id                    12
 *                                             28
 *
 * struct sockaddr_ll (linux/if_packet.h)
 *  0  u16  sll_family  17
 *  2  be16 sll_protocol
 *  4  s32  sll_ifindex
 *  8  u16  sll_hatype
 * 10  u8   sll_pkttype, which the kernel fills in
 * 11  the address of the sender
 * 20
 * </pre>
 */
public final class SockAddr {
    /** {@code AF_INET}. */
    public static final int AF_INET = 2;
    /** {@code AF_INET6}. */
    public static final int AF_INET6 = 10;
    /** {@code AF_NETLINK}. */
    public static final int AF_NETLINK = 16;
    /** {@code AF_PACKET}. */
    public static final int AF_PACKET = 17;

    /** {@code PACKET_MULTICAST} of {@code linux/if_packet.h}: together with 0, to this host, and 1, to all, what is for us. */
    public static final int PACKET_MULTICAST = 2;

    private static final int IN_LENGTH = 16;
    private static final int IN6_LENGTH = 28;
    private static final int NL_LENGTH = 12;
    private static final int LL_LENGTH = 20;
    private static final int FAMILY_OFFSET = 0;
    private static final int PORT_OFFSET = 2;
    private static final int IN_ADDRESS_OFFSET = 4;
    private static final int IN6_ADDRESS_OFFSET = 8;
    private static final int LL_INDEX_OFFSET = 4;
    private static final int LL_PACKET_TYPE_OFFSET = 10;
    private static final int NL_PID_OFFSET = 4;
    private static final int NL_GROUPS_OFFSET = 8;

    private final Pointer memory;
    private final Pointer length = Memory.allocate(Integer.BYTES);

    private SockAddr(int size, int family) {
        memory = Memory.allocate(size);
        memory.putShort(FAMILY_OFFSET, (short) family);
        length.putInt(0, size);
    }

    /** The address of a TCP or UDP endpoint; of the family of the IP. */
    public static SockAddr of(InetAddress ip, int port) {
        return (ip instanceof Inet4Address ? new SockAddr(IN_LENGTH, AF_INET) : new SockAddr(IN6_LENGTH, AF_INET6))
                .set(ip, port);
    }

    /** Makes this the address of another TCP or UDP endpoint; there must be room, as in an {@link #empty} one. */
    public SockAddr set(InetAddress ip, int port) {
        boolean ipv4 = ip instanceof Inet4Address;
        byte[] bytes = ip.getAddress();
        memory.putShort(FAMILY_OFFSET, (short) (ipv4 ? AF_INET : AF_INET6));
        memory.putByte(PORT_OFFSET, (byte) (port >> 8));
        memory.putByte(PORT_OFFSET + 1, (byte) port);
        memory.putInt(IN_ADDRESS_OFFSET, 0); // the flow of IPv6
        memory.put(ipv4 ? IN_ADDRESS_OFFSET : IN6_ADDRESS_OFFSET, bytes, 0, bytes.length);
        length.putInt(0, ipv4 ? IN_LENGTH : IN6_LENGTH);
        return this;
    }

    /**
     * The address of a netlink socket.
     *
     * @param portId the owner's port id; 0 is the kernel, or, in bind(2), "choose one for me"
     * @param groups the multicast groups 1 to 32 as bits
     */
    public static SockAddr netlink(int portId, int groups) {
        SockAddr address = new SockAddr(NL_LENGTH, AF_NETLINK);
        address.memory.putInt(NL_PID_OFFSET, portId);
        address.memory.putInt(NL_GROUPS_OFFSET, groups);
        return address;
    }

    /**
     * A link, for sockets that see whole frames, packet(7).
     *
     * @param ethertype which frames, {@code ETH_P_*}
     */
    public static SockAddr packet(int linkIndex, int ethertype) {
        SockAddr address = new SockAddr(LL_LENGTH, AF_PACKET);
        address.memory.putByte(PORT_OFFSET, (byte) (ethertype >> 8));
        address.memory.putByte(PORT_OFFSET + 1, (byte) ethertype);
        address.memory.putInt(LL_INDEX_OFFSET, linkIndex);
        return address;
    }

    /** Room for an address of any family above, for a call that fills it in. */
    public static SockAddr empty() {
        return new SockAddr(IN6_LENGTH, 0);
    }

    /** {@code AF_INET}, {@code AF_INET6} or {@code AF_NETLINK}; 0 while nothing was filled in. */
    public int family() {
        return memory.getShort(FAMILY_OFFSET);
    }

    /** The endpoint of an IPv4 or IPv6 address. */
    public InetSocketAddress inet() {
        int port = ((memory.getByte(PORT_OFFSET) & 0xff) << 8) | (memory.getByte(PORT_OFFSET + 1) & 0xff);
        return new InetSocketAddress(ip(), port);
    }

    /** Whether both are the same IP and port; makes no objects. */
    public boolean isSameEndpoint(SockAddr other) {
        boolean ipv4 = family() == AF_INET;
        boolean same = family() == other.family()
                && (ipv4 || family() == AF_INET6)
                && memory.getShort(PORT_OFFSET) == other.memory.getShort(PORT_OFFSET);
        int from = ipv4 ? IN_ADDRESS_OFFSET : IN6_ADDRESS_OFFSET;
        for (int at = from; same && at < from + (ipv4 ? 4 : 16); at += Integer.BYTES) {
            same = memory.getInt(at) == other.memory.getInt(at);
        }
        return same;
    }

    /** The IP of an IPv4 or IPv6 address. */
    public InetAddress ip() {
        boolean ipv4 = family() == AF_INET;
        if (!ipv4 && family() != AF_INET6) {
            throw new IllegalStateException("not an IP address, but of family " + family());
        }
        byte[] bytes = new byte[ipv4 ? 4 : 16];
        memory.get(ipv4 ? IN_ADDRESS_OFFSET : IN6_ADDRESS_OFFSET, bytes, 0, bytes.length);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /** The port id of a netlink address: who it is, or who sent a message; 0 is the kernel. */
    public int portId() {
        if (family() != AF_NETLINK) {
            throw new IllegalStateException("not a netlink address, but of family " + family());
        }
        return memory.getInt(NL_PID_OFFSET);
    }

    /** {@code sll_pkttype} of where a frame came from: for whom it was, {@code PACKET_*}. */
    public int packetType() {
        if (family() != AF_PACKET) {
            throw new IllegalStateException("not an address of packets, but of family " + family());
        }
        return memory.getByte(LL_PACKET_TYPE_OFFSET);
    }

    Pointer memory() {
        return memory;
    }

    int length() {
        return length.getInt(0);
    }

    /** The length as a value-result argument: all the room there is going in, what was used coming out. */
    Pointer lengthForFilling() {
        length.putInt(0, (int) memory.size());
        return length;
    }

    @Override
    public String toString() {
        if (family() == AF_PACKET) {
            return "packets of link " + memory.getInt(LL_INDEX_OFFSET);
        }
        if (family() == AF_NETLINK) {
            return "netlink port " + portId();
        }
        InetSocketAddress inet = inet();
        String ip = inet.getAddress().getHostAddress();
        return (family() == AF_INET ? ip : "[" + ip + "]") + ":" + inet.getPort();
    }
}
