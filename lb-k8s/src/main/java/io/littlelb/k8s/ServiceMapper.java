package io.littlelb.k8s;

import com.google.common.base.Enums;
import io.fabric8.kubernetes.api.model.Service;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads Services ({@code core/v1}). A user's mistake is never an exception: it becomes a part of what is asked for, and is
 * told on the Service itself. Pure.
 */
final class ServiceMapper {
    private final Optional<String> loadBalancerClass;

    ServiceMapper(Optional<String> loadBalancerClass) {
        this.loadBalancerClass = loadBalancerClass;
    }

    /**
     * What a Service asks for, and what we have said on it.
     *
     * @throws UnreadableException when what every Service says is not there, or makes no sense
     */
    MappedService map(Service service) {
        WireObjects.check(service);
        ServiceKey key = Given.key(service);
        Map<ServicePort, Integer> nodePorts = new HashMap<>();
        Optional<ServiceSpec> asks = isOurs(service) ? Optional.of(spec(key, service, nodePorts)) : Optional.empty();
        return new MappedService(
                key, asks, nodePorts, healthCheckNodePort(service), PublishedStatus.read(service, asks.isPresent()));
    }

    /** Of a Service that cannot be read: what it was last known to ask for, and what we have said on it, which is read on its own. */
    MappedService keep(Service service, Optional<MappedService> last) {
        String uid = Given.uid(service);
        Optional<MappedService> kept =
                last.filter(it -> uid.isEmpty() || it.uid().filter(uid::equals).isPresent());
        Optional<ServiceSpec> asks = kept.flatMap(MappedService::asks);
        return new MappedService(
                Given.key(service),
                asks,
                kept.map(MappedService::nodePorts).orElse(Map.of()),
                kept.flatMap(MappedService::healthCheckNodePort),
                WireObjects.isReadable(service)
                        ? PublishedStatus.read(service, asks.isPresent())
                        : kept.flatMap(MappedService::published));
    }

    private boolean isOurs(Service service) {
        io.fabric8.kubernetes.api.model.ServiceSpec spec = specOf(service);
        String type = Given.text(spec.getType());
        if (type.isEmpty()) {
            throw new UnreadableException("spec.type is not set");
        }
        return type.equals("LoadBalancer")
                && Given.text(spec.getLoadBalancerClass()).equals(loadBalancerClass.orElse(""))
                && Given.metadata(service).getDeletionTimestamp() == null;
    }

    private static io.fabric8.kubernetes.api.model.ServiceSpec specOf(Service service) {
        return Optional.ofNullable(service.getSpec()).orElseThrow(() -> new UnreadableException("spec is not set"));
    }

    private static ServiceSpec spec(ServiceKey key, Service service, Map<ServicePort, Integer> nodePorts) {
        List<ServicePort> ports = new ArrayList<>();
        for (io.fabric8.kubernetes.api.model.ServicePort port : portsOf(service)) {
            ServicePort mapped = new ServicePort(
                    Given.text(port.getName()),
                    protocol(port.getProtocol()),
                    inRange("spec.ports.port", port.getPort()));
            ports.add(mapped);
            if (port.getNodePort() != null && port.getNodePort() != 0) {
                nodePorts.put(mapped, inRange("spec.ports.nodePort", port.getNodePort()));
            }
        }
        String uid = Given.uid(service);
        if (uid.isEmpty()) {
            throw new UnreadableException("metadata.uid is not set");
        }
        String sharingKey = Annotations.sharingKey(service);
        return new ServiceSpec(
                key,
                uid,
                createdAt(service),
                request(service),
                families(service),
                !"PreferDualStack".equals(specOf(service).getIpFamilyPolicy()),
                sharingKey.isEmpty() ? Optional.empty() : Optional.of(sharingKey),
                ports,
                ServicePolicies.read(service));
    }

    private static List<io.fabric8.kubernetes.api.model.ServicePort> portsOf(Service service) {
        List<io.fabric8.kubernetes.api.model.ServicePort> ports =
                Given.list(specOf(service).getPorts());
        if (ports.isEmpty()) {
            throw new UnreadableException("spec.ports is empty");
        }
        return ports;
    }

    private static Protocol protocol(String text) {
        return text == null
                ? Protocol.TCP
                : Enums.getIfPresent(Protocol.class, text)
                        .toJavaUtil()
                        .orElseThrow(() ->
                                new UnreadableException("spec.ports.protocol is " + UnreadableException.quote(text)));
    }

    private static int inRange(String field, Integer port) {
        if (port == null || port < 1 || port > 0xffff) {
            throw new UnreadableException(field + " is " + port);
        }
        return port;
    }

    private static Instant createdAt(Service service) {
        String text = Given.text(Given.metadata(service).getCreationTimestamp());
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new UnreadableException("metadata.creationTimestamp is " + UnreadableException.quote(text));
        }
    }

    private static Optional<Integer> healthCheckNodePort(Service service) {
        boolean local = "Local".equals(specOf(service).getExternalTrafficPolicy());
        return Optional.ofNullable(specOf(service).getHealthCheckNodePort())
                .filter(port -> local && port != 0)
                .map(port -> inRange("spec.healthCheckNodePort", port));
    }

    private static AddressRequest request(Service service) {
        String field = Given.text(specOf(service).getLoadBalancerIP());
        AddressRequest request = AddressRequest.parse(field, Annotations.addresses(service));
        String pool = Annotations.get(service, Annotations.POOL);
        if (pool.isBlank()) {
            return request;
        }
        return request instanceof AddressRequest.Any
                ? AddressRequest.ofPool(pool.strip())
                : new AddressRequest.Invalid(new Problem(
                        Reason.ConflictingRequest,
                        "an address is asked for, and " + Annotations.POOL + " asks for any of pool \"" + pool
                                + "\"; set only one of them"));
    }

    private static Set<Family> families(Service service) {
        Set<Family> families = EnumSet.noneOf(Family.class);
        for (Family family : Family.values()) {
            if (Given.list(specOf(service).getIpFamilies()).contains(family.toString())) {
                families.add(family);
            }
        }
        return families.isEmpty() ? EnumSet.of(Family.IPV4) : families;
    }
}
