package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Shown;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which addresses may be given to whom, whoever has them now: what the link, the cluster, the pools and the boundaries permit, and in words why not.
 */
final class Suitability {
    private final AddressSupply supply;
    private final Link link;
    private final Subnets subnets;
    private final Set<InetAddress> nodeAddresses;
    private final Set<InetAddress> hostsOwn;
    private final Allocations previous;

    /**
     * @param nodeAddresses those that nodes of the cluster tell of
     * @param previous who held what before: what we have decided to hold is no node's own
     */
    Suitability(AddressSupply supply, Set<InetAddress> nodeAddresses, Allocations previous) {
        this.supply = supply;
        this.link = supply.link();
        this.subnets = new Subnets(link);
        this.nodeAddresses = nodeAddresses;
        this.hostsOwn = link.hostAddresses().stream().map(Cidr::address).collect(toSet());
        this.previous = previous;
    }

    /** Whether the link can take an address now: it is up, and has its subnet. */
    boolean isReadyFor(InetAddress ip) {
        return link.isReady(Family.of(ip)) && subnets.of(ip).isPresent();
    }

    /** Whether an address of a pool may be given to somebody who asks for none in particular. */
    boolean isFitForAPool(InetAddress ip) {
        return !hostsOwn.contains(ip)
                && !link.isElsewhere(ip)
                && !supply.inConflict().contains(ip)
                && unfit(ip).isEmpty();
    }

    /** Why an address is not for this Service, though it could be had. */
    Optional<Problem> outOfBounds(ServiceSpec service, InetAddress ip) {
        Boundaries boundaries = supply.boundaries();
        if (link.isElsewhere(ip)) {
            return Optional.of(elsewhere(ip));
        }
        if (!boundaries.hostAddresses() && hostsOwn.contains(ip)) {
            return Optional.of(new Problem(
                    Reason.AddressIsHosts,
                    Addresses.print(ip) + " is the host's own, and those are not for Services here (--host-addresses);"
                            + " ask for another one" + (supply.pools().isEmpty() ? ", or have a --pool set" : "")));
        }
        boolean literal = service.request() instanceof AddressRequest.Literal;
        boolean inAPool = new Pools(supply).offer(service, ip);
        return literal && boundaries.onlyPools() && !inAPool
                ? Optional.of(new Problem(
                        Reason.NotFromPool,
                        Addresses.print(ip) + " is in no pool for Services of namespace "
                                + service.key().namespace() + ", and no other addresses are given here (--only-pools)"))
                : Optional.empty();
    }

    private static Problem elsewhere(InetAddress ip) {
        String text = Addresses.print(ip);
        return new Problem(
                Reason.AddressIsHosts,
                text + " is on another link of this host (ip addr show to " + text + "), and would be on two; ask for"
                        + " another one, or take it off there if an instance that does not run any more has left it");
    }

    private static String join(List<Cidr> subnets) {
        return subnets.stream().map(Cidr::toString).collect(joining(", "));
    }

    /** Why the link can take no address of a family. */
    Problem notReady(Family family) {
        return link.state() == Link.State.UP
                ? new Problem(
                        Reason.NoAddressOfFamily,
                        "link " + link.name() + " has no " + family + " address of its own, so its subnet is not known")
                : new Problem(
                        Reason.LinkNotReady,
                        "link " + link.name() + " is " + Shown.word(link.state())
                                + "; addresses are allocated again when it is up");
    }

    /** Why an address cannot be had by anybody: the link has no subnet for it, or somebody else has it by right. */
    Optional<Problem> unfit(InetAddress ip) {
        Optional<Cidr> subnet = subnets.of(ip);
        boolean fit = subnet.isPresent()
                && subnet.get().hasHost(ip)
                && !link.gateways().contains(ip)
                && !isAnothers(ip);
        return fit ? Optional.empty() : Optional.of(whyUnfit(ip, subnet));
    }

    /**
     * Whether a node has the address by itself. A node also tells of ours as its own, as soon as its kubelet or cloud provider has seen them on the
     * link; these carry our mark, or are held by our own decision. Where another host defends it, it is that host's.
     */
    private boolean isAnothers(InetAddress ip) {
        boolean ofANode = nodeAddresses.contains(ip);
        boolean ours = ofANode
                && (supply.markedNodeAddresses().contains(ip) || (previous.isDecided() && previous.isHeld(ip)))
                && !supply.inConflict().contains(ip);
        return ofANode && !ours;
    }

    /** What speaks for an address that is fit. */
    String whyFit(InetAddress ip) {
        String text = Addresses.print(ip);
        if (link.primary(Family.of(ip)).map(Cidr::address).filter(ip::equals).isPresent()) {
            return text + " is the address of link " + link.name();
        }
        return text + " is in " + subnets.of(ip).map(Cidr::toString).orElse("no subnet") + " of link " + link.name()
                + ", and neither a gateway's nor a node's";
    }

    private Problem whyUnfit(InetAddress ip, Optional<Cidr> subnet) {
        String text = Addresses.print(ip);
        if (subnet.isEmpty()) {
            return new Problem(
                    Reason.AddressNotInSubnet,
                    text + " is in no subnet of link " + link.name() + ", which has "
                            + join(link.subnets(Family.of(ip))));
        }
        if (!subnet.get().hasHost(ip)) {
            return new Problem(Reason.InvalidAddress, text + " is the network or broadcast address of " + subnet.get());
        }
        return link.gateways().contains(ip)
                ? new Problem(Reason.InvalidAddress, text + " is the gateway of the default route")
                : new Problem(Reason.AddressIsNode, text + " is the address of a node of the cluster");
    }

    /** A Service with more ports than one may have has no address at all. */
    Optional<Problem> tooManyPorts(ServiceSpec service) {
        int most = supply.boundaries().portsPerService();
        return service.ports().size() <= most
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.TooManyPorts,
                        "the Service has " + service.ports().size() + " ports, and one may have " + most
                                + "; whoever runs Little LB can allow more with --max-ports-per-service"));
    }
}
