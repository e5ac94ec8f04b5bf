/**
 * Netlink, netlink(7), of any protocol: sockets, messages, attributes, requests with their answers and refusals. It knows of no routes, no addresses and
 * no load balancer: a client of nftables or of conntrack could stand on it as {@code io.littlelb.netlink.rtnetlink} does.
 *
 * <p>Start reading at {@link io.littlelb.netlink.wire.NetlinkConnection}.
 */
package io.littlelb.netlink.wire;
