package io.littlelb.core.plan;

import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds the lowest free address of a pool, during one round of the {@link Allocator}. What is taken once stays taken for the
 * round, so no address is looked at twice, however many Services ask.
 */
final class FreeAddresses {
    private final Link link;
    private final Predicate<InetAddress> isFree;
    /** Of each range, what has not been found taken yet. */
    private final Map<AddressRange, Optional<AddressRange>> rest = new HashMap<>();

    FreeAddresses(Link link, Predicate<InetAddress> isFree) {
        this.link = link;
        this.isFree = isFree;
    }

    Optional<InetAddress> lowest(AddressPool pool, Family family) {
        return pool.ranges(family).stream()
                .flatMap(this::onTheLink)
                .flatMap(range -> lowest(range).stream())
                .findFirst();
    }

    /** Only these can be on the link; a pool may be wider, and an IPv6 one too wide to be walked through. */
    private Stream<AddressRange> onTheLink(AddressRange range) {
        return link.subnets(range.family()).stream()
                .flatMap(subnet -> range.intersection(AddressRange.of(subnet)).stream());
    }

    private Optional<InetAddress> lowest(AddressRange range) {
        Optional<AddressRange> left = rest.getOrDefault(range, Optional.of(range));
        while (left.isPresent() && !isFree.test(left.get().first())) {
            left = left.get().after(left.get().first());
        }
        rest.put(range, left);
        return left.map(AddressRange::first);
    }
}
