package io.littlelb.core.plan;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who is on one address during one round of the {@link Allocator}; later comers must fit in with the first. */
final class Occupancy {
    private final InetAddress ip;
    private final Map<Slot, ServiceKey> slots = new LinkedHashMap<>();
    private Optional<Tenant> first = Optional.empty();

    Occupancy(InetAddress ip) {
        this.ip = ip;
    }

    /** What two Services of one address must not both have. */
    private record Slot(Protocol protocol, int port) {}

    /** The first Service on the address, and on what terms it is there. */
    private record Tenant(ServiceKey service, Allocation terms) {
        boolean shares(ServiceKey other, Allocation otherTerms) {
            if (terms instanceof Allocation.SharedByKey) {
                return terms.equals(otherTerms) && service.namespace().equals(other.namespace());
            }
            return terms instanceof Allocation.LinkAddress && otherTerms instanceof Allocation.LinkAddress;
        }
    }

    /** Lets a Service in on its terms, or says who is in the way. */
    Optional<Problem> enter(ServiceSpec service, Allocation terms) {
        if (first.isPresent() && !first.get().shares(service.key(), terms)) {
            return Optional.of(new Problem(
                    Reason.AddressInUse,
                    Addresses.print(ip) + " is held by Service " + first.get().service()));
        }
        for (ServicePort port : service.ports()) {
            ServiceKey holder = slots.get(new Slot(port.protocol(), port.port()));
            if (holder != null) {
                return Optional.of(new Problem(
                        Reason.PortInUse,
                        "port " + port + " of " + Addresses.print(ip) + " is held by Service " + holder));
            }
        }
        service.ports().forEach(port -> slots.put(new Slot(port.protocol(), port.port()), service.key()));
        first = first.or(() -> Optional.of(new Tenant(service.key(), terms)));
        return Optional.empty();
    }

    /** On what terms a Service is on the address that it has entered. */
    String describe(ServiceSpec service, Allocation terms) {
        String text = Addresses.print(ip);
        if (terms instanceof Allocation.LinkAddress) {
            return text
                    + " is shared by all Services that have the link's own address; the Service's ports are free on it";
        }
        List<String> others = slots.values().stream()
                .filter(key -> !key.equals(service.key()))
                .distinct()
                .map(ServiceKey::toString)
                .toList();
        if (terms instanceof Allocation.SharedByKey && !others.isEmpty()) {
            return text + " is shared, by one key, with " + String.join(", ", others);
        }
        return "nobody else holds " + text;
    }
}
