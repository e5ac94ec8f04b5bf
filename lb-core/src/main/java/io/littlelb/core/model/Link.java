package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The network link that addresses are put on, as the host itself has it: our own addresses are left out of it.
 *
 * @param name the name, such as {@code eth0}; known even while the link is not there
 * @param index the kernel's index of the link; 0 while it is not there
 * @param state whether the link can carry traffic, as far as we know
 * @param hostAddresses the host's own addresses of global scope with their prefix lengths, in the kernel's order; the
 *     first of each family is that family's primary
 * @param gateways the next hops of the default routes: addresses that no Service may take
 * @param carrier whether there is somebody at the other end: a link that is up may have none, and then nobody is reached by it
 * @param host what the host has beside this link
 */
public record Link(
        String name,
        int index,
        State state,
        List<Cidr> hostAddresses,
        Set<InetAddress> gateways,
        boolean carrier,
        Host host) {
    /** What we know of a link. Everything but {@link #UP} freezes what is: it is no evidence that anything ended. */
    public enum State {
        /** Present and administratively up. */
        UP,
        /** Present, but administratively down. */
        DOWN,
        /** No link has this name. */
        MISSING,
        /** The kernel could not be asked, or gave an inconsistent answer. */
        UNKNOWN
    }

    public Link {
        requireNonNull(name, "name");
        requireNonNull(state, "state");
        hostAddresses = List.copyOf(hostAddresses);
        gateways = Set.copyOf(gateways);
        requireNonNull(host, "host");
    }

    /** The only link of a host, with somebody at the other end if it is up. */
    public Link(String name, int index, State state, List<Cidr> hostAddresses, Set<InetAddress> gateways) {
        this(name, index, state, hostAddresses, gateways, state == State.UP, Host.NONE);
    }

    /** A link of which nothing more is known than that it is missing, or that we cannot tell. */
    public static Link absent(String name, State state) {
        return new Link(name, 0, state, List.of(), Set.of());
    }

    /** The host's first address of a family: the one that Services without a wish share. */
    public Optional<Cidr> primary(Family family) {
        return hostAddresses.stream()
                .filter(address -> address.family() == family)
                .findFirst();
    }

    /** Whether addresses of a family can be allocated and added: the link is up and the host has one itself. */
    public boolean isReady(Family family) {
        return state == State.UP && primary(family).isPresent();
    }

    /** Whether the host itself has the address on this link. */
    public boolean isHosts(InetAddress address) {
        return hostAddresses.stream().anyMatch(own -> own.address().equals(address));
    }

    /** Whether another link of the host has the address. One that the host has given to both is no concern of ours: it is this one's as well. */
    public boolean isElsewhere(InetAddress address) {
        return host.addresses().contains(address) && !isHosts(address);
    }

    /** The subnets of a family, each once. */
    public List<Cidr> subnets(Family family) {
        return hostAddresses.stream()
                .filter(address -> address.family() == family)
                .map(Cidr::subnet)
                .distinct()
                .toList();
    }

    /** The narrowest subnet of the link that the address lies in. */
    public Optional<Cidr> subnetOf(InetAddress address) {
        return subnets(Family.of(address)).stream()
                .filter(subnet -> subnet.contains(address))
                .max(Comparator.comparingInt(Cidr::prefixLength));
    }
}
