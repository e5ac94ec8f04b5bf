/**
 * Addresses on a Linux link, over raw rtnetlink(7): added with our mark, told apart from everybody else's, and taken off again.
 *
 * <p>From the outside in: {@link io.littlelb.netlink.RtnetlinkAddressManager} is the port of the core;
 * {@code AddressLedger} holds what is wished and what is seen; {@code LinkTask} is what the thread {@code lb-link} does about the difference, with
 * {@code LinkLook}, {@code LinkChanges} and {@code Neighbourhood}; {@code NetlinkConnection} asks the kernel and {@code LinkMonitor} hears from it; {@code AddressMessage}, {@code LinkMessage} and {@code RouteMessage} are what is said,
 * read and written with {@code AttributeReader} and {@code AttributeWriter}.
 *
 * <p>Sockets belong to the network namespace of the thread that opened them, so a manager serves the namespace it was opened
 * in, whatever thread uses it.
 *
 * <p>Start reading at {@link io.littlelb.netlink.RtnetlinkAddressManager}.
 */
package io.littlelb.netlink;
