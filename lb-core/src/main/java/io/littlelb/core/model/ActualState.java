package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is: the link with its addresses, the frontends, and what we have said about Services. */
public record ActualState(
        Link link,
        List<AddressStatus> addresses,
        Map<Frontend, FrontendStatus> frontends,
        Map<ServiceKey, ClusterSnapshot.Published> published) {
    public ActualState {
        requireNonNull(link, "link");
        addresses = List.copyOf(addresses);
        frontends = Map.copyOf(frontends);
        published = Map.copyOf(published);
    }

    /** The address entry for an IP, whatever its prefix length; one in a good state before any other. */
    public Optional<AddressStatus> address(InetAddress ip) {
        return addresses.stream()
                .filter(address -> address.cidr().address().equals(ip))
                .min((a, b) -> Boolean.compare(isPresent(b), isPresent(a)));
    }

    private static boolean isPresent(AddressStatus address) {
        return address.state() == AddressStatus.State.PRESENT;
    }
}
