package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Shown;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the manifests of Services as the cluster would show them once they were applied, by the same {@link ServiceMapper}. Nothing is asked of anybody. Pure.
 */
public final class ServiceManifest {
    /** Where {@code kubectl apply} puts what names no namespace, unless it is told otherwise. */
    private static final String DEFAULT_NAMESPACE = "default";

    private static final String NEW = "new";

    private ServiceManifest() {}

    /**
     * What a manifest comes to: one of the two is present.
     *
     * @param asks what it would ask for
     * @param notOurs why it would not be this load balancer's to serve, in a sentence
     */
    public record Reading(ServiceKey key, Optional<ServiceSpec> asks, Optional<String> notOurs) {
        public Reading {
            requireNonNull(key, "key");
            requireNonNull(asks, "asks");
            requireNonNull(notOurs, "notOurs");
        }
    }

    /**
     * Reads YAML or JSON, of however many documents. Other objects may stand beside the Services: they are no matter.
     *
     * @param scope which Services are served
     * @param families those of the cluster, the one that it prefers first: a Service that names none gets that one, and all if it prefers that
     * @return the Services in their order, at least one
     * @throws ManifestException when there is no Service in it, saying what there is, or when one makes no sense
     */
    public static List<Reading> readAll(String yamlOrJson, ClusterScope scope, List<Family> families)
            throws ManifestException {
        return readAll(yamlOrJson, scope, families, InstantSource.system());
    }

    static List<Reading> readAll(String yamlOrJson, ClusterScope scope, List<Family> families, InstantSource clock)
            throws ManifestException {
        Instant now = clock.instant();
        List<Reading> readings = new ArrayList<>();
        for (ManifestObject service : services(ManifestObject.all(yamlOrJson))) {
            readings.add(read(service.service(), scope, families, now));
        }
        return readings;
    }

    private static Reading read(Service given, ClusterScope scope, List<Family> families, Instant now)
            throws ManifestException {
        try {
            WireObjects.check(given);
            return read(asCreated(given, families, now), scope);
        } catch (UnreadableException senseless) {
            throw new ManifestException(
                    "Service " + Shown.quoted(Given.name(given)) + ": " + senseless.getMessage(), senseless);
        }
    }

    private static Reading read(Service service, ClusterScope scope) {
        ServiceKey key = Given.key(service);
        Optional<String> notOurs = notOurs(service, scope);
        return notOurs.isPresent()
                ? new Reading(key, Optional.empty(), notOurs)
                : new Reading(
                        key,
                        new ServiceMapper(scope.loadBalancerClass())
                                .map(service)
                                .asks(),
                        Optional.empty());
    }

    private static List<ManifestObject> services(List<ManifestObject> objects) throws ManifestException {
        List<ManifestObject> services =
                objects.stream().filter(ManifestObject::isService).toList();
        if (services.isEmpty()) {
            throw new ManifestException("there is no Service in it, but " + named(objects));
        }
        return services;
    }

    private static String named(List<ManifestObject> objects) {
        return objects.isEmpty()
                ? "nothing"
                : objects.stream().map(ManifestObject::toString).collect(joining(", "));
    }

    /** With what the API server adds. */
    private static Service asCreated(Service given, List<Family> families, Instant now) {
        if (Given.name(given).isEmpty()) {
            throw new UnreadableException("metadata.name is not set");
        }
        String namespace = Given.namespace(given);
        return new ServiceBuilder(given)
                .withMetadata(new ObjectMetaBuilder(given.getMetadata())
                        .withNamespace(namespace.isEmpty() ? DEFAULT_NAMESPACE : namespace)
                        .withUid(NEW)
                        .withCreationTimestamp(now.toString())
                        .withDeletionTimestamp(null)
                        .build())
                .withSpec(asCreated(given.getSpec(), families))
                .withStatus(null)
                .build();
    }

    private static io.fabric8.kubernetes.api.model.ServiceSpec asCreated(
            io.fabric8.kubernetes.api.model.ServiceSpec given, List<Family> cluster) {
        ServiceSpecBuilder spec = given == null ? new ServiceSpecBuilder() : new ServiceSpecBuilder(given);
        if (Given.text(spec.getType()).isEmpty()) {
            spec.withType("ClusterIP");
        }
        return spec.withIpFamilies(families(spec, cluster)).build();
    }

    /** Those that are named, and of the cluster's as many more as the policy has it; it refuses to require both where there are not both, which is no matter here. */
    private static List<String> families(ServiceSpecBuilder spec, List<Family> cluster) {
        Set<String> families = new LinkedHashSet<>(Given.list(spec.getIpFamilies()));
        String policy = Given.text(spec.getIpFamilyPolicy());
        if (policy.equals("RequireDualStack")) {
            families.addAll(List.of(Family.IPV4.toString(), Family.IPV6.toString()));
        } else if (policy.equals("PreferDualStack")) {
            cluster.forEach(family -> families.add(family.toString()));
        } else if (families.isEmpty()) {
            cluster.stream().limit(1).forEach(family -> families.add(family.toString()));
        }
        return new ArrayList<>(families);
    }

    private static Optional<String> notOurs(Service service, ClusterScope scope) {
        String type = service.getSpec().getType();
        String itsClass = Given.text(service.getSpec().getLoadBalancerClass());
        String namespace = Given.namespace(service);
        if (!type.equals("LoadBalancer")) {
            return Optional.of(
                    "it is of type " + Shown.cut(type) + ", and only Services of type LoadBalancer are served");
        }
        if (!itsClass.equals(scope.loadBalancerClass().orElse(""))) {
            String has = itsClass.isEmpty()
                    ? "it has no loadBalancerClass"
                    : "its loadBalancerClass is " + Shown.quoted(itsClass);
            String served = scope.loadBalancerClass()
                    .map(ours -> "those of " + Shown.quoted(ours))
                    .orElse("those without one");
            return Optional.of(has + ", and only " + served + " are served (--load-balancer-class)");
        }
        if (!scope.namespaces().isEmpty() && !scope.namespaces().contains(namespace)) {
            String served = scope.namespaces().stream().sorted().collect(joining(", "));
            return Optional.of(
                    "its namespace " + Shown.quoted(namespace) + " is not served, only " + served + " (--namespace)");
        }
        return Optional.empty();
    }
}
