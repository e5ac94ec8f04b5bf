package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/**
 * Addresses to choose from for Services that ask for none in particular.
 *
 * @param namespaces whose Services it is for; none named means all
 */
public record AddressPool(String name, Set<String> namespaces, List<AddressRange> ranges) {
    public AddressPool {
        requireNonNull(name, "name");
        namespaces = Set.copyOf(namespaces);
        ranges = List.copyOf(ranges);
    }

    /** A pool for all Services. */
    public AddressPool(String name, List<AddressRange> ranges) {
        this(name, Set.of(), ranges);
    }

    /** Whether it is for the Services of a namespace. */
    public boolean serves(String namespace) {
        return namespaces.isEmpty() || namespaces.contains(namespace);
    }

    public boolean contains(InetAddress address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    /** Its ranges of one family. */
    public List<AddressRange> ranges(Family family) {
        return ranges.stream().filter(range -> range.family() == family).toList();
    }

    /** {@code default (16 addresses: 198.18.0.32-198.18.0.47)}. */
    @Override
    public String toString() {
        BigInteger size = ranges.stream().map(AddressRange::size).reduce(BigInteger.ZERO, BigInteger::add);
        return name + " (" + size + " addresses: "
                + ranges.stream().map(AddressRange::toString).collect(joining(", ")) + ")";
    }
}
