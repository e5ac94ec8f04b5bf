package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What {@code --linkdevice} may say: a link's name; {@code auto}, the link of the default route; or a subnet, the link that has an address in it. The last two
 * are the same words on every host of a cluster, whatever its links are called.
 */
final class LinkChoice {
    private static final String AUTO = "auto";

    private LinkChoice() {}

    /**
     * The name of the link that is meant. One that is named need not be there yet.
     *
     * @param links the links of this host
     */
    static String of(String flag, List<Link> links) throws UsageException {
        Optional<Cidr> subnet = Cidr.parse(flag);
        if (flag.isEmpty()) {
            throw new UsageException(
                    "--linkdevice is needed: which link are addresses to be put on? This host has " + print(links));
        }
        if (flag.equals(AUTO)) {
            return only(flag, "a default route", links, link -> !link.gateways().isEmpty());
        }
        if (subnet.isPresent()) {
            return only(flag, "an address in it", links, link -> hasAddressIn(link, subnet.get()));
        }
        if (flag.equals("lo")) {
            throw new UsageException("--linkdevice lo: no other host reaches an address of the loopback link;"
                    + " name the link that clients' traffic comes in on");
        }
        return flag;
    }

    private static boolean hasAddressIn(Link link, Cidr subnet) {
        return link.hostAddresses().stream().anyMatch(own -> subnet.contains(own.address()));
    }

    private static String only(String flag, String what, List<Link> links, Predicate<Link> fits) throws UsageException {
        List<Link> found = links.stream().filter(fits).toList();
        if (found.size() != 1) {
            throw new UsageException("--linkdevice " + flag + ": "
                    + (found.isEmpty() ? "no link has " : "more than one link has ") + what
                    + "; name one of " + print(found.isEmpty() ? links : found));
        }
        return found.get(0).name();
    }

    private static String print(List<Link> links) {
        return links.stream()
                .map(link -> link.name() + " "
                        + (link.hostAddresses().isEmpty() ? "without an address" : link.hostAddresses()))
                .collect(joining(", "));
    }
}
