package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.plan.Explanation.Topic;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What Services wish for: what they ask for, and what they held; a request that cannot be met by any address is refused here. */
final class Wishes {
    private final AddressSupply supply;
    private final Suitability suitability;
    private final Pools pools;
    private final Allocations previous;
    private final Decisions decisions;

    Wishes(AddressSupply supply, Suitability suitability, Pools pools, Allocations previous, Decisions decisions) {
        this.supply = supply;
        this.suitability = suitability;
        this.pools = pools;
        this.previous = previous;
        this.decisions = decisions;
    }

    /** One for each family that may be had. */
    List<Wish> of(ServiceSpec service) {
        if (service.request() instanceof AddressRequest.Invalid invalid) {
            return refuse(service, invalid.problem());
        }
        Optional<Problem> refusal = suitability.tooManyPorts(service).or(() -> pools.unknown(service));
        if (refusal.isPresent()) {
            return refuse(service, refusal.get());
        }
        decisions.note(service, Topic.REQUEST, () -> asked(service));
        if (service.request() instanceof AddressRequest.Literal literal) {
            refuseMissingFamilies(service, literal);
            return literal.addresses().stream()
                    .map(ip -> wish(service, Family.of(ip), Optional.of(ip)))
                    .toList();
        }
        return service.families().stream()
                .map(family -> supply.pools().isEmpty()
                        ? wish(service, family, supply.link().primary(family).map(Cidr::address))
                        : wishFromPool(service, family))
                .toList();
    }

    private List<Wish> refuse(ServiceSpec service, Problem problem) {
        service.families().forEach(family -> decisions.refuse(service, family, Topic.REQUEST, problem));
        return List.of();
    }

    private String asked(ServiceSpec service) {
        if (service.request() instanceof AddressRequest.Literal literal) {
            return "asks for "
                    + literal.addresses().stream().map(Addresses::print).collect(joining(" and "));
        }
        return supply.pools().isEmpty()
                ? "asks for no address, and no pool is configured: it shares the link's own"
                : "asks for no address in particular: it gets one of a pool";
    }

    /** Who says that it needs both families, and names an address of one, does not get what it needs. */
    private void refuseMissingFamilies(ServiceSpec service, AddressRequest.Literal literal) {
        boolean needsBoth = service.everyFamily() && service.families().size() > 1;
        Set<Family> asked = literal.addresses().stream().map(Family::of).collect(toSet());
        service.families().stream()
                .filter(family -> needsBoth && !asked.contains(family))
                .forEach(family -> decisions.refuse(
                        service,
                        family,
                        Topic.REQUEST,
                        new Problem(
                                Reason.NoAddressOfFamily,
                                "the Service requires both families and asks for no " + family
                                        + " address; name one of each in littlelb.io/addresses, or set ipFamilyPolicy:"
                                        + " PreferDualStack")));
    }

    private Wish wish(ServiceSpec service, Family family, Optional<InetAddress> ip) {
        Optional<InetAddress> held = previous.held(service.key(), family);
        return new Wish(service, family, ip, held.isPresent() && (ip.isEmpty() || held.equals(ip)));
    }

    /** What is held is wished for again, unless the pools have changed or another host has turned up with it. */
    private Wish wishFromPool(ServiceSpec service, Family family) {
        Optional<InetAddress> held = previous.held(service.key(), family)
                .filter(ip -> pools.offer(service, ip))
                .filter(ip -> !suitability.isReadyFor(ip) || suitability.isFitForAPool(ip));
        return new Wish(service, family, held, held.isPresent());
    }
}
