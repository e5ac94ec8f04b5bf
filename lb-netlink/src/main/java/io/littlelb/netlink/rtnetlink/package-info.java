/**
 * The kernel's routing tables, rtnetlink(7): links, addresses and routes, read and written as the kernel's headers lay them out.
 *
 * <p>Start reading at {@link io.littlelb.netlink.rtnetlink.RtnetlinkConnection}.
 */
package io.littlelb.netlink.rtnetlink;
