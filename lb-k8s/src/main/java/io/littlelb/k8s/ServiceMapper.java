package io.littlelb.k8s;

import static java.util.Objects.requireNonNullElse;

import io.fabric8.kubernetes.api.model.ClientIPConfig;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Policy;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.TrafficPolicy;
import java.time.Duration;
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
    private static final int DEFAULT_AFFINITY_SECONDS = 10_800;

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

    /** A value that cannot be honoured and that security asks for closes the ports: to serve more people than wished would be worse. */
    private static Policies policies(Service service) {
        TrafficPolicy traffic = TrafficPolicy.DEFAULT;
        List<Problem> ignored = new ArrayList<>();
        List<Cidr> ranges = new ArrayList<>();
        for (String text : requireNonNullElse(service.getSpec().getLoadBalancerSourceRanges(), List.<String>of())) {
            Optional<Cidr> range = Cidr.parse(text.strip());
            if (range.isEmpty()) {
                return closed("spec.loadBalancerSourceRanges: \"" + text
                        + "\" is no network; write one such as 192.0.2.0/24 or 2001:db8::/32");
            }
            ranges.add(range.get());
        }
        for (Policy policy : Policy.values()) {
            String text = Annotations.get(service, Annotations.of(policy)).strip();
            try {
                traffic = text.isEmpty() ? traffic : policy.apply(traffic, text);
            } catch (IllegalArgumentException e) {
                String why = Annotations.of(policy) + ": " + e.getMessage();
                if (policy.isOfSecurity()) {
                    return closed(why);
                }
                ignored.add(new Problem(Reason.InvalidAnnotation, why + "; the default holds"));
            }
        }
        Optional<Duration> affinity = affinity(service);
        traffic = affinity.isPresent() ? traffic.withAffinity(affinity.get()) : traffic;
        return new Policies(traffic.withSourceRanges(ranges), Optional.empty(), ignored);
    }

    private static Policies closed(String why) {
        return Policies.closed(new Problem(Reason.InvalidAnnotation, why));
    }

    /** {@code spec.sessionAffinity} and its timeout, for which the API server has a default of three hours. */
    private static Optional<Duration> affinity(Service service) {
        boolean byClient = "ClientIP".equals(service.getSpec().getSessionAffinity());
        int seconds = Optional.ofNullable(service.getSpec().getSessionAffinityConfig())
                .map(SessionAffinityConfig::getClientIP)
                .map(ClientIPConfig::getTimeoutSeconds)
                .orElse(DEFAULT_AFFINITY_SECONDS);
        return byClient ? Optional.of(Duration.ofSeconds(seconds)) : Optional.empty();
    }
}
