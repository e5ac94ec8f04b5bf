package io.littlelb.core.plan;

import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.Multimap;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    private final Pools pools;
    private final Decisions decisions;
    private final Map<InetAddress, Occupancy> occupied = new HashMap<>();
    private final Multimap<Sharing, InetAddress> shared = LinkedHashMultimap.create();

    private Allocator(ClusterSnapshot cluster, AddressSupply supply, Allocations previous, Decisions decisions) {
        this.cluster = cluster;
        this.supply = supply;
        this.link = supply.link();
        this.previous = previous;
        this.decisions = decisions;
        this.suitability = new Suitability(supply, cluster.nodeAddresses(), previous);
        this.pools = new Pools(supply);
        this.free = new FreeAddresses(link, ip -> !occupied.containsKey(ip) && suitability.isFitForAPool(ip));
    }

    /** Who gets what, given who held what before. */
    public static Allocations allocate(ClusterSnapshot cluster, AddressSupply supply, Allocations previous) {
        Decisions decisions = new Decisions(Optional.empty());
        new Allocator(cluster, supply, previous, decisions).run();
        return decisions.allocations(cluster);
    }

    /** The same, with the grounds on which one Service gets what it gets. */
    static Explained explain(ClusterSnapshot cluster, AddressSupply supply, Allocations previous, ServiceKey service) {
        Decisions decisions = new Decisions(Optional.of(service));
        Allocator allocator = new Allocator(cluster, supply, previous, decisions);
        allocator.run();
        Allocations allocations = decisions.allocations(cluster);
        return new Explained(
                allocations,
                decisions.findings(cluster),
                allocator.offers(cluster.services().get(service), allocations.of(service)));
    }

    /** What was decided, and of one Service why, and what it could ask for where it was refused. */
    record Explained(Allocations allocations, List<Finding> findings, List<Offer> offers) {}

    /** An address that a Service would get from a pool if it asked for it. */
    record Offer(AddressPool pool, InetAddress ip) {
        @Override
        public String toString() {
            return "the next free one of pool " + pool.name() + " is " + Addresses.print(ip);
        }
    }

    /** Services that may share an address that none of them has asked for. */
    private record Sharing(String namespace, String key, Family family) {}

    private void run() {
        Wishes wishes = new Wishes(supply, suitability, pools, previous, decisions);
        cluster.services().values().stream()
                .flatMap(service -> wishes.of(service).stream())
                .sorted()
                .forEach(wish -> decisions.decide(wish.service(), wish.family(), decide(wish)));
    }

    /** After all have got what they get: one for each family that was refused. */
    private List<Offer> offers(ServiceSpec service, Map<Family, Allocation> got) {
        return got.entrySet().stream()
                .filter(allocation -> allocation.getValue() instanceof Allocation.Rejected)
                .flatMap(allocation -> pools.of(service).stream()
                        .flatMap(pool -> free.lowest(pool, allocation.getKey()).map(ip -> new Offer(pool, ip)).stream())
                        .limit(1))
                .toList();
    }

    private boolean isFrozen(Wish wish) {
        boolean subnetIsGone = wish.isHolder()
                && wish.ip().filter(ip -> !suitability.isReadyFor(ip)).isPresent();
        return subnetIsGone || !link.isReady(wish.family());
    }

    private Allocation decide(Wish wish) {
        if (isFrozen(wish)) {
            return decideWhileFrozen(wish);
        }
        if (wish.ip().isEmpty()) {
            return fromPool(wish); // a ready link has a primary address, and a request has its own
        }
        ServiceSpec service = wish.service();
        InetAddress ip = wish.ip().get();
        boolean isTheLinks = link.primary(wish.family()).map(Cidr::address).equals(wish.ip());
        Optional<Problem> unfit =
                suitability.outOfBounds(service, ip).or(() -> isTheLinks ? Optional.empty() : suitability.unfit(ip));
        if (unfit.isPresent()) {
            return decisions.refused(service, Topic.SUBNET, unfit.get());
        }
        decisions.note(service, Topic.SUBNET, () -> suitability.whyFit(ip));
        Allocation taken = take(service, isTheLinks ? new Allocation.LinkAddress(ip) : requested(service, ip));
        boolean anyOfThePool = !supply.pools().isEmpty() && service.request() instanceof AddressRequest.Any;
        boolean lost = taken.ip().isEmpty() && !isTheLinks && anyOfThePool;
        if (lost) {
            decisions.goOn(service);
            return fromPool(wish); // who has lost one of a pool gets the next
        }
        return taken;
    }

    /** What was held stays held; nothing new is given out. */
    private Allocation decideWhileFrozen(Wish wish) {
        Optional<Allocation> held = Optional.ofNullable(
                        previous.of(wish.service().key()).get(wish.family()))
                .filter(allocation -> allocation.ip().isPresent());
        if (held.isEmpty() || !wish.isHolder()) {
            return decisions.refused(wish.service(), Topic.SUBNET, suitability.notReady(wish.family()));
        }
        boolean sharesTheLinks = supply.pools().isEmpty() && wish.service().request() instanceof AddressRequest.Any;
        InetAddress ip = held.get().ip().orElseThrow();
        boolean linkAddress = sharesTheLinks || held.get() instanceof Allocation.LinkAddress;
        decisions.note(
                wish.service(),
                Topic.SUBNET,
                () -> Addresses.print(ip) + " is kept for this Service until the link can take it again");
        return take(wish.service(), linkAddress ? new Allocation.LinkAddress(ip) : requested(wish.service(), ip));
    }

    private Allocation fromPool(Wish wish) {
        Optional<Allocation> joined = joined(wish);
        if (joined.isPresent()) {
            return joined.get();
        }
        List<AddressPool> candidates = pools.of(wish.service());
        for (AddressPool pool : candidates) {
            Optional<InetAddress> lowest = free.lowest(pool, wish.family());
            if (lowest.isPresent()) {
                InetAddress ip = lowest.get();
                decisions.note(
                        wish.service(),
                        Topic.SUBNET,
                        () -> Addresses.print(ip) + " is the lowest free address of pool " + pool);
                return take(wish.service(), requested(wish.service(), ip));
            }
        }
        return decisions.refused(wish.service(), Topic.SUBNET, pools.whyNoneIsFree(candidates, wish.family()));
    }

    /** A place beside a Service with the same sharing key, on an address of a pool, if there is one. */
    private Optional<Allocation> joined(Wish wish) {
        ServiceSpec service = wish.service();
        if (service.sharingKey().isEmpty()) {
            return Optional.empty();
        }
        String key = service.sharingKey().get();
        for (InetAddress ip : List.copyOf(shared.get(sharing(service, key, wish.family())))) {
            if (pools.offer(service, ip)) {
                Allocation taken = take(service, new Allocation.SharedByKey(ip, key));
                if (taken.ip().isPresent()) {
                    return Optional.of(taken);
                }
                decisions.goOn(service);
            }
        }
        return Optional.empty();
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
        Occupancy occupancy = occupied.computeIfAbsent(ip, address -> new Occupancy(ip));
        Optional<Problem> refused = occupancy.enter(service, wanted);
        if (refused.isPresent()) {
            return decisions.refused(service, Topic.HOLDER, refused.get());
        }
        if (wanted instanceof Allocation.SharedByKey sharedByKey) {
            shared.put(sharing(service, sharedByKey.key(), Family.of(ip)), ip);
        }
        decisions.note(service, Topic.HOLDER, () -> occupancy.describe(service, wanted));
        return wanted;
    }
}
