package io.littlelb.core.model;

import java.net.InetAddress;
import java.util.Set;

/**
 * What the host has beside the link: no Service may come in its way.
 *
 * @param addresses those of its other links, whoever put them there; without loopback and link-local ones, which mean nothing beyond one host or one link
 * @param ports those on which one of its programs was seen to listen on all addresses, since this process began
 */
public record Host(Set<InetAddress> addresses, Set<Integer> ports) {
    /** Of which nothing is known, or to be heeded. */
    public static final Host NONE = new Host(Set.of(), Set.of());

    public Host {
        addresses = Set.copyOf(addresses);
        ports = Set.copyOf(ports);
    }
}
