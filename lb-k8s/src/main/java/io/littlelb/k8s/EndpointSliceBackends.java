package io.littlelb.k8s;

import static java.util.Objects.requireNonNullElse;

import com.google.common.base.Enums;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * From inside the pod network: the pods themselves, from the Service's EndpointSlices. Ready ones; if there are none, those that
 * still serve while they terminate.
 */
final class EndpointSliceBackends implements ServiceBackends {
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final Comparator<Backend> ORDER =
            Comparator.comparing(Backend::ip, Addresses.ORDER).thenComparingInt(Backend::port);

    private final Map<ServiceKey, List<MappedSlice>> slices = new HashMap<>();

    EndpointSliceBackends(List<MappedSlice> all) {
        all.forEach(slice -> slices.computeIfAbsent(slice.service(), made -> new ArrayList<>())
                .add(slice));
    }

    /** What an endpoint is good for. */
    enum State {
        READY,
        SERVING_WHILE_TERMINATING,
        UNUSABLE
    }

    /** A port of a slice: the name is the Service port's, the number the slice's own. */
    record Port(String name, Protocol protocol, int number) {}

    /** An address of an endpoint. */
    record Address(InetAddress ip, State state) {}

    /** One EndpointSlice in the core's terms. */
    record MappedSlice(ServiceKey service, List<Port> ports, List<Address> addresses) {
        /** Reads an EndpointSlice ({@code discovery.k8s.io/v1}). */
        static MappedSlice of(EndpointSlice slice) {
            Map<String, String> labels = requireNonNullElse(slice.getMetadata().getLabels(), Map.of());
            List<Port> ports = slice.getPorts().stream()
                    .flatMap(port -> port(port).stream())
                    .toList();
            List<Address> addresses = new ArrayList<>();
            for (Endpoint endpoint : slice.getEndpoints()) {
                State state = state(endpoint);
                endpoint.getAddresses().stream()
                        .limit(1) // the API: consumers use the first and no other
                        .flatMap(text -> Addresses.parse(text).stream())
                        .forEach(ip -> addresses.add(new Address(ip, state)));
            }
            ServiceKey service =
                    new ServiceKey(slice.getMetadata().getNamespace(), labels.getOrDefault(SERVICE_NAME, ""));
            return new MappedSlice(service, ports, addresses);
        }

        /** Empty for one that nothing can be sent to: anybody may write slices, and one bad port must not spoil the others. */
        private static Optional<Port> port(EndpointPort port) {
            int number = requireNonNullElse(port.getPort(), 0);
            boolean inRange = number > 0 && number <= 0xffff;
            return inRange
                    ? Enums.getIfPresent(Protocol.class, requireNonNullElse(port.getProtocol(), "TCP"))
                            .toJavaUtil()
                            .map(protocol -> new Port(requireNonNullElse(port.getName(), ""), protocol, number))
                    : Optional.empty();
        }

        /** The API's rules: an unknown readiness counts as ready, an unknown serving is the readiness. */
        private static State state(Endpoint endpoint) {
            if (endpoint.getConditions() == null) {
                return State.READY;
            }
            boolean ready = requireNonNullElse(endpoint.getConditions().getReady(), true);
            boolean serving = requireNonNullElse(endpoint.getConditions().getServing(), ready);
            boolean terminating = requireNonNullElse(endpoint.getConditions().getTerminating(), false);
            if (ready) {
                return State.READY;
            }
            return serving && terminating ? State.SERVING_WHILE_TERMINATING : State.UNUSABLE;
        }
    }

    @Override
    public Map<ServicePort, PortBackends> of(MappedService service) {
        Map<ServicePort, PortBackends> backends = new HashMap<>();
        service.asks().ifPresent(asks -> asks.ports().forEach(port -> backends.put(port, of(port, service.key()))));
        return backends;
    }

    private PortBackends of(ServicePort port, ServiceKey service) {
        List<Backend> ready = backends(port, service, State.READY);
        List<Backend> used = ready.isEmpty() ? backends(port, service, State.SERVING_WHILE_TERMINATING) : ready;
        if (used.isEmpty()) {
            long others = slicesOf(service)
                    .mapToLong(slice -> slice.addresses().size())
                    .sum();
            return PortBackends.none(new Problem(
                    Reason.NoBackends,
                    "port " + port + " has no ready endpoint (" + others + " that are not ready, or of other ports)"));
        }
        return new PortBackends(family(used, Family.IPV4), family(used, Family.IPV6), Optional.empty());
    }

    /** Endpoints of the frontend's family; where there are none, the others: a proxy can cross over. */
    private static Backends family(List<Backend> backends, Family family) {
        List<Backend> same = backends.stream()
                .filter(backend -> Family.of(backend.ip()) == family)
                .toList();
        return new Backends.Listed(same.isEmpty() ? backends : same);
    }

    private List<Backend> backends(ServicePort port, ServiceKey service, State state) {
        return slicesOf(service)
                .flatMap(slice -> slice.ports().stream()
                        .filter(found -> found.name().equals(port.name()) && found.protocol() == port.protocol())
                        .flatMap(found -> slice.addresses().stream()
                                .filter(address -> address.state() == state)
                                .map(address -> new Backend(address.ip(), found.number()))))
                .distinct()
                .sorted(ORDER)
                .toList();
    }

    private Stream<MappedSlice> slicesOf(ServiceKey service) {
        return slices.getOrDefault(service, List.of()).stream();
    }
}
