package io.littlelb.k8s;

import static java.util.Objects.requireNonNullElse;

import io.fabric8.kubernetes.api.model.Service;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads Services ({@code core/v1}). A user's mistake is never an exception: it becomes a part of what is asked for, and is
 * told on the Service itself. Pure, apart from the log.
 */
final class ServiceMapper {
    private static final Logger log = LoggerFactory.getLogger(ServiceMapper.class);

    private final Optional<String> loadBalancerClass;

    ServiceMapper(Optional<String> loadBalancerClass) {
        this.loadBalancerClass = loadBalancerClass;
    }

    /** What a Service asks for and what we have said on it. One that makes no sense at all asks for nothing. */
    MappedService map(Service service) {
        ServiceKey key = key(service);
        try {
            Map<ServicePort, Integer> nodePorts = new HashMap<>();
            Optional<ServiceSpec> asks =
                    isOurs(service) ? Optional.of(spec(key, service, nodePorts)) : Optional.empty();
            return new MappedService(
                    key,
                    asks,
                    nodePorts,
                    healthCheckNodePort(service),
                    PublishedStatus.read(service, asks.isPresent()));
        } catch (RuntimeException malformed) {
            log.error(
                    "Service {} (resourceVersion {}) cannot be understood and is not served; look at it with"
                            + " kubectl get service {} -n {} -o yaml",
                    key,
                    service.getMetadata().getResourceVersion(),
                    key.name(),
                    key.namespace(),
                    malformed);
            return new MappedService(key, Optional.empty(), Map.of(), Optional.empty(), Optional.empty());
        }
    }

    static ServiceKey key(Service service) {
        return new ServiceKey(
                service.getMetadata().getNamespace(), service.getMetadata().getName());
    }

    private boolean isOurs(Service service) {
        String serviceClass = requireNonNullElse(service.getSpec().getLoadBalancerClass(), "");
        return "LoadBalancer".equals(service.getSpec().getType())
                && serviceClass.equals(loadBalancerClass.orElse(""))
                && service.getMetadata().getDeletionTimestamp() == null;
    }

    private static ServiceSpec spec(ServiceKey key, Service service, Map<ServicePort, Integer> nodePorts) {
        List<ServicePort> ports = new ArrayList<>();
        for (io.fabric8.kubernetes.api.model.ServicePort port :
                service.getSpec().getPorts()) {
            ServicePort mapped = new ServicePort(
                    requireNonNullElse(port.getName(), ""),
                    Protocol.valueOf(requireNonNullElse(port.getProtocol(), "TCP")),
                    port.getPort());
            ports.add(mapped);
            if (port.getNodePort() != null && port.getNodePort() != 0) {
                nodePorts.put(mapped, port.getNodePort());
            }
        }
        String sharingKey = Annotations.sharingKey(service);
        return new ServiceSpec(
                key,
                service.getMetadata().getUid(),
                Instant.parse(service.getMetadata().getCreationTimestamp()),
                request(service),
                families(service),
                !"PreferDualStack".equals(service.getSpec().getIpFamilyPolicy()),
                sharingKey.isEmpty() ? Optional.empty() : Optional.of(sharingKey),
                ports,
                policies(service));
    }

    private static Optional<Integer> healthCheckNodePort(Service service) {
        boolean local = "Local".equals(service.getSpec().getExternalTrafficPolicy());
        return Optional.ofNullable(service.getSpec().getHealthCheckNodePort()).filter(port -> local && port != 0);
    }

    private static AddressRequest request(Service service) {
        String field = requireNonNullElse(service.getSpec().getLoadBalancerIP(), "");
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
            if (requireNonNullElse(service.getSpec().getIpFamilies(), List.of()).contains(family.toString())) {
                families.add(family);
            }
        }
        return families.isEmpty() ? EnumSet.of(Family.IPV4) : families;
    }

    /** A value of these two that cannot be honoured closes the ports: to serve more people than wished would be worse. */
    private static Policies policies(Service service) {
        String proxyProtocol = Annotations.get(service, Annotations.PROXY_PROTOCOL);
        if (!proxyProtocol.isBlank()) {
            return closed(
                    Annotations.PROXY_PROTOCOL + ": \"" + proxyProtocol
                            + "\" cannot be served: the PROXY protocol is not built yet; remove the annotation to be served without");
        }
        List<Cidr> ranges = new ArrayList<>();
        for (String text : requireNonNullElse(service.getSpec().getLoadBalancerSourceRanges(), List.<String>of())) {
            Optional<Cidr> range = Cidr.parse(text.strip());
            if (range.isEmpty()) {
                return closed("spec.loadBalancerSourceRanges: \"" + text
                        + "\" is no network; write one such as 192.0.2.0/24 or 2001:db8::/32");
            }
            ranges.add(range.get());
        }
        return new Policies(ranges, Optional.empty());
    }

    private static Policies closed(String why) {
        return new Policies(List.of(), Optional.of(new Problem(Reason.InvalidAnnotation, why)));
    }
}
