/**
 * Addresses on a Linux link: added with our mark, told apart from everybody else's, and taken off again.
 *
 * <p>From the outside in: {@link io.littlelb.netlink.link.RtnetlinkAddressManager} is the port of the core; {@code AddressLedger} holds what is wished and
 * what is seen, one {@code LedgerEntry} an address; {@code LinkTask} is what the thread {@code lb-link} does about the difference: {@code LinkLook} sees,
 * {@code LinkChanges} and {@code HostFirst} change, {@code LinkMonitor} hears of what others change, and the neighbours of
 * {@code io.littlelb.netlink.arp} are asked and told.
 *
 * <p>Sockets belong to the network namespace of the thread that opened them, so a manager serves the namespace it was opened
 * in, whatever thread uses it.
 *
 * <p>Promised to embedders: {@code RtnetlinkAddressManager}, {@code LinkConfig}, {@code Links}. Start reading at the first.
 */
package io.littlelb.netlink.link;
