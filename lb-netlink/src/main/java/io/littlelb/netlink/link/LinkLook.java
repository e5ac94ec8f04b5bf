package io.littlelb.netlink.link;

import com.google.common.collect.LinkedListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.Lists;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Host;
import io.littlelb.core.model.Link;
import io.littlelb.linux.MacAddress;
import io.littlelb.netlink.rtnetlink.AddressMessage;
import io.littlelb.netlink.rtnetlink.LinkMessage;
import io.littlelb.netlink.rtnetlink.RtnetlinkConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one link: what the kernel says now of it and of its addresses, without memory of what it said before.
 *
 * <p>Only the default routes are remembered from look to look, since a host may have a million others that would have to be read with them: they are
 * asked for again when something came that may have changed them. Used by one thread at a time: {@code lb-link}, or a test's.
 */
final class LinkLook {
    private static final Logger log = LoggerFactory.getLogger(LinkLook.class);

    private final String name;
    private final OwnershipMark mark;
    private final RtnetlinkConnection kernel;
    private final Supplier<Set<Integer>> hostPorts;

    private View last;
    private final ListMultimap<InetAddress, AddressMessage> addresses = LinkedListMultimap.create();
    private Set<MacAddress> ownMacs = Set.of();
    private boolean ownMacsKnown;
    private final Gateways gateways;
    private final OtherLinks others;

    LinkLook(String name, OwnershipMark mark, RtnetlinkConnection kernel) {
        this(name, mark, kernel, Set::of);
    }

    /** @param hostPorts those on which programs of the host listen on all addresses */
    LinkLook(String name, OwnershipMark mark, RtnetlinkConnection kernel, Supplier<Set<Integer>> hostPorts) {
        this.name = name;
        this.mark = mark;
        this.kernel = kernel;
        this.gateways = new Gateways(kernel);
        this.others = new OtherLinks(mark, kernel);
        this.hostPorts = hostPorts;
        this.last = absent(Link.State.UNKNOWN);
    }

    /**
     * The link and all its addresses at one moment.
     *
     * @param mac the hardware address with which ARP is spoken on it; empty when none is
     */
    record View(Link link, List<AddressStatus> addresses, Optional<MacAddress> mac) {
        /** Before the first look. */
        static final View NOTHING = new View(Link.absent("", Link.State.UNKNOWN), List.of(), Optional.empty());

        View {
            addresses = List.copyOf(addresses);
        }
    }

    String name() {
        return name;
    }

    /** Default routes may have changed: the next look asks for them. */
    void routesChanged() {
        gateways.changed();
    }

    /** What the kernel has now. A link that is not there, or cannot be told, is an answer too. */
    View look() {
        addresses.clear();
        ownMacsKnown = false;
        try {
            Optional<LinkMessage> found = kernel.link(name);
            last = found.isEmpty() ? absent(Link.State.MISSING) : look(found.get());
        } catch (IOException e) {
            if (last.link().state() != Link.State.UNKNOWN) {
                log.warn("Cannot tell the state of link {}: {}", name, e.getMessage());
            }
            last = absent(Link.State.UNKNOWN);
        }
        return last;
    }

    private View absent(Link.State state) {
        return new View(Link.absent(name, state), List.of(), Optional.empty());
    }

    private View look(LinkMessage message) throws IOException {
        List<AddressMessage> all = kernel.addresses();
        List<AddressMessage> found = all.stream()
                .filter(address -> address.linkIndex() == message.index())
                .toList();
        found.forEach(address -> addresses.put(address.cidr().address(), address));
        Set<InetAddress> elsewhere = others.addresses(all, message.index(), ours());
        Link link = link(message, found, new Host(elsewhere, hostPorts.get()));
        boolean same = link.state() == last.link().state()
                && link.hostAddresses().equals(last.link().hostAddresses());
        return new View(
                link(link, same ? gateways.known(link) : gateways.asked(link)),
                found.stream().map(this::status).toList(),
                message.speaksArpAs());
    }

    private Link link(LinkMessage link, List<AddressMessage> addressesOfLink, Host host) {
        Link.State state = link.isUp() ? Link.State.UP : Link.State.DOWN;
        return new Link(
                link.name(), link.index(), state, hostAddresses(addressesOfLink), Set.of(), link.isConnected(), host);
    }

    private static Link link(Link link, Set<InetAddress> gateways) {
        return new Link(
                link.name(), link.index(), link.state(), link.hostAddresses(), gateways, link.carrier(), link.host());
    }

    /** The links of this network namespace, in the kernel's order. */
    List<Link> links() throws IOException {
        List<Link> links = new ArrayList<>();
        for (LinkMessage message : kernel.links()) {
            Link link = link(message, kernel.addresses(message.index()), Host.NONE);
            links.add(link(link, Gateways.ask(kernel, link.index())));
        }
        return links;
    }

    /** Whether a hardware address is that of a link of this network namespace. */
    boolean isOfThisHost(MacAddress mac) throws IOException {
        if (!ownMacsKnown) { // every change of a link is followed by a look
            Set<MacAddress> macs = new HashSet<>();
            kernel.links().forEach(link -> link.mac().ifPresent(macs::add));
            ownMacs = macs;
            ownMacsKnown = true;
        }
        return ownMacs.contains(mac);
    }

    /**
     * The host's own that it can use: those that it prefers for its own connections first, and then oldest first, for the kernel lists IPv4 addresses
     * in the order they came, IPv6 ones in reverse.
     */
    private List<Cidr> hostAddresses(List<AddressMessage> all) {
        return Stream.concat(
                        all.stream().filter(address -> address.cidr().family() == Family.IPV4),
                        Lists.reverse(all).stream()
                                .filter(address -> address.cidr().family() == Family.IPV6))
                .filter(address -> isTheHosts(address) && !address.isTemporary() && !address.isDuplicate())
                .sorted(Comparator.comparing(AddressMessage::isPreferred).reversed()) // which is stable
                .map(AddressMessage::cidr)
                .toList();
    }

    private boolean isTheHosts(AddressMessage address) {
        return address.isGlobal() && !mark.isOn(address);
    }

    private AddressStatus status(AddressMessage address) {
        if (address.isDuplicate()) {
            String detail = "another host answered duplicate address detection (RFC 4862)";
            return new AddressStatus(address.cidr(), mark.isOn(address), AddressStatus.State.CONFLICT, detail);
        }
        return AddressStatus.of(
                address.cidr(),
                mark.isOn(address),
                address.isTentative() ? AddressStatus.State.TENTATIVE : AddressStatus.State.PRESENT);
    }

    /** What was last seen. */
    View view() {
        return last;
    }

    /** The link as last seen. */
    Link link() {
        return last.link();
    }

    /** The addresses last seen with our mark. */
    List<AddressMessage> ours() {
        return addresses.values().stream().filter(mark::isOn).toList();
    }

    /** All entries of an IP as last seen. */
    Collection<AddressMessage> of(InetAddress ip) {
        return List.copyOf(addresses.get(ip));
    }

    /** All entries of the link as last seen, in the kernel's order. */
    List<AddressMessage> all() {
        return List.copyOf(addresses.values());
    }
}
