package io.littlelb.core.plan;

import static java.util.stream.Collectors.toSet;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.Multimap;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRequest;
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
    private final Suitability suitability;
    private final Map<InetAddress, Occupancy> occupied = new HashMap<>();
    private final Multimap<Sharing, InetAddress> shared = LinkedHashMultimap.create();
    private final Map<ServiceKey, Map<Family, Allocation>> result = new HashMap<>();

    private Allocator(ClusterSnapshot cluster, AddressSupply supply, Allocations previous) {
        this.cluster = cluster;
        this.supply = supply;
        this.link = supply.link();
        this.previous = previous;
        this.suitability = new Suitability(supply, cluster.nodeAddresses(), previous);
        this.free = new FreeAddresses(link, ip -> !occupied.containsKey(ip) && suitability.isFitForAPool(ip));
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
        Optional<Problem> refusal = suitability.tooManyPorts(service);
        if (refusal.isPresent()) {
            return reject(service, refusal.get());
        }
        if (service.request() instanceof AddressRequest.Literal literal) {
            rejectMissingFamilies(service, literal);
            return literal.addresses().stream()
                    .map(ip -> wish(service, Family.of(ip), Optional.of(ip)))
                    .toList();
        }
        Optional<Problem> unknownPool = suitability.unknownPool(service);
        if (unknownPool.isPresent()) {
            return reject(service, unknownPool.get());
        }
        return service.families().stream()
                .map(family -> supply.pools().isEmpty()
                        ? wish(service, family, link.primary(family).map(Cidr::address))
                        : wishFromPool(service, family))
                .toList();
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
                .filter(ip -> suitability.pools(service).stream().anyMatch(pool -> pool.contains(ip)))
                .filter(ip -> !suitability.isReadyFor(ip) || suitability.isFitForAPool(ip));
        return new Wish(service, family, held, held.isPresent());
    }

    private boolean isFrozen(Wish wish) {
        boolean subnetIsGone =
                wish.holder && wish.ip.filter(ip -> !suitability.isReadyFor(ip)).isPresent();
        return subnetIsGone || !link.isReady(wish.family);
    }

    private Allocation decide(Wish wish) {
        if (isFrozen(wish)) {
            return decideWhileFrozen(wish);
        }
        if (wish.ip.isEmpty()) {
            return fromPool(wish); // a ready link has a primary address, and a request has its own
        }
        InetAddress ip = wish.ip.get();
        Optional<Problem> unfit = suitability.outOfBounds(wish.service, ip);
        if (unfit.isPresent()) {
            return new Allocation.Rejected(unfit.get());
        }
        Optional<InetAddress> primary = link.primary(wish.family).map(Cidr::address);
        if (primary.equals(wish.ip)) {
            return take(wish.service, new Allocation.LinkAddress(ip));
        }
        unfit = suitability.unfit(ip);
        if (unfit.isPresent()) {
            return new Allocation.Rejected(unfit.get());
        }
        Allocation taken = take(wish.service, requested(wish.service, ip));
        boolean anyOfThePool = !supply.pools().isEmpty() && wish.service.request() instanceof AddressRequest.Any;
        return taken.ip().isEmpty() && anyOfThePool
                ? fromPool(wish)
                : taken; // who has lost one of a pool gets the next
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
        return new Allocation.Rejected(suitability.notReady(wish.family));
    }

    private Allocation fromPool(Wish wish) {
        Optional<Allocation> joined = joined(wish);
        if (joined.isPresent()) {
            return joined.get();
        }
        List<AddressPool> pools = suitability.pools(wish.service);
        for (AddressPool pool : pools) {
            Optional<InetAddress> lowest = free.lowest(pool, wish.family);
            if (lowest.isPresent()) {
                return take(wish.service, requested(wish.service, lowest.get()));
            }
        }
        return new Allocation.Rejected(suitability.whyNoneIsFree(pools, wish.family));
    }

    /** A place beside a Service with the same sharing key, on an address of a pool, if there is one. */
    private Optional<Allocation> joined(Wish wish) {
        return wish.service
                .sharingKey()
                .flatMap(key -> shared.get(sharing(wish.service, key, wish.family)).stream()
                        .filter(ip -> suitability.pools(wish.service).stream().anyMatch(pool -> pool.contains(ip)))
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
}
