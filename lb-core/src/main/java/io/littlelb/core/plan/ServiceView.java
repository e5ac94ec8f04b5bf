package io.littlelb.core.plan;

import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that there is to be told about one Service.
 *
 * @param allocations what it got in each family
 * @param allocated the addresses among that, in the order of {@link io.littlelb.core.model.Addresses#ORDER}
 * @param dialable of each frontend that the Service is to have
 */
record ServiceView(
        ServiceSpec service,
        Inputs inputs,
        ImmutableMap<Family, Allocation> allocations,
        List<InetAddress> allocated,
        Map<Frontend, Dialable> dialable,
        Boundaries boundaries) {
    ActualState actual() {
        return inputs.actual();
    }

    Link link() {
        return actual().link();
    }

    boolean isDrained() {
        return inputs.orders().drained().contains(service.key());
    }

    /** Its ports of protocols that are forwarded. */
    Stream<ServicePort> servedPorts() {
        return service.ports().stream().filter(port -> inputs.protocols().contains(port.protocol()));
    }

    /** The frontend as far as it is this Service's; one of a Service that is going away says nothing about this one. */
    Optional<FrontendStatus> frontend(InetAddress ip, ServicePort port) {
        return Optional.ofNullable(actual().frontends().get(frontendOf(ip, port)))
                .filter(status -> status.config().service().equals(service.key()));
    }

    /** What may be dialled for a port of an address; empty when that is not to be served. */
    Optional<Dialable> dialable(InetAddress ip, ServicePort port) {
        return Optional.ofNullable(dialable.get(frontendOf(ip, port)));
    }

    private static Frontend frontendOf(InetAddress ip, ServicePort port) {
        return new Frontend(ip, port.port(), port.protocol());
    }
}
