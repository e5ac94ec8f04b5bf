package io.littlelb.core.plan;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toSet;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Link;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;

/**
 * What there is to give out.
 *
 * @param pools where Services without a request get theirs; none means that they share the link's own address
 * @param inConflict addresses that another host on the network uses: not to be chosen from a pool
 * @param markedNodeAddresses addresses that a node of the cluster tells of and that carry our mark on the link: they are ours
 * @param boundaries what is not given, whoever asks for it
 */
public record AddressSupply(
        Link link,
        List<AddressPool> pools,
        Set<InetAddress> inConflict,
        Set<InetAddress> markedNodeAddresses,
        Boundaries boundaries) {
    public AddressSupply {
        requireNonNull(link, "link");
        pools = List.copyOf(pools);
        inConflict = Set.copyOf(inConflict);
        markedNodeAddresses = Set.copyOf(markedNodeAddresses);
        requireNonNull(boundaries, "boundaries");
    }

    public AddressSupply(Link link, List<AddressPool> pools, Set<InetAddress> inConflict) {
        this(link, pools, inConflict, Set.of(), Boundaries.NONE);
    }

    /** The subnets of a link alone. */
    public static AddressSupply of(Link link) {
        return new AddressSupply(link, List.of(), Set.of());
    }

    /**
     * What a link has to give.
     *
     * @param nodeAddresses those that nodes of the cluster tell of
     */
    public static AddressSupply of(
            ActualState actual, List<AddressPool> pools, Set<InetAddress> nodeAddresses, Boundaries boundaries) {
        return new AddressSupply(
                actual.link(),
                pools,
                actual.addresses()
                        .filter(address -> address.state() == AddressStatus.State.CONFLICT)
                        .map(address -> address.cidr().address())
                        .collect(toSet()),
                nodeAddresses.stream()
                        .filter(ip ->
                                actual.address(ip).filter(AddressStatus::owned).isPresent())
                        .collect(toSet()),
                boundaries);
    }
}
