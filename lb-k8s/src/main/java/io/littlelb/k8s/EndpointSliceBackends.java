package io.littlelb.k8s;

import static java.util.Objects.requireNonNullElse;
import static java.util.stream.Collectors.toUnmodifiableSet;

import com.google.common.base.Enums;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.ForNode;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
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
import io.littlelb.k8s.HealthChecks.Target;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * From inside the pod network: the pods themselves, from the Service's EndpointSlices. Ready ones, of these the near ones where the Service
 * prefers them; if there are none, those that still serve while they terminate.
 */
final class EndpointSliceBackends implements ServiceBackends {
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final Comparator<Backend> ORDER =
            Comparator.comparing(Backend::ip, Addresses.ORDER).thenComparingInt(Backend::port);

    private final Function<ServiceKey, List<MappedSlice>> slices;
    private final Place here;

    /**
     * @param slices those of a Service
     * @param here where traffic goes out
     */
    EndpointSliceBackends(Function<ServiceKey, List<MappedSlice>> slices, Place here) {
        this.slices = slices;
        this.here = here;
    }

    /** A node and its zone, as far as they are known. */
    record Place(Optional<String> node, Optional<String> zone) {}

    /** What an endpoint is good for. */
    enum State {
        READY,
        SERVING_WHILE_TERMINATING,
        UNUSABLE
    }

    /** A port of a slice: the name is the Service port's, the number the slice's own. */
    record Port(String name, Protocol protocol, int number) {}

    /**
     * An address of an endpoint.
     *
     * @param forNodes the nodes that should send their traffic to it, as {@code trafficDistribution: PreferSameNode} makes the cluster's
     *     controller say
     * @param forZones the zones that should, by {@code PreferSameZone} or topology aware routing
     */
    record Address(InetAddress ip, State state, Set<String> forNodes, Set<String> forZones) {}

    /** An address with the number of a port. */
    private record Candidate(Address address, int port) {
        Backend backend() {
            return new Backend(address.ip(), port);
        }
    }

    /** One EndpointSlice in the core's terms. */
    record MappedSlice(List<Port> ports, List<Address> addresses) {
        /** Whose endpoints a slice has, by its label; there may be no such Service. */
        static ServiceKey service(EndpointSlice slice) {
            Map<String, String> labels = Given.metadata(slice).getLabels();
            return new ServiceKey(Given.namespace(slice), labels == null ? "" : Given.text(labels.get(SERVICE_NAME)));
        }

        /** Reads an EndpointSlice ({@code discovery.k8s.io/v1}). */
        static MappedSlice of(EndpointSlice slice) {
            WireObjects.check(slice);
            List<Port> ports = Given.list(slice.getPorts()).stream()
                    .flatMap(port -> port(port).stream())
                    .toList();
            List<Address> addresses = new ArrayList<>();
            for (Endpoint endpoint : Given.list(slice.getEndpoints())) {
                State state = state(endpoint);
                Set<String> forNodes = hints(endpoint, EndpointHints::getForNodes, ForNode::getName);
                Set<String> forZones = hints(endpoint, EndpointHints::getForZones, ForZone::getName);
                Given.list(endpoint.getAddresses()).stream()
                        .limit(1) // the API: consumers use the first and no other
                        .flatMap(text -> Addresses.parse(text).stream())
                        .forEach(ip -> addresses.add(new Address(ip, state, forNodes, forZones)));
            }
            return new MappedSlice(ports, addresses);
        }

        private static <T> Set<String> hints(
                Endpoint endpoint, Function<EndpointHints, List<T>> hints, Function<T, String> name) {
            return Given.part(endpoint.getHints(), hints).map(Given::list).orElse(List.of()).stream()
                    .map(hint -> Given.text(name.apply(hint)))
                    .collect(toUnmodifiableSet());
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
        List<MappedSlice> ofService = slices.apply(service.key());
        return service.asks()
                .map(asks -> Maps.toMap(asks.ports(), port -> of(port, ofService)))
                .orElse(ImmutableMap.of());
    }

    /** Nobody: that a pod is ready, its endpoint says. */
    @Override
    public Set<Target> targets(MappedService service) {
        return Set.of();
    }

    private PortBackends of(ServicePort port, List<MappedSlice> ofService) {
        List<Candidate> ready = near(candidates(port, ofService, State.READY));
        List<Backend> used =
                backends(ready.isEmpty() ? candidates(port, ofService, State.SERVING_WHILE_TERMINATING) : ready);
        if (used.isEmpty()) {
            long others = ofService.stream()
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

    /**
     * Those that are meant for where we are, by the rules of kube-proxy: the hints are followed if every one has some and one of them names us; the
     * node goes before the zone.
     */
    private List<Candidate> near(List<Candidate> all) {
        return meantFor(here.node(), Address::forNodes, all)
                .or(() -> meantFor(here.zone(), Address::forZones, all))
                .orElse(all);
    }

    private static Optional<List<Candidate>> meantFor(
            Optional<String> us, Function<Address, Set<String>> hints, List<Candidate> all) {
        boolean complete = us.isPresent()
                && all.stream()
                        .noneMatch(candidate -> hints.apply(candidate.address()).isEmpty());
        List<Candidate> meant = !complete
                ? List.of()
                : all.stream()
                        .filter(candidate -> hints.apply(candidate.address()).contains(us.get()))
                        .toList();
        return meant.isEmpty() ? Optional.empty() : Optional.of(meant);
    }

    private static List<Backend> backends(List<Candidate> candidates) {
        return candidates.stream()
                .map(Candidate::backend)
                .distinct()
                .sorted(ORDER)
                .toList();
    }

    private static List<Candidate> candidates(ServicePort port, List<MappedSlice> slices, State state) {
        return slices.stream()
                .flatMap(slice -> slice.ports().stream()
                        .filter(found -> found.name().equals(port.name()) && found.protocol() == port.protocol())
                        .flatMap(found -> slice.addresses().stream()
                                .filter(address -> address.state() == state)
                                .map(address -> new Candidate(address, found.number()))))
                .toList();
    }
}
