package io.littlelb.netlink.rtnetlink;

import com.google.common.io.BaseEncoding;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Messages written down as hexadecimal text; a space may stand wherever it helps the reader. */
final class Bytes {
    /** An address of the host's, as a kernel 6.18 listed it: {@code 198.18.0.1/24 brd 198.18.0.255} on link 3. */
    static final String HOST_IPV4 = "58000000 1400 2200 07000000 89280000" // nlmsghdr: RTM_NEWADDR, sequence 7
            + "02 18 80 00 03000000" // ifaddrmsg: AF_INET, /24, permanent, universe, link 3
            + "0800 0100 c6120001" // IFA_ADDRESS
            + "0800 0200 c6120001" // IFA_LOCAL
            + "0800 0400 c61200ff" // IFA_BROADCAST
            + "0a00 0300 766574683000 0000" // IFA_LABEL "veth0", padded
            + "0800 0800 80000000" // IFA_FLAGS: permanent
            + "1400 0600 ffffffff ffffffff 22611900 22611900"; // IFA_CACHEINFO: for ever

    /** One with our mark: secondary, without a prefix route. */
    static final String OURS_IPV4 = "60000000 1400 2200 07000000 f7280000"
            + "02 18 81 00 03000000" // ifaddrmsg: permanent, secondary
            + "0800 0100 c6120009" // IFA_ADDRESS
            + "0800 0200 c6120009" // IFA_LOCAL
            + "0800 0400 c61200ff" // IFA_BROADCAST
            + "0a00 0300 766574683000 0000" // IFA_LABEL "veth0", padded
            + "0500 0b00 4c 000000" // IFA_PROTO 76, padded
            + "0800 0800 81020000" // IFA_FLAGS: permanent, no prefix route, secondary
            + "1400 0600 ffffffff ffffffff 076a1900 076a1900"; // IFA_CACHEINFO: for ever

    /** One with our mark in IPv6: never preferred, hence deprecated. */
    static final String OURS_IPV6 = "50000000 1400 2200 07000000 f7280000"
            + "0a 40 a2 00 03000000" // ifaddrmsg: AF_INET6, /64, permanent, deprecated, no detection
            + "1400 0100 20010db8000000000000000000000009" // IFA_ADDRESS
            + "1400 0600 00000000 ffffffff 076a1900 076a1900" // IFA_CACHEINFO: preferred 0, valid for ever
            + "0800 0800 a2020000" // IFA_FLAGS: permanent, no prefix route, deprecated, no detection
            + "0500 0b00 4c 000000"; // IFA_PROTO 76, padded

    /** A host's own end of a point-to-point address: {@code 192.0.2.1 peer 192.0.2.2/32}. */
    static final String POINT_TO_POINT = "50000000 1400 2200 07000000 89280000"
            + "02 20 80 00 02000000" // ifaddrmsg: AF_INET, /32, permanent, universe, link 2
            + "0800 0100 c0000202" // IFA_ADDRESS: the peer
            + "0800 0200 c0000201" // IFA_LOCAL: the host
            + "0a00 0300 766574683100 0000" // IFA_LABEL "veth1", padded
            + "0800 0800 80000000" // IFA_FLAGS: permanent
            + "1400 0600 ffffffff ffffffff 22611900 22611900"; // IFA_CACHEINFO: for ever

    /** The default route by way of 198.18.0.254. */
    static final String DEFAULT_ROUTE = "34000000 1800 2200 07000000 89280000"
            + "02 00 00 00 fe 03 00 01 00000000" // rtmsg: AF_INET, no destination, table main, boot, universe, unicast
            + "0800 0f00 fe000000" // RTA_TABLE
            + "0800 0500 c61200fe" // RTA_GATEWAY
            + "0800 0400 03000000"; // RTA_OIF

    /** A route with two next hops: 192.0.2.0/24 by way of 198.18.0.250 and .251. */
    static final String MULTIPATH_ROUTE = "50000000 1800 2200 07000000 89280000"
            + "02 18 00 00 fe 03 00 01 00000000" // rtmsg: AF_INET, /24, table main, boot, universe, unicast
            + "0800 0f00 fe000000" // RTA_TABLE
            + "0800 0100 c0000200" // RTA_DST
            + "2400 0900" // RTA_MULTIPATH
            + "1000 00 00 03000000 0800 0500 c61200fa" // rtnexthop: link 3, RTA_GATEWAY
            + "1000 00 00 03000000 0800 0500 c61200fb";

    /** A link, {@code veth0} with its {@code promote_secondaries} set; the attributes that say nothing here are left out. */
    static final String LINK = "d0000000 1000 0000 07000000 8c1f0000" // nlmsghdr: RTM_NEWLINK
            + "00 00 0100 03000000 03100000 00000000" // ifinfomsg: ARPHRD_ETHER, link 3, up, broadcast, multicast
            + "0a00 0300 766574683000 0000" // IFLA_IFNAME "veth0", padded
            + "0800 0400 dc050000" // IFLA_MTU 1500
            + "0a00 0100 f21cdc8112f2 0000" // IFLA_ADDRESS, padded
            + "9000 1a00" // IFLA_AF_SPEC
            + "8c00 0200" // AF_INET
            + "8800 0100" // IFLA_INET_CONF: 33 settings
            + "00000000 00000000 00000000 01000000 01000000 01000000 01000000 00000000 01000000 00000000" // settings 1
            // to 10
            + "00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000" // settings 11 to 19
            + "01000000" // setting 20, promote_secondaries
            + "00000000 00000000 00000000 00000000 00000000 00000000 10270000 e8030000 00000000 00000000 00000000 00000000 01000000"; // settings 21 to 33

    /** A refusal: RTM_NEWADDR with a prefix length of 99. */
    static final String REFUSED = "44000000 0200 0003 07000000 89280000" // NLMSG_ERROR, capped, with attributes
            + "eaffffff" // EINVAL
            + "20000000 1400 0506 07000000 00000000" // the header of the request
            + "2000 0100 697076343a20496e76616c696420707265666978206c656e67746800"; // NLMSGERR_ATTR_MSG

    /** An ack: error 0. */
    static final String ACK = "24000000 0200 0001 07000000 f7280000 00000000 40000000 1400 0506 07000000 00000000";

    /** One of each kind of message, for what tries them all. */
    static final List<String> ALL = List.of(
            HOST_IPV4, OURS_IPV4, OURS_IPV6, POINT_TO_POINT, DEFAULT_ROUTE, MULTIPATH_ROUTE, LINK, REFUSED, ACK);

    private Bytes() {}

    /** The bytes, in a buffer of the machine's order. The tables are of a little-endian machine. */
    static ByteBuffer of(String hex) {
        byte[] bytes = BaseEncoding.base16().lowerCase().decode(hex.replace(" ", ""));
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    /** What is between position and limit, as the tables have it. */
    static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return BaseEncoding.base16().lowerCase().encode(bytes);
    }
}
