package io.littlelb.netlink;

import static io.littlelb.netlink.Rtnetlink.NLM_F_CREATE;
import static io.littlelb.netlink.Rtnetlink.NLM_F_EXCL;
import static io.littlelb.netlink.Rtnetlink.NLM_F_REPLACE;
import static io.littlelb.netlink.Rtnetlink.RTM_DELADDR;
import static io.littlelb.netlink.Rtnetlink.RTM_GETADDR;
import static io.littlelb.netlink.Rtnetlink.RTM_GETLINK;
import static io.littlelb.netlink.Rtnetlink.RTM_GETROUTE;
import static io.littlelb.netlink.Rtnetlink.RTM_NEWADDR;
import static io.littlelb.netlink.Rtnetlink.RTM_NEWLINK;

import com.google.common.collect.LinkedListMultimap;
import com.google.common.collect.ListMultimap;
import com.google.common.collect.Lists;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.linux.Errno;
import io.littlelb.linux.SockAddr;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one link and changes its addresses, by the rules that keep other people's safe.
 *
 * <p>Every look is a whole one: what the kernel says now, without memory of what it said before. Changes go by the last look
 * and by the changes made since. Used by one thread at a time: {@code lb-link}, or a test's.
 */
final class LinkAgent implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LinkAgent.class);

    private final String name;
    private final OwnershipMark mark;
    private final Optional<Duration> lifetime;
    private final NetlinkConnection kernel;

    private View last;
    private final ListMultimap<InetAddress, AddressMessage> addresses = LinkedListMultimap.create();
    private boolean promotesSecondaries;

    private LinkAgent(String name, OwnershipMark mark, Optional<Duration> lifetime, NetlinkConnection kernel) {
        this.name = name;
        this.mark = mark;
        this.lifetime = lifetime;
        this.kernel = kernel;
        this.last = absent(Link.State.UNKNOWN);
    }

    /**
     * For a link of the calling thread's network namespace.
     *
     * @param lifetime how long an address lasts that is not renewed; empty means for ever
     */
    static LinkAgent open(String name, OwnershipMark mark, Optional<Duration> lifetime) throws IOException {
        return new LinkAgent(name, mark, lifetime, NetlinkConnection.open());
    }

    /**
     * The link and all its addresses at one moment.
     *
     * @param mac the hardware address with which ARP is spoken on it; empty when none is
     */
    record View(Link link, List<AddressStatus> addresses, Optional<MacAddress> mac) {
        View {
            addresses = List.copyOf(addresses);
        }
    }

    /** What the kernel has now. A link that is not there, or cannot be told, is an answer too. */
    View look() {
        addresses.clear();
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

    private View look(LinkMessage link) throws IOException {
        List<AddressMessage> found = addresses(link.index());
        found.forEach(address -> addresses.put(address.cidr().address(), address));
        promotesSecondaries = link.promotesSecondaries();
        return new View(link(link, found), found.stream().map(this::status).toList(), link.speaksArpAs());
    }

    private Link link(LinkMessage link, List<AddressMessage> addressesOfLink) throws IOException {
        Link.State state = link.isUp() ? Link.State.UP : Link.State.DOWN;
        return new Link(link.name(), link.index(), state, hostAddresses(addressesOfLink), gateways(link.index()));
    }

    /** The links of this network namespace, in the kernel's order. */
    List<Link> links() throws IOException {
        List<Link> links = new ArrayList<>();
        for (LinkMessage link : kernel.dump("list the links", RTM_GETLINK, LinkMessage::writeDump, LinkMessage::read)) {
            links.add(link(link, addresses(link.index())));
        }
        return links;
    }

    /** Whether a hardware address is that of a link of this network namespace. */
    boolean isOfThisHost(MacAddress mac) throws IOException {
        return kernel.dump("list the links", RTM_GETLINK, LinkMessage::writeDump, LinkMessage::read).stream()
                .anyMatch(link -> link.mac().equals(Optional.of(mac)));
    }

    private Optional<LinkMessage> find() throws IOException {
        try {
            return Optional.of(kernel.get(
                    "look for link " + name,
                    RTM_GETLINK,
                    request -> LinkMessage.writeGet(request, name),
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
                        "list the addresses of " + name,
                        RTM_GETADDR,
                        request -> AddressMessage.writeDump(request, index),
                        AddressMessage::read)
                .stream()
                .filter(address -> address.linkIndex() == index) // a kernel before 5.0 lists all links
                .toList();
    }

    private Set<InetAddress> gateways(int index) throws IOException {
        Set<InetAddress> gateways = new HashSet<>();
        for (int family : new int[] {SockAddr.AF_INET, SockAddr.AF_INET6}) {
            kernel
                    .dump(
                            "list the routes",
                            RTM_GETROUTE,
                            request -> RouteMessage.writeDump(request, family),
                            RouteMessage::read)
                    .stream()
                    .filter(RouteMessage::isDefault)
                    .flatMap(route -> route.hops().stream())
                    .filter(hop -> hop.linkIndex() == index)
                    .forEach(hop -> gateways.add(hop.gateway()));
        }
        return gateways;
    }

    /** The host's own, oldest first: the kernel lists IPv4 addresses in the order they came, IPv6 ones in reverse. */
    private List<Cidr> hostAddresses(List<AddressMessage> all) {
        return Stream.concat(
                        all.stream().filter(address -> address.cidr().family() == Family.IPV4),
                        Lists.reverse(all).stream()
                                .filter(address -> address.cidr().family() == Family.IPV6))
                .filter(address -> address.isGlobal() && !address.isTemporary() && !mark.isOn(address))
                .map(AddressMessage::cidr)
                .toList();
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

    /** Whether the address is on the link, whoever put it there. */
    boolean has(InetAddress ip) {
        return addresses.containsKey(ip);
    }

    /**
     * Adds addresses, or leaves those that are there. {@code NLM_F_EXCL} makes the kernel refuse rather than change one that
     * somebody else added since we looked.
     *
     * @return what went wrong with which; it keeps none of the others from being added
     */
    Map<Cidr, IOException> add(List<Cidr> cidrs) {
        Map<Cidr, IOException> failures = new LinkedHashMap<>();
        List<AddressMessage> missing = new ArrayList<>();
        for (Cidr cidr : cidrs) {
            try {
                missing(cidr).ifPresent(missing::add);
            } catch (IOException e) {
                failures.put(cidr, e);
            }
        }
        Map<AddressMessage, IOException> refused =
                change("add address %s to " + name, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, missing);
        for (AddressMessage added : missing) {
            IOException refusal = refused.get(added);
            if (refusal == null) {
                addresses.put(added.cidr().address(), added);
            } else if (refusal instanceof NetlinkException netlink && netlink.errno() == Errno.EEXIST) {
                log.debug("{} is on {} already", added.cidr(), name); // the next look says whose it is
            } else {
                failures.put(added.cidr(), refusal);
            }
        }
        return failures;
    }

    /** What is to be added so that an address is on the link; empty when it is there, whoever put it there. */
    private Optional<AddressMessage> missing(Cidr cidr) throws IOException {
        int index = presentIndex("add address " + cidr);
        if (!mark.canMark(cidr.family())) {
            throw new IOException("add address " + cidr
                    + ": this kernel cannot mark an IPv6 address as ours (5.18 and later can), and without a mark it"
                    + " could never be told from the host's");
        }
        promoteSecondaries(cidr.family(), index);
        for (AddressMessage there : List.copyOf(addresses.get(cidr.address()))) {
            boolean ours = mark.isOn(there);
            if (ours && there.isDuplicate()) {
                delete(List.of(there)); // it would stay unusable for ever; added anew, it is tried anew
            } else if (!ours || there.cidr().equals(cidr)) {
                return Optional.empty();
            }
        }
        return Optional.of(AddressMessage.toAdd(cidr, index, mark, validSeconds()));
    }

    /**
     * Has the kernel change many addresses.
     *
     * @param operation what is tried, with {@code %s} for the address
     * @return what went wrong with which
     */
    private Map<AddressMessage, IOException> change(
            String operation, int type, int flags, List<AddressMessage> changed) {
        List<NetlinkConnection.Change> changes = changed.stream()
                .map(address -> new NetlinkConnection.Change(
                        String.format(operation, address.cidr()), type, flags, address::writeTo))
                .toList();
        Map<AddressMessage, IOException> refused = new LinkedHashMap<>();
        try {
            List<Optional<NetlinkException>> refusals = kernel.change(changes);
            for (int i = 0; i < changed.size(); i++) {
                AddressMessage address = changed.get(i);
                refusals.get(i).ifPresent(refusal -> refused.put(address, refusal));
            }
        } catch (IOException e) {
            changed.forEach(address -> refused.put(address, e));
        }
        return refused;
    }

    private int validSeconds() {
        return lifetime.map(Duration::toSeconds).map(Math::toIntExact).orElse(AddressMessage.FOREVER);
    }

    /**
     * Gives addresses of ours their whole lifetime again, as soon as a third of it is over. Only what the look just before has shown
     * with our mark: to replace any other would make it ours, and one that has run out may be another host's by now.
     */
    Collection<IOException> renew() throws IOException {
        List<AddressMessage> due = new ArrayList<>();
        for (AddressMessage there : addresses.values()) {
            if (mark.isOn(there) && isDue(there)) {
                promoteSecondaries(there.cidr().family(), there.linkIndex());
                due.add(AddressMessage.toAdd(there.cidr(), there.linkIndex(), mark, validSeconds()));
            }
        }
        return change("renew address %s of " + name, RTM_NEWADDR, NLM_F_REPLACE, due)
                .values();
    }

    private boolean isDue(AddressMessage there) {
        boolean forever = there.validSeconds() == AddressMessage.FOREVER;
        return lifetime.isEmpty() ? !forever : forever || there.validSeconds() * 3L <= validSeconds() * 2L;
    }

    /** Removes addresses that are ours; leaves those that are not there, or not ours. Returns what went wrong. */
    Collection<IOException> remove(List<Cidr> cidrs) throws IOException {
        int index = presentIndex("remove addresses");
        promotesSecondaries =
                find().filter(LinkMessage::promotesSecondaries).isPresent(); // nobody tells when it is unset
        List<AddressMessage> ours = new ArrayList<>();
        for (Cidr cidr : cidrs) {
            for (AddressMessage there : addresses.get(cidr.address())) {
                if (there.cidr().equals(cidr) && mark.isOn(there)) {
                    promoteSecondaries(cidr.family(), index);
                    ours.add(there);
                }
            }
        }
        return delete(ours);
    }

    private Collection<IOException> delete(List<AddressMessage> doomed) {
        Map<AddressMessage, IOException> refused = change("remove address %s from " + name, RTM_DELADDR, 0, doomed);
        for (AddressMessage gone : doomed) {
            if (!refused.containsKey(gone)) {
                addresses.remove(gone.cidr().address(), gone);
            }
        }
        return refused.values();
    }

    /**
     * Has the kernel make the next IPv4 address of a subnet its first one when the first goes; by default it removes them all,
     * and ours may have become the first one while the host's was away. The same setting as
     * {@code net.ipv4.conf.LINK.promote_secondaries}, but over netlink: in a container the file is read-only.
     */
    private void promoteSecondaries(Family family, int index) throws IOException {
        if (family == Family.IPV4 && !promotesSecondaries) {
            kernel.change(new NetlinkConnection.Change(
                    "set promote_secondaries of " + name,
                    RTM_NEWLINK,
                    0,
                    request -> LinkMessage.writePromoteSecondaries(request, index)));
            promotesSecondaries = true;
        }
    }

    private int presentIndex(String operation) throws IOException {
        Link link = last.link();
        switch (link.state()) {
            case MISSING -> throw new IOException(operation + ": there is no link " + name);
            case UNKNOWN -> throw new IOException(operation + ": the state of link " + name + " cannot be told now");
            case UP, DOWN -> {}
        }
        return link.index();
    }

    @Override
    public void close() {
        kernel.close();
    }
}
