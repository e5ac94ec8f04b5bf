package io.littlelb.core.plan;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The subnets of a link, to look up many addresses in. */
final class Subnets {
    private final List<Cidr> narrowestFirst;

    Subnets(Link link) {
        this.narrowestFirst = Stream.of(Family.values())
                .flatMap(family -> link.subnets(family).stream())
                .sorted(Comparator.comparingInt(Cidr::prefixLength).reversed())
                .toList();
    }

    /** The narrowest one that an address lies in, as {@link Link#subnetOf}. */
    Optional<Cidr> of(InetAddress ip) {
        for (Cidr subnet : narrowestFirst) {
            if (subnet.contains(ip)) {
                return Optional.of(subnet);
            }
        }
        return Optional.empty();
    }
}
