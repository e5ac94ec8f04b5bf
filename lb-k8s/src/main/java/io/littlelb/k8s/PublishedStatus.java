package io.littlelb.k8s;

import static java.util.Objects.requireNonNullElse;
import static java.util.stream.Collectors.joining;

import com.google.common.base.Splitter;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.PortStatus;
import io.fabric8.kubernetes.api.model.PortStatusBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.model.ServiceStatus.Ingress;
import java.net.InetAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A status as it stands on a Service, read and written. Pure. */
final class PublishedStatus {
    /** The name under which the API server knows what we write. */
    static final String FIELD_MANAGER = "littlelb";

    private static final Splitter LIST = Splitter.on(',').trimResults().omitEmptyStrings();

    private PublishedStatus() {}

    /**
     * What we have said on a Service; empty when nothing.
     *
     * @param served whether the Service is ours to serve. On one that is not, an ingress may be another load balancer's: only
     *     what the API server knows to be ours counts
     */
    static Optional<Published> read(Service service, boolean served) {
        boolean ours = served || isFieldManager(service);
        Set<InetAddress> externalIps =
                Set.copyOf(addresses(requireNonNullElse(service.getSpec().getExternalIPs(), List.of())));
        ServiceStatus status = new ServiceStatus(
                ours ? ingress(service) : List.of(),
                ours ? conditions(service) : List.of(),
                addresses(LIST.splitToList(Annotations.get(service, Annotations.ALLOCATED))),
                addresses(LIST.splitToList(Annotations.get(service, Annotations.EXTERNAL_IPS))).stream()
                        .filter(externalIps::contains)
                        .toList());
        return status.equals(ServiceStatus.NONE)
                ? Optional.empty()
                : Optional.of(new Published(service.getMetadata().getUid(), status));
    }

    /** The whole of what a status says, as the body of a server-side apply to the status of {@code live}. */
    static Service write(Service live, ServiceStatus status, Instant now) {
        ServiceBuilder body = new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(live.getMetadata().getNamespace())
                .withName(live.getMetadata().getName())
                .withUid(live.getMetadata().getUid())
                .endMetadata();
        if (!status.allocated().isEmpty()) {
            body.editMetadata()
                    .addToAnnotations(Annotations.ALLOCATED, print(status.allocated()))
                    .endMetadata();
        }
        if (!status.ingress().isEmpty() || !status.conditions().isEmpty()) {
            body.withNewStatus().endStatus();
        }
        if (!status.ingress().isEmpty()) {
            body.editStatus()
                    .withNewLoadBalancer()
                    .withIngress(status.ingress().stream()
                            .map(PublishedStatus::write)
                            .toList())
                    .endLoadBalancer()
                    .endStatus();
        }
        if (!status.conditions().isEmpty()) {
            body.editStatus()
                    .withConditions(status.conditions().stream()
                            .map(condition -> write(condition, live, now))
                            .toList())
                    .endStatus();
        }
        return body.build();
    }

    static String print(Collection<InetAddress> addresses) {
        return addresses.stream().map(Addresses::print).collect(joining(","));
    }

    /** Whether something in the status is known to the API server as written by us. */
    private static boolean isFieldManager(Service service) {
        return requireNonNullElse(service.getMetadata().getManagedFields(), List.<ManagedFieldsEntry>of()).stream()
                .anyMatch(entry -> FIELD_MANAGER.equals(entry.getManager())
                        && entry.getFieldsV1() != null
                        && entry.getFieldsV1().getAdditionalProperties().containsKey("f:status"));
    }

    private static List<InetAddress> addresses(List<String> texts) {
        return texts.stream()
                .flatMap(text -> Addresses.parse(text).stream())
                .sorted(Addresses.ORDER)
                .toList();
    }

    private static List<Ingress> ingress(Service service) {
        if (service.getStatus() == null || service.getStatus().getLoadBalancer() == null) {
            return List.of();
        }
        List<Ingress> ingress = new ArrayList<>();
        for (LoadBalancerIngress entry : service.getStatus().getLoadBalancer().getIngress()) {
            Addresses.parse(requireNonNullElse(entry.getIp(), ""))
                    .ifPresent(ip -> ingress.add(new Ingress(ip, ports(entry.getPorts()))));
        }
        return ingress;
    }

    private static List<Ingress.Port> ports(List<PortStatus> ports) {
        return ports.stream()
                .map(port ->
                        new Ingress.Port(port.getPort(), Protocol.valueOf(port.getProtocol()), reason(port.getError())))
                .toList();
    }

    private static Optional<Reason> reason(String name) {
        return Stream.of(Reason.values())
                .filter(reason -> reason.name().equals(name))
                .findFirst();
    }

    private static List<Condition> conditions(Service service) {
        if (service.getStatus() == null) {
            return List.of();
        }
        List<Condition> conditions = new ArrayList<>();
        for (Condition.Type type : Condition.Type.values()) {
            find(service, type)
                    .ifPresent(found -> conditions.add(new Condition(
                            type, "True".equals(found.getStatus()), found.getReason(), found.getMessage())));
        }
        return conditions;
    }

    private static Optional<io.fabric8.kubernetes.api.model.Condition> find(Service service, Condition.Type type) {
        return service.getStatus().getConditions().stream()
                .filter(condition -> type.text().equals(condition.getType()))
                .findFirst();
    }

    private static LoadBalancerIngress write(Ingress ingress) {
        return new LoadBalancerIngressBuilder()
                .withIp(Addresses.print(ingress.ip()))
                .withIpMode("Proxy") // in-cluster traffic, too, has to come by way of us
                .withPorts(ingress.ports().stream()
                        .map(port -> new PortStatusBuilder()
                                .withPort(port.port())
                                .withProtocol(port.protocol().name())
                                .withError(port.error().map(Reason::name).orElse(null))
                                .build())
                        .toList())
                .build();
    }

    /** The time of transition stays while the condition holds, or does not hold, as before. */
    private static io.fabric8.kubernetes.api.model.Condition write(Condition condition, Service live, Instant now) {
        String status = condition.holds() ? "True" : "False";
        String since = live.getStatus() == null
                ? now.truncatedTo(ChronoUnit.SECONDS).toString()
                : find(live, condition.type())
                        .filter(before -> status.equals(before.getStatus()))
                        .map(io.fabric8.kubernetes.api.model.Condition::getLastTransitionTime)
                        .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new ConditionBuilder()
                .withType(condition.type().text())
                .withStatus(status)
                .withReason(condition.reason())
                .withMessage(condition.message())
                .withLastTransitionTime(since)
                .build();
    }
}
