package io.littlelb.core.plan;

import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where Services are to be served from here, and by which backends, given who was allocated what. */
record Serving(Inputs inputs, Allocations allocations, Placement placement) {
    Boundaries boundaries() {
        return inputs.settings().boundaries();
    }

    /** The frontends that a Service is to have, whatever its backends are. */
    Map<Frontend, ServicePort> frontends(ServiceSpec service) {
        Map<Frontend, ServicePort> frontends = new HashMap<>();
        if (service.policies().problem().isPresent()) {
            return frontends;
        }
        for (Allocation allocation : allocations.of(service.key()).values()) {
            allocation
                    .ip()
                    .filter(placement::isHere)
                    .ifPresent(ip -> service.ports().stream()
                            .filter(port -> isServed(port, ip))
                            .forEach(port -> frontends.put(new Frontend(ip, port.port(), port.protocol()), port)));
        }
        return frontends;
    }

    private boolean isServed(ServicePort port, InetAddress ip) {
        return inputs.protocols().contains(port.protocol())
                && boundaries()
                        .reservedPorts()
                        .refusal(port, ip, inputs.actual().link())
                        .isEmpty();
    }

    /**
     * Of each of these frontends, the backends that may be dialled.
     *
     * @param own all frontends that there are or are to be
     */
    Map<Frontend, Dialable> dialable(ServiceSpec service, FrontendIndex own) {
        Map<Frontend, Dialable> dialable = new HashMap<>();
        frontends(service).forEach((frontend, port) -> {
            Backends backends = inputs.cluster().backends(service.key(), port).of(Family.of(frontend.ip()));
            dialable.put(
                    frontend,
                    Dialable.of(
                            backends,
                            port,
                            own,
                            backend -> boundaries().allows(backend, isOfThisHost(backend.ip(), inputs.actual()))));
        });
        return dialable;
    }

    /** Programs of the host that listen on all addresses are reached by any: by those of other links, and by those that we have put there. */
    private static boolean isOfThisHost(InetAddress ip, ActualState actual) {
        return actual.link().isHosts(ip)
                || actual.link().isElsewhere(ip)
                || actual.addressesByIp().containsKey(ip);
    }

    /** Whether all that a Service was allocated is carried here. */
    boolean isWhollyHere(ServiceKey service) {
        return allocations.of(service).values().stream()
                .flatMap(allocation -> allocation.ip().stream())
                .allMatch(placement::isHere);
    }

    /** One Service, to be told about. */
    ServiceView view(ServiceSpec service, Map<Frontend, Dialable> dialable) {
        ImmutableMap<Family, Allocation> allocated = allocations.of(service.key());
        List<InetAddress> ips = allocated.values().stream()
                .flatMap(allocation -> allocation.ip().stream())
                .sorted(Addresses.ORDER)
                .toList();
        return new ServiceView(service, inputs, allocated, ips, dialable, boundaries());
    }
}
