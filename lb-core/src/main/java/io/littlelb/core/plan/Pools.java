package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Shown;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** Which pool is for whom, and in words why one has nothing to give. */
final class Pools {
    private final AddressSupply supply;
    private final Link link;

    Pools(AddressSupply supply) {
        this.supply = supply;
        this.link = supply.link();
    }

    /** The pools that a Service without a request may have an address of. */
    List<AddressPool> of(ServiceSpec service) {
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

    /** The Service asks for a pool that is not there, or not for it. */
    Optional<Problem> unknown(ServiceSpec service) {
        return poolName(service)
                .filter(name -> of(service).isEmpty())
                .map(name -> new Problem(
                        Reason.InvalidAnnotation,
                        "there is no pool " + Shown.quoted(name) + "; "
                                + (supply.pools().isEmpty()
                                        ? "none is configured, see --pool"
                                        : "known are " + poolsOf(service.key().namespace()))));
    }

    /** Whether one of the pools that are for a Service has an address. */
    boolean offer(ServiceSpec service, InetAddress ip) {
        return of(service).stream().anyMatch(pool -> pool.contains(ip));
    }

    /** Why these pools have no address to give now. */
    Problem whyNoneIsFree(List<AddressPool> pools, Family family) {
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
                                + link.subnets(family).stream()
                                        .map(Cidr::toString)
                                        .collect(joining(", ")));
    }
}
