package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.Multimaps;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is: the link with its addresses, the frontends, and what we have said about Services.
 *
 * @param addressesByIp the entries of one IP together, whatever their prefix lengths: the kernel may have several
 */
public record ActualState(
        Link link,
        ImmutableListMultimap<InetAddress, AddressStatus> addressesByIp,
        Map<Frontend, FrontendStatus> frontends,
        Map<ServiceKey, ClusterSnapshot.Published> published) {
    public ActualState {
        requireNonNull(link, "link");
        requireNonNull(addressesByIp, "addressesByIp");
        frontends = Map.copyOf(frontends);
        published = Map.copyOf(published);
    }

    public ActualState(
            Link link,
            List<AddressStatus> addresses,
            Map<Frontend, FrontendStatus> frontends,
            Map<ServiceKey, ClusterSnapshot.Published> published) {
        this(link, Multimaps.index(addresses, status -> status.cidr().address()), frontends, published);
    }

    /** All addresses of the link. */
    public Collection<AddressStatus> addresses() {
        return addressesByIp.values();
    }

    /** The address entry for an IP, whatever its prefix length; one in a good state before any other. */
    public Optional<AddressStatus> address(InetAddress ip) {
        AddressStatus best = null;
        for (AddressStatus address : addressesByIp.get(ip)) {
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
