package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** The flag {@code --pool}, and what it comes to. */
final class PoolOptions {
    private static final String UNNAMED = "default";

    @Option(
            names = "--pool",
            paramLabel = "[NAME=]RANGE",
            description = "Addresses for Services that ask for none, such as 198.18.0.64/28 or"
                    + " 198.18.0.64-198.18.0.79; can be repeated, and a pool can have several. Default: they share the"
                    + " link's own address.")
    private List<String> pools = List.of();

    /** The pools in the order in which they were named first. */
    List<AddressPool> pools() throws UsageException {
        Map<String, List<AddressRange>> ranges = new LinkedHashMap<>();
        for (String text : pools) {
            int equals = text.indexOf('=');
            String name = equals < 0 ? UNNAMED : text.substring(0, equals);
            AddressRange range = AddressRange.parse(text.substring(equals + 1))
                    .orElseThrow(() -> new UsageException("--pool \"" + text
                            + "\": write [NAME=]RANGE with a range such as 198.18.0.64/28 or 198.18.0.64-198.18.0.79"));
            if (name.isBlank()) {
                throw new UsageException("--pool \"" + text + "\": the name is empty");
            }
            for (List<AddressRange> others : ranges.values()) {
                for (AddressRange other : others) {
                    if (other.intersection(range).isPresent()) {
                        throw new UsageException(
                                "--pool \"" + text + "\" overlaps " + other + "; an address can be in one pool only");
                    }
                }
            }
            ranges.computeIfAbsent(name, created -> new ArrayList<>()).add(range);
        }
        return ranges.entrySet().stream()
                .map(pool -> new AddressPool(pool.getKey(), pool.getValue()))
                .toList();
    }

    /** Refuses a range that can never be on the link as it is now. */
    void check(Link link) throws UsageException {
        for (AddressPool pool : pools()) {
            for (AddressRange range : pool.ranges()) {
                List<Cidr> subnets = link.subnets(range.family());
                boolean fits = subnets.stream()
                        .anyMatch(subnet -> subnet.contains(range.first()) && subnet.contains(range.last()));
                if (!fits) {
                    throw new UsageException("--pool " + range + " lies in no subnet of link " + link.name()
                            + ", which has "
                            + (subnets.isEmpty()
                                    ? "no " + range.family() + " address"
                                    : subnets.stream().map(Cidr::toString).collect(joining(", "))));
                }
            }
        }
    }
}
