/**
 * What is said and heard on a link about whose an address is: ARP for IPv4, with probes, announcements and defence as RFC 5227 has them; neighbour
 * advertisements for IPv6, whose probes are the kernel's own.
 *
 * <p>Start reading at {@link io.littlelb.netlink.arp.Neighbourhood}.
 */
package io.littlelb.netlink.arp;
