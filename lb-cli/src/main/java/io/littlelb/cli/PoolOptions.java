package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import com.google.common.base.Splitter;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Shown;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;

/** The flag {@code --pool}, and what it comes to. */
final class PoolOptions {
    private static final String UNNAMED = "default";

    @Option(
            names = "--pool",
            paramLabel = "[NAME[@NAMESPACE,…]=]RANGE",
            split = "\n", // what a file lists; a comma is between the namespaces
            hideParamSyntax = true,
            description = "Addresses for Services that ask for none, such as 198.18.0.64/28 or"
                    + " 198.18.0.64-198.18.0.79; can be repeated, and a pool can have several. With"
                    + " namespaces it is for their Services only. Default: they share the link's own address.")
    private List<String> pools = List.of();

    /** The pools in the order in which they were named first. */
    List<AddressPool> pools() throws UsageException {
        Map<String, AddressPool> known = new LinkedHashMap<>();
        for (String text : pools) {
            AddressPool next = pool(text);
            for (AddressPool other : known.values()) {
                refuseOverlap(text, next, other);
            }
            AddressPool before = known.get(next.name());
            if (before != null && !before.namespaces().equals(next.namespaces())) {
                throw new UsageException("--pool " + Shown.quoted(text) + ": pool " + before.name()
                        + " is for other namespaces elsewhere; name the same ones each time");
            }
            known.merge(next.name(), next, PoolOptions::together);
        }
        return List.copyOf(known.values());
    }

    private static AddressPool together(AddressPool one, AddressPool other) {
        List<AddressRange> ranges = new ArrayList<>(one.ranges());
        ranges.addAll(other.ranges());
        return new AddressPool(one.name(), one.namespaces(), ranges);
    }

    private static AddressPool pool(String text) throws UsageException {
        int equals = text.indexOf('=');
        String left = equals < 0 ? UNNAMED : text.substring(0, equals);
        int at = left.indexOf('@');
        String name = at < 0 ? left : left.substring(0, at);
        List<String> namespaces = at < 0 ? List.of() : Splitter.on(',').splitToList(left.substring(at + 1));
        AddressRange range = AddressRange.parse(text.substring(equals + 1))
                .orElseThrow(() -> new UsageException("--pool " + Shown.quoted(text)
                        + ": write [NAME[@NAMESPACE,…]=]RANGE with a range such as 198.18.0.64/28 or"
                        + " 198.18.0.64-198.18.0.79"));
        if (name.isBlank()) {
            throw new UsageException("--pool " + Shown.quoted(text) + ": the name is empty");
        }
        for (String namespace : namespaces) {
            KubernetesNames.checkNamespace("--pool " + Shown.quoted(text), namespace);
        }
        return new AddressPool(name, Set.copyOf(namespaces), List.of(range));
    }

    private static void refuseOverlap(String text, AddressPool next, AddressPool other) throws UsageException {
        for (AddressRange range : other.ranges()) {
            if (range.intersection(next.ranges().get(0)).isPresent()) {
                throw new UsageException(
                        "--pool " + Shown.quoted(text) + " overlaps " + range + "; an address can be in one pool only");
            }
        }
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
