package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Decides which Service gets which address, for all Services at once.
 *
 * <p>Whoever holds an address keeps it; else the oldest Service has it; else the first by name. The order in which Services
 * are listed never matters. A Service that cannot be served is rejected with the reason, and changes nothing for the others.
 *
 * <p>While the link cannot take addresses of a family, nothing of that family is released and nothing is given out.
 */
public final class Allocator {
    private final Link link;
    private final ClusterSnapshot cluster;
    private final Allocations previous;
    private final Map<InetAddress, Occupancy> occupied = new TreeMap<>(Addresses.ORDER);
    private final Map<ServiceKey, Map<Family, Allocation>> result = new TreeMap<>();

    private Allocator(ClusterSnapshot cluster, Link link, Allocations previous) {
        this.cluster = cluster;
        this.link = link;
        this.previous = previous;
    }

    /** Who gets what, given who held what before. */
    public static Allocations allocate(ClusterSnapshot cluster, Link link, Allocations previous) {
        return new Allocator(cluster, link, previous).run();
    }

    /** One address of one family that one Service would like to have; no address means the link's own. */
    private record Wish(ServiceSpec service, Family family, Optional<InetAddress> ip, boolean holder) {
        static final Comparator<Wish> ORDER = Comparator.comparing((Wish wish) -> !wish.holder)
                .thenComparing(wish -> wish.service.createdAt())
                .thenComparing(wish -> wish.service.key());
    }

    private Allocations run() {
        List<Wish> wishes = new ArrayList<>();
        cluster.services().values().forEach(service -> wishes.addAll(wishes(service)));
        wishes.sort(Wish.ORDER);
        wishes.forEach(wish -> record(wish.service, wish.family, decide(wish)));
        ImmutableSortedMap.Builder<ServiceKey, ImmutableMap<Family, Allocation>> all =
                ImmutableSortedMap.naturalOrder();
        result.forEach((key, families) -> all.put(key, ImmutableMap.copyOf(families)));
        return new Allocations(all.buildOrThrow());
    }

    private void record(ServiceSpec service, Family family, Allocation allocation) {
        result.computeIfAbsent(service.key(), key -> new EnumMap<>(Family.class))
                .put(family, allocation);
    }

    private List<Wish> wishes(ServiceSpec service) {
        if (service.request() instanceof AddressRequest.Invalid invalid) {
            service.families().forEach(family -> record(service, family, new Allocation.Rejected(invalid.problem())));
            return List.of();
        }
        if (service.request() instanceof AddressRequest.Literal literal) {
            return literal.addresses().stream()
                    .map(ip -> wish(service, Family.of(ip), Optional.of(ip)))
                    .toList();
        }
        return service.families().stream()
                .map(family -> wish(service, family, link.primary(family).map(Cidr::address)))
                .toList();
    }

    private Wish wish(ServiceSpec service, Family family, Optional<InetAddress> ip) {
        Optional<InetAddress> held = previous.held(service.key(), family);
        return new Wish(service, family, ip, held.isPresent() && (ip.isEmpty() || held.equals(ip)));
    }

    private Allocation decide(Wish wish) {
        if (!link.isReady(wish.family)) {
            return decideWhileFrozen(wish);
        }
        InetAddress ip = wish.ip.orElseThrow(); // a ready link has a primary address, and a request has its own
        Optional<InetAddress> primary = link.primary(wish.family).map(Cidr::address);
        if (primary.equals(wish.ip)) {
            return take(wish.service, new Allocation.LinkAddress(ip));
        }
        Optional<Problem> unfit = unfit(ip);
        return unfit.isPresent()
                ? new Allocation.Rejected(unfit.get())
                : take(wish.service, requested(wish.service, ip));
    }

    /** What was held stays held; nothing new is given out. */
    private Allocation decideWhileFrozen(Wish wish) {
        Optional<Allocation> held = Optional.ofNullable(
                        previous.of(wish.service.key()).get(wish.family))
                .filter(allocation -> allocation.ip().isPresent());
        boolean stillAsked = held.isPresent() && wish.holder;
        if (stillAsked) {
            boolean unrequested = wish.service.request() instanceof AddressRequest.None;
            InetAddress ip = held.get().ip().orElseThrow();
            boolean linkAddress = unrequested || held.get() instanceof Allocation.LinkAddress;
            return take(wish.service, linkAddress ? new Allocation.LinkAddress(ip) : requested(wish.service, ip));
        }
        return new Allocation.Rejected(notReady(wish.family));
    }

    private static Allocation requested(ServiceSpec service, InetAddress ip) {
        return service.sharingKey()
                .<Allocation>map(key -> new Allocation.SharedByKey(ip, key))
                .orElseGet(() -> new Allocation.Exclusive(ip));
    }

    private Allocation take(ServiceSpec service, Allocation wanted) {
        InetAddress ip = wanted.ip().orElseThrow();
        Optional<Problem> refused =
                occupied.computeIfAbsent(ip, free -> new Occupancy(ip)).enter(service, wanted);
        return refused.<Allocation>map(Allocation.Rejected::new).orElse(wanted);
    }

    private Problem notReady(Family family) {
        return link.state() == Link.State.UP
                ? new Problem(
                        Reason.NoAddressOfFamily,
                        "link " + link.name() + " has no " + family + " address of its own, so its subnet is not known")
                : new Problem(
                        Reason.LinkNotReady,
                        "link " + link.name() + " is " + link.state().name().toLowerCase(Locale.ROOT)
                                + "; addresses are allocated again when it is up");
    }

    private Optional<Problem> unfit(InetAddress ip) {
        String text = Addresses.print(ip);
        Optional<Cidr> subnet = link.subnetOf(ip);
        if (subnet.isEmpty()) {
            String subnets =
                    link.subnets(Family.of(ip)).stream().map(Cidr::toString).collect(joining(", "));
            return Optional.of(new Problem(
                    Reason.AddressNotInSubnet,
                    text + " is in no subnet of link " + link.name() + ", which has " + subnets));
        }
        if (!subnet.get().hasHost(ip)) {
            return Optional.of(new Problem(
                    Reason.InvalidAddress, text + " is the network or broadcast address of " + subnet.get()));
        }
        if (link.gateways().contains(ip)) {
            return Optional.of(new Problem(Reason.InvalidAddress, text + " is the gateway of the default route"));
        }
        if (cluster.nodeAddresses().contains(ip)) {
            return Optional.of(new Problem(Reason.AddressIsNode, text + " is the address of a node of the cluster"));
        }
        return Optional.empty();
    }
}
