package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is: the link with its addresses, the frontends, and what we have said about Services.
 *
 * @param addressesByIp the entries of one IP together, whatever their prefix lengths: the kernel may have several
 */
public record ActualState(
        Link link,
        Map<InetAddress, List<AddressStatus>> addressesByIp,
        Map<Frontend, FrontendStatus> frontends,
        Map<ServiceKey, ClusterSnapshot.Published> published) {
    public ActualState {
        requireNonNull(link, "link");
        addressesByIp = PersistentMap.copyOf(addressesByIp); // which copies only what is not one
        frontends = PersistentMap.copyOf(frontends);
        published = PersistentMap.copyOf(published);
    }

    public ActualState(
            Link link,
            List<AddressStatus> addresses,
            Map<Frontend, FrontendStatus> frontends,
            Map<ServiceKey, ClusterSnapshot.Published> published) {
        this(link, byIp(addresses), frontends, published);
    }

    /** The entries of each IP, in their order. */
    public static PersistentMap<InetAddress, List<AddressStatus>> byIp(List<AddressStatus> addresses) {
        Map<InetAddress, List<AddressStatus>> byIp = new LinkedHashMap<>(2 * addresses.size());
        for (AddressStatus address : addresses) {
            byIp.merge(
                    address.cidr().address(),
                    List.of(address),
                    (some, more) -> ImmutableList.<AddressStatus>builder()
                            .addAll(some)
                            .addAll(more)
                            .build());
        }
        return PersistentMap.copyOf(byIp);
    }

    /** All addresses of the link. */
    public Stream<AddressStatus> addresses() {
        return addressesByIp.values().stream().flatMap(List::stream);
    }

    /** The address entry for an IP, whatever its prefix length; one in a good state before any other. */
    public Optional<AddressStatus> address(InetAddress ip) {
        AddressStatus best = null;
        for (AddressStatus address : addressesByIp.getOrDefault(ip, List.of())) {
            if (best == null || (isPresent(address) && !isPresent(best))) {
                best = address;
            }
        }
        return Optional.ofNullable(best);
    }

    private static boolean isPresent(AddressStatus address) {
        return address.state() == AddressStatus.State.PRESENT;
    }
}
