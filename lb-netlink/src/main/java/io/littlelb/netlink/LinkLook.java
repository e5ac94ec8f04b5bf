package io.littlelb.netlink;

import static io.littlelb.netlink.Rtnetlink.RTM_GETADDR;
import static io.littlelb.netlink.Rtnetlink.RTM_GETLINK;
import static io.littlelb.netlink.Rtnetlink.RTM_GETROUTE;
import static java.util.stream.Collectors.toSet;

import com.google.common.collect.LinkedListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.Lists;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Host;
import io.littlelb.core.model.Link;
import io.littlelb.linux.Errno;
import io.littlelb.linux.SockAddr;
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

    /** No link has this index. */
    private static final int EVERY_LINK = 0;
    /** Where kube-proxy in mode ipvs puts addresses of Services, ours with them: not the host's, and never spoken for on any network. */
    private static final String LINK_OF_SERVICES = "kube-ipvs0";

    private final String name;
    private final OwnershipMark mark;
    private final NetlinkConnection kernel;
    private final Supplier<Set<Integer>> hostPorts;

    private View last;
    private final ListMultimap<InetAddress, AddressMessage> addresses = LinkedListMultimap.create();
    private Set<MacAddress> ownMacs = Set.of();
    private boolean ownMacsKnown;
    private Set<InetAddress> gateways = Set.of();
    private boolean gatewaysKnown;

    LinkLook(String name, OwnershipMark mark, NetlinkConnection kernel) {
        this(name, mark, kernel, Set::of);
    }

    /** @param hostPorts those on which programs of the host listen on all addresses */
    LinkLook(String name, OwnershipMark mark, NetlinkConnection kernel, Supplier<Set<Integer>> hostPorts) {
        this.name = name;
        this.mark = mark;
        this.kernel = kernel;
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
        gatewaysKnown = false;
    }

    /** What the kernel has now. A link that is not there, or cannot be told, is an answer too. */
    View look() {
        addresses.clear();
        ownMacsKnown = false;
        try {
            Optional<LinkMessage> found = find();
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
        List<AddressMessage> all = addresses(EVERY_LINK);
        List<AddressMessage> found = all.stream()
                .filter(address -> address.linkIndex() == message.index())
                .toList();
        found.forEach(address -> addresses.put(address.cidr().address(), address));
        Link link = link(message, found, new Host(elsewhere(all, message.index()), hostPorts.get()));
        return new View(
                link.state() == last.link().state()
                                && link.hostAddresses().equals(last.link().hostAddresses())
                        ? link(link, knownGateways(link))
                        : link(link, gateways(link)),
                found.stream().map(this::status).toList(),
                message.speaksArpAs());
    }

    private Link link(LinkMessage link, List<AddressMessage> addressesOfLink, Host host) {
        Link.State state = link.isUp() ? Link.State.UP : Link.State.DOWN;
        return new Link(link.name(), link.index(), state, hostAddresses(addressesOfLink), Set.of(), host);
    }

    private static Link link(Link link, Set<InetAddress> gateways) {
        return new Link(link.name(), link.index(), link.state(), link.hostAddresses(), gateways, link.host());
    }

    /** What other links have. Where two instances have put an address on theirs at the same moment, the first link keeps it: both would let it go. */
    private Set<InetAddress> elsewhere(List<AddressMessage> all, int index) throws IOException {
        Set<InetAddress> ours =
                ours().stream().map(address -> address.cidr().address()).collect(toSet());
        List<AddressMessage> others = all.stream()
                .filter(address -> address.linkIndex() != index && meansSomethingElsewhere(address))
                .filter(address -> !(address.linkIndex() > index
                        && mark.isOnAnothers(address)
                        && ours.contains(address.cidr().address())))
                .toList();
        int ofServices = others.isEmpty()
                ? EVERY_LINK
                : find(LINK_OF_SERVICES).map(LinkMessage::index).orElse(EVERY_LINK);
        return others.stream()
                .filter(address -> address.linkIndex() != ofServices)
                .map(address -> address.cidr().address())
                .collect(toSet());
    }

    private static boolean meansSomethingElsewhere(AddressMessage address) {
        InetAddress ip = address.cidr().address();
        return !ip.isLoopbackAddress() && !ip.isLinkLocalAddress();
    }

    /** The links of this network namespace, in the kernel's order. */
    List<Link> links() throws IOException {
        List<Link> links = new ArrayList<>();
        for (LinkMessage message : allLinks()) {
            Link link = link(message, addresses(message.index()), Host.NONE);
            links.add(link(link, askForGateways(link.index())));
        }
        return links;
    }

    private List<LinkMessage> allLinks() throws IOException {
        return kernel.dump("list the links", RTM_GETLINK, LinkMessage::writeDump, LinkMessage::read);
    }

    /** Whether a hardware address is that of a link of this network namespace. */
    boolean isOfThisHost(MacAddress mac) throws IOException {
        if (!ownMacsKnown) { // every change of a link is followed by a look
            Set<MacAddress> macs = new HashSet<>();
            allLinks().forEach(link -> link.mac().ifPresent(macs::add));
            ownMacs = macs;
            ownMacsKnown = true;
        }
        return ownMacs.contains(mac);
    }

    Optional<LinkMessage> find() throws IOException {
        return find(name);
    }

    private Optional<LinkMessage> find(String wanted) throws IOException {
        try {
            return Optional.of(kernel.get(
                    "look for link " + wanted,
                    RTM_GETLINK,
                    request -> LinkMessage.writeGet(request, wanted),
                    LinkMessage::read));
        } catch (NetlinkException e) {
            if (e.errno() == Errno.ENODEV) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private List<AddressMessage> addresses(int index) throws IOException {
        return kernel
                .dump(
                        "list the addresses of " + (index == EVERY_LINK ? "all links" : name),
                        RTM_GETADDR,
                        request -> AddressMessage.writeDump(request, index),
                        AddressMessage::read)
                .stream()
                .filter(address -> index == EVERY_LINK || address.linkIndex() == index) // before 5.0 all are listed
                .toList();
    }

    private Set<InetAddress> knownGateways(Link link) {
        return gatewaysKnown && link.index() == last.link().index() ? gateways : gateways(link);
    }

    /** Those that were known, where they cannot be told now: a table that keeps changing is no reason to stop. */
    private Set<InetAddress> gateways(Link link) {
        try {
            gateways = askForGateways(link.index());
            gatewaysKnown = true;
        } catch (IOException e) {
            log.warn("Cannot tell the default routes of {} now: {}", name, e.getMessage());
            gatewaysKnown = false;
        }
        return gateways;
    }

    private Set<InetAddress> askForGateways(int index) throws IOException {
        Set<InetAddress> found = new HashSet<>();
        for (int family : new int[] {SockAddr.AF_INET, SockAddr.AF_INET6}) {
            kernel
                    .dump(
                            "list the routes of " + name,
                            RTM_GETROUTE,
                            request -> RouteMessage.writeDump(request, family, index),
                            RouteMessage::read)
                    .stream()
                    .filter(RouteMessage::isDefault)
                    .flatMap(route -> route.hops().stream())
                    .filter(hop -> hop.linkIndex() == index)
                    .forEach(hop -> found.add(hop.gateway()));
        }
        return Set.copyOf(found);
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

    /**
     * IPv4 addresses of ours that stand before one of the host's. The kernel takes the first address of a link as the source wherever a route names
     * neither a source nor a gateway, and tells it to those who ask with SIOCGIFADDR, netdevice(7). And where ours has the length of the host's
     * subnet and is the first of it, the host's own is a secondary one, for which the kernel makes no route: the host is cut off.
     */
    List<AddressMessage> beforeTheHosts() {
        List<AddressMessage> ipv4 = addresses.values().stream()
                .filter(address -> address.cidr().family() == Family.IPV4 && address.isGlobal())
                .toList();
        Set<Cidr> hosts = new HashSet<>();
        boolean hostsFirst = false;
        Set<Cidr> cutOff = new HashSet<>();
        Set<AddressMessage> misplaced = new HashSet<>();
        for (AddressMessage address : Lists.reverse(ipv4)) {
            if (!mark.isOn(address)) {
                hostsFirst |= !address.isSecondary();
                hosts.add(address.cidr().subnet());
            } else if (!address.isSecondary() && (hostsFirst || sharesOne(address, hosts))) {
                misplaced.add(address);
                cutOff.add(address.cidr().subnet());
            }
        }
        if (misplaced.isEmpty()) {
            return List.of();
        }
        return ipv4.stream()
                .filter(address -> misplaced.contains(address)
                        || (mark.isOn(address) && sharesOne(address, cutOff))) // or it would be next
                .toList();
    }

    private static boolean sharesOne(AddressMessage address, Set<Cidr> subnets) {
        return address.canHaveSecondaries() && subnets.contains(address.cidr().subnet());
    }
}
