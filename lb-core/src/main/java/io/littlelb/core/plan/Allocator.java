package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.Multimap;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Shown;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides which Service gets which address, for all Services at once.
 *
 * <p>Whoever holds an address keeps it; else the oldest Service has it; else the first by name. The order in which Services
 * are listed never matters. A Service that cannot be served is rejected with the reason, and changes nothing for the others.
 *
 * <p>While the link cannot take addresses of a family, nothing of that family is released and nothing is given out. While a subnet is gone
 * from it, that holds for the addresses of this subnet: a lease that is renewed must not send Services to other addresses.
 */
public final class Allocator {
    private final Link link;
    private final AddressSupply supply;
    private final ClusterSnapshot cluster;
    private final Allocations previous;
    private final FreeAddresses free;
    private final Subnets subnets;
    private final Set<InetAddress> hostsOwn;
    private final Map<InetAddress, Occupancy> occupied = new HashMap<>();
    private final Multimap<Sharing, InetAddress> shared = LinkedHashMultimap.create();
    private final Map<ServiceKey, Map<Family, Allocation>> result = new HashMap<>();

    private Allocator(ClusterSnapshot cluster, AddressSupply supply, Allocations previous) {
        this.cluster = cluster;
        this.supply = supply;
        this.link = supply.link();
        this.previous = previous;
        this.subnets = new Subnets(link);
        this.hostsOwn = link.hostAddresses().stream().map(Cidr::address).collect(toSet());
        this.free = new FreeAddresses(link, ip -> !occupied.containsKey(ip) && isFitForAPool(ip));
    }

    /** Who gets what, given who held what before. */
    public static Allocations allocate(ClusterSnapshot cluster, AddressSupply supply, Allocations previous) {
        return new Allocator(cluster, supply, previous).run();
    }

    /** Services that may share an address that none of them has asked for. */
    private record Sharing(String namespace, String key, Family family) {}

    /** One address of one family that one Service would like to have; no address means any. */
    private record Wish(ServiceSpec service, Family family, Optional<InetAddress> ip, boolean holder)
            implements Comparable<Wish> {
        /** Holders first, then the oldest, then by name. */
        @Override
        public int compareTo(Wish other) {
            if (holder != other.holder) {
                return holder ? -1 : 1;
            }
            int age = service.createdAt().compareTo(other.service.createdAt());
            return age == 0 ? service.key().compareTo(other.service.key()) : age;
        }
    }

    private Allocations run() {
        List<Wish> wishes = new ArrayList<>();
        cluster.services().values().forEach(service -> wishes.addAll(wishes(service)));
        Collections.sort(wishes);
        wishes.forEach(wish -> record(wish.service, wish.family, decide(wish)));
        ImmutableMap.Builder<ServiceKey, ImmutableMap<Family, Allocation>> all =
                ImmutableMap.builderWithExpectedSize(result.size());
        result.forEach(
                (key, families) -> all.put(key, settled(cluster.services().get(key), families)));
        return new Allocations(all.buildOrThrow(), true);
    }

    /** A family that the Service can do without, and has to, is not worth a word. */
    private static ImmutableMap<Family, Allocation> settled(ServiceSpec service, Map<Family, Allocation> families) {
        boolean enough = !service.everyFamily()
                && families.values().stream()
                        .anyMatch(allocation -> allocation.ip().isPresent());
        ImmutableMap.Builder<Family, Allocation> settled = ImmutableMap.builder();
        families.forEach((family, allocation) -> {
            boolean lacking = allocation instanceof Allocation.Rejected rejected
                    && rejected.problem().reason() == Reason.NoAddressOfFamily;
            if (!enough || !lacking) {
                settled.put(family, allocation);
            }
        });
        return settled.buildOrThrow();
    }

    private void record(ServiceSpec service, Family family, Allocation allocation) {
        result.computeIfAbsent(service.key(), key -> new EnumMap<>(Family.class))
                .put(family, allocation);
    }

    private List<Wish> wishes(ServiceSpec service) {
        if (service.request() instanceof AddressRequest.Invalid invalid) {
            return reject(service, invalid.problem());
        }
        int most = supply.boundaries().portsPerService();
        if (service.ports().size() > most) {
            return reject(service, tooManyPorts(service, most));
        }
        if (service.request() instanceof AddressRequest.Literal literal) {
            rejectMissingFamilies(service, literal);
            return literal.addresses().stream()
                    .map(ip -> wish(service, Family.of(ip), Optional.of(ip)))
                    .toList();
        }
        Optional<Problem> unknownPool = unknownPool(service);
        if (unknownPool.isPresent()) {
            return reject(service, unknownPool.get());
        }
        return service.families().stream()
                .map(family -> supply.pools().isEmpty()
                        ? wish(service, family, link.primary(family).map(Cidr::address))
                        : wishFromPool(service, family))
                .toList();
    }

    private static Problem tooManyPorts(ServiceSpec service, int most) {
        return new Problem(
                Reason.TooManyPorts,
                "the Service has " + service.ports().size() + " ports, and one may have " + most
                        + "; whoever runs Little LB can allow more with --max-ports-per-service");
    }

    /** Who says that it needs both families, and names an address of one, does not get what it needs. */
    private void rejectMissingFamilies(ServiceSpec service, AddressRequest.Literal literal) {
        boolean needsBoth = service.everyFamily() && service.families().size() > 1;
        Set<Family> asked = literal.addresses().stream().map(Family::of).collect(toSet());
        service.families().stream()
                .filter(family -> needsBoth && !asked.contains(family))
                .forEach(family -> record(
                        service,
                        family,
                        new Allocation.Rejected(new Problem(
                                Reason.NoAddressOfFamily,
                                "the Service requires both families and asks for no " + family
                                        + " address; name one of each in littlelb.io/addresses, or set ipFamilyPolicy:"
                                        + " PreferDualStack"))));
    }

    private List<Wish> reject(ServiceSpec service, Problem problem) {
        service.families().forEach(family -> record(service, family, new Allocation.Rejected(problem)));
        return List.of();
    }

    private Wish wish(ServiceSpec service, Family family, Optional<InetAddress> ip) {
        Optional<InetAddress> held = previous.held(service.key(), family);
        return new Wish(service, family, ip, held.isPresent() && (ip.isEmpty() || held.equals(ip)));
    }

    /** What is held is wished for again, unless the pools have changed or another host has turned up with it. */
    private Wish wishFromPool(ServiceSpec service, Family family) {
        Optional<InetAddress> held = previous.held(service.key(), family)
                .filter(ip -> pools(service).stream().anyMatch(pool -> pool.contains(ip)))
                .filter(ip -> !isReadyFor(ip) || isFitForAPool(ip));
        return new Wish(service, family, held, held.isPresent());
    }

    /** Whether the link can take an address now: it is up, and has its subnet. */
    private boolean isReadyFor(InetAddress ip) {
        return link.isReady(Family.of(ip)) && subnets.of(ip).isPresent();
    }

    private boolean isFrozen(Wish wish) {
        boolean subnetIsGone =
                wish.holder && wish.ip.filter(ip -> !isReadyFor(ip)).isPresent();
        return subnetIsGone || !link.isReady(wish.family);
    }

    /** The pools that a Service without a request may have an address of. */
    private List<AddressPool> pools(ServiceSpec service) {
        Optional<String> name = poolName(service);
        return supply.pools().stream()
                .filter(pool -> pool.serves(service.key().namespace()))
                .filter(pool -> name.isEmpty() || name.get().equals(pool.name()))
                .toList();
    }

    private List<AddressPool> poolsOf(String namespace) {
        return supply.pools().stream().filter(pool -> pool.serves(namespace)).toList();
    }

    private static Optional<String> poolName(ServiceSpec service) {
        return service.request() instanceof AddressRequest.Any any ? any.pool() : Optional.empty();
    }

    private Optional<Problem> unknownPool(ServiceSpec service) {
        return poolName(service)
                .filter(name -> pools(service).isEmpty())
                .map(name -> new Problem(
                        Reason.InvalidAnnotation,
                        "there is no pool " + Shown.quoted(name) + "; "
                                + (supply.pools().isEmpty()
                                        ? "none is configured, see --pool"
                                        : "known are " + poolsOf(service.key().namespace()))));
    }

    private boolean isFitForAPool(InetAddress ip) {
        return !hostsOwn.contains(ip)
                && !link.isElsewhere(ip)
                && !supply.inConflict().contains(ip)
                && unfit(ip).isEmpty();
    }

    private Allocation decide(Wish wish) {
        if (isFrozen(wish)) {
            return decideWhileFrozen(wish);
        }
        if (wish.ip.isEmpty()) {
            return fromPool(wish); // a ready link has a primary address, and a request has its own
        }
        InetAddress ip = wish.ip.get();
        Optional<Problem> unfit = outOfBounds(wish.service, ip);
        if (unfit.isPresent()) {
            return new Allocation.Rejected(unfit.get());
        }
        Optional<InetAddress> primary = link.primary(wish.family).map(Cidr::address);
        if (primary.equals(wish.ip)) {
            return take(wish.service, new Allocation.LinkAddress(ip));
        }
        unfit = unfit(ip);
        if (unfit.isPresent()) {
            return new Allocation.Rejected(unfit.get());
        }
        Allocation taken = take(wish.service, requested(wish.service, ip));
        boolean anyOfThePool = !supply.pools().isEmpty() && wish.service.request() instanceof AddressRequest.Any;
        return taken.ip().isEmpty() && anyOfThePool
                ? fromPool(wish)
                : taken; // who has lost one of a pool gets the next
    }

    /** Why an address is not for this Service, though it could be had. */
    private Optional<Problem> outOfBounds(ServiceSpec service, InetAddress ip) {
        Boundaries boundaries = supply.boundaries();
        if (link.isElsewhere(ip)) {
            return Optional.of(elsewhere(ip));
        }
        if (!boundaries.hostAddresses() && hostsOwn.contains(ip)) {
            return Optional.of(new Problem(
                    Reason.AddressIsHosts,
                    Addresses.print(ip) + " is the host's own, and those are not for Services here (--host-addresses);"
                            + " ask for another one" + (supply.pools().isEmpty() ? ", or have a --pool set" : "")));
        }
        boolean literal = service.request() instanceof AddressRequest.Literal;
        boolean inAPool = pools(service).stream().anyMatch(pool -> pool.contains(ip));
        return literal && boundaries.onlyPools() && !inAPool
                ? Optional.of(new Problem(
                        Reason.NotFromPool,
                        Addresses.print(ip) + " is in no pool for Services of namespace "
                                + service.key().namespace() + ", and no other addresses are given here (--only-pools)"))
                : Optional.empty();
    }

    private static Problem elsewhere(InetAddress ip) {
        String text = Addresses.print(ip);
        return new Problem(
                Reason.AddressIsHosts,
                text + " is on another link of this host (ip addr show to " + text + "), and would be on two; ask for"
                        + " another one, or take it off there if an instance that does not run any more has left it");
    }

    /** What was held stays held; nothing new is given out. */
    private Allocation decideWhileFrozen(Wish wish) {
        Optional<Allocation> held = Optional.ofNullable(
                        previous.of(wish.service.key()).get(wish.family))
                .filter(allocation -> allocation.ip().isPresent());
        boolean stillAsked = held.isPresent() && wish.holder;
        if (stillAsked) {
            boolean sharesTheLinks = supply.pools().isEmpty() && wish.service.request() instanceof AddressRequest.Any;
            InetAddress ip = held.get().ip().orElseThrow();
            boolean linkAddress = sharesTheLinks || held.get() instanceof Allocation.LinkAddress;
            return take(wish.service, linkAddress ? new Allocation.LinkAddress(ip) : requested(wish.service, ip));
        }
        return new Allocation.Rejected(notReady(wish.family));
    }

    private Allocation fromPool(Wish wish) {
        Optional<Allocation> joined = joined(wish);
        if (joined.isPresent()) {
            return joined.get();
        }
        List<AddressPool> pools = pools(wish.service);
        for (AddressPool pool : pools) {
            Optional<InetAddress> lowest = free.lowest(pool, wish.family);
            if (lowest.isPresent()) {
                return take(wish.service, requested(wish.service, lowest.get()));
            }
        }
        return new Allocation.Rejected(whyNoneIsFree(pools, wish.family));
    }

    private Problem whyNoneIsFree(List<AddressPool> pools, Family family) {
        List<AddressRange> ranges =
                pools.stream().flatMap(pool -> pool.ranges(family).stream()).toList();
        if (pools.isEmpty()) {
            return new Problem(Reason.NotFromPool, "no pool is for the Services of this namespace; see --pool");
        }
        if (ranges.isEmpty()) {
            return new Problem(Reason.NoAddressOfFamily, "no pool has an " + family + " address");
        }
        String asked = (pools.size() == 1 ? pools.get(0) : pools).toString();
        boolean onTheLink = ranges.stream()
                .anyMatch(range -> link.subnets(family).stream()
                        .anyMatch(subnet ->
                                range.intersection(AddressRange.of(subnet)).isPresent()));
        return onTheLink
                ? new Problem(
                        Reason.PoolExhausted,
                        "no " + family + " address is free in " + asked
                                + "; add a range with --pool, or delete a Service that holds one")
                : new Problem(
                        Reason.LinkNotReady,
                        "link " + link.name() + " has no subnet now in which an address of " + asked + " lies; it has "
                                + join(link.subnets(family)));
    }

    private static String join(List<Cidr> subnets) {
        return subnets.stream().map(Cidr::toString).collect(joining(", "));
    }

    /** A place beside a Service with the same sharing key, on an address of a pool, if there is one. */
    private Optional<Allocation> joined(Wish wish) {
        return wish.service
                .sharingKey()
                .flatMap(key -> shared.get(sharing(wish.service, key, wish.family)).stream()
                        .filter(ip -> pools(wish.service).stream().anyMatch(pool -> pool.contains(ip)))
                        .map(ip -> take(wish.service, new Allocation.SharedByKey(ip, key)))
                        .filter(allocation -> allocation.ip().isPresent())
                        .findFirst());
    }

    private static Sharing sharing(ServiceSpec service, String key, Family family) {
        return new Sharing(service.key().namespace(), key, family);
    }

    private static Allocation requested(ServiceSpec service, InetAddress ip) {
        return service.sharingKey()
                .<Allocation>map(key -> new Allocation.SharedByKey(ip, key))
                .orElseGet(() -> new Allocation.Exclusive(ip));
    }

    private Allocation take(ServiceSpec service, Allocation wanted) {
        InetAddress ip = wanted.ip().orElseThrow();
        Optional<Problem> refused =
                occupied.computeIfAbsent(ip, address -> new Occupancy(ip)).enter(service, wanted);
        if (refused.isEmpty() && wanted instanceof Allocation.SharedByKey sharedByKey) {
            shared.put(sharing(service, sharedByKey.key(), Family.of(ip)), ip);
        }
        return refused.<Allocation>map(Allocation.Rejected::new).orElse(wanted);
    }

    private Problem notReady(Family family) {
        return link.state() == Link.State.UP
                ? new Problem(
                        Reason.NoAddressOfFamily,
                        "link " + link.name() + " has no " + family + " address of its own, so its subnet is not known")
                : new Problem(
                        Reason.LinkNotReady,
                        "link " + link.name() + " is " + Shown.word(link.state())
                                + "; addresses are allocated again when it is up");
    }

    private Optional<Problem> unfit(InetAddress ip) {
        Optional<Cidr> subnet = subnets.of(ip);
        boolean fit = subnet.isPresent()
                && subnet.get().hasHost(ip)
                && !link.gateways().contains(ip)
                && !isAnothers(ip);
        return fit ? Optional.empty() : Optional.of(whyUnfit(ip, subnet));
    }

    /**
     * Whether a node has the address by itself. A node also tells of ours as its own, as soon as its kubelet or cloud provider has seen them on the
     * link; these carry our mark, or are held by our own decision. Where another host defends it, it is that host's.
     */
    private boolean isAnothers(InetAddress ip) {
        boolean ofANode = cluster.nodeAddresses().contains(ip);
        boolean ours = ofANode
                && (supply.markedNodeAddresses().contains(ip) || (previous.isDecided() && previous.isHeld(ip)))
                && !supply.inConflict().contains(ip);
        return ofANode && !ours;
    }

    private Problem whyUnfit(InetAddress ip, Optional<Cidr> subnet) {
        String text = Addresses.print(ip);
        if (subnet.isEmpty()) {
            return new Problem(
                    Reason.AddressNotInSubnet,
                    text + " is in no subnet of link " + link.name() + ", which has "
                            + join(link.subnets(Family.of(ip))));
        }
        if (!subnet.get().hasHost(ip)) {
            return new Problem(Reason.InvalidAddress, text + " is the network or broadcast address of " + subnet.get());
        }
        return link.gateways().contains(ip)
                ? new Problem(Reason.InvalidAddress, text + " is the gateway of the default route")
                : new Problem(Reason.AddressIsNode, text + " is the address of a node of the cluster");
    }
}
