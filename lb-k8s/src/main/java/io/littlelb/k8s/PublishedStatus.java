package io.littlelb.k8s;

import static java.util.stream.Collectors.joining;

import com.google.common.base.Enums;
import com.google.common.base.Splitter;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.LoadBalancerIngressBuilder;
import io.fabric8.kubernetes.api.model.PortStatus;
import io.fabric8.kubernetes.api.model.PortStatusBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.model.ServiceStatus.Ingress;
import io.littlelb.core.model.Shown;
import java.net.InetAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** A status as it stands on a Service, read and written. Pure. */
final class PublishedStatus {
    private static final Splitter LIST = Splitter.on(',').trimResults().omitEmptyStrings();

    private PublishedStatus() {}

    /**
     * What we have said on a Service; empty when nothing. Never fails: anybody who may write statuses may have written something that makes no sense,
     * which is then left out, and the rest is not complete.
     *
     * @param served whether the Service is ours to serve. On one that is not, an ingress may be another load balancer's: only
     *     what the API server knows to be ours counts
     */
    static Optional<Published> read(Service service, boolean served) {
        boolean ours = served || ManagedFields.isInStatus(service);
        Legible<Ingress> ingress = Legible.of(ours ? ingress(service) : List.of(), PublishedStatus::read);
        Legible<Condition> conditions = Legible.of(ours ? knownConditions(service) : List.of(), PublishedStatus::read);
        Legible<Held> allocated = Legible.of(allocated(service), PublishedStatus::readHeld);
        Set<InetAddress> present = Set.copyOf(addresses(externalIps(service)).items());
        ServiceStatus status = new ServiceStatus(
                ingress.items(),
                inOrder(conditions.items()),
                allocated.items().stream()
                        .sorted(Comparator.comparing(Held::ip, Addresses.ORDER))
                        .toList(),
                addresses(ourExternalIps(service)).items().stream()
                        .filter(present::contains)
                        .toList());
        boolean isComplete = ingress.all()
                && allocated.all()
                && conditions.all()
                && status.conditions().size() == conditions.items().size();
        return status.equals(ServiceStatus.NONE) && (isComplete || !served)
                ? Optional.empty()
                : Optional.of(new Published(Given.uid(service), status, isComplete));
    }

    /**
     * What could be made of a list.
     *
     * @param all whether something could be made of each element
     */
    private record Legible<T>(List<T> items, boolean all) {
        static <G, T> Legible<T> of(List<G> given, Function<G, Optional<Legible<T>>> read) {
            List<Legible<T>> legible =
                    given.stream().flatMap(each -> read.apply(each).stream()).toList();
            return new Legible<>(
                    legible.stream().flatMap(each -> each.items().stream()).toList(),
                    legible.size() == given.size() && legible.stream().allMatch(Legible::all));
        }

        static <T> Optional<Legible<T>> of(T item, boolean whole) {
            return Optional.of(new Legible<>(List.of(item), whole));
        }
    }

    /** The whole of what a status says, as the body of a server-side apply to the status of {@code live}. */
    static Service write(Service live, ServiceStatus status, Instant now) {
        ServiceBuilder body = new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(Given.namespace(live))
                .withName(Given.name(live))
                .withUid(Given.uid(live))
                .endMetadata();
        if (!status.allocated().isEmpty()) {
            body.editMetadata()
                    .addToAnnotations(
                            Annotations.ALLOCATED,
                            status.allocated().stream()
                                    .map(PublishedStatus::print)
                                    .collect(joining(",")))
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

    /** {@code 198.18.0.9}, {@code 198.18.0.9=shared} or {@code 198.18.0.1=link}. */
    private static String print(Held held) {
        String ip = Addresses.print(held.ip());
        return held.terms() == Held.Terms.EXCLUSIVE ? ip : ip + "=" + Shown.word(held.terms());
    }

    private static Optional<Legible<Held>> readHeld(String text) {
        List<String> parts = Splitter.on('=').limit(2).splitToList(text);
        Optional<Held.Terms> terms = parts.size() == 1
                ? Optional.of(Held.Terms.EXCLUSIVE)
                : Stream.of(Held.Terms.values())
                        .filter(each -> Shown.word(each).equals(parts.get(1)))
                        .findFirst();
        return Addresses.parse(parts.get(0))
                .flatMap(ip -> Legible.of(new Held(ip, terms.orElse(Held.Terms.EXCLUSIVE)), terms.isPresent()));
    }

    /** What the annotation says that a Service holds, if it was us who said it: anybody else may have another's address in mind. */
    private static List<String> allocated(Service service) {
        return ManagedFields.isAnnotatedWithStatus(service, Annotations.ALLOCATED)
                ? LIST.splitToList(Annotations.get(service, Annotations.ALLOCATED))
                : List.of();
    }

    /** The entries that are ours to remove, as far as it was us who said that they are. */
    private static List<String> ourExternalIps(Service service) {
        return ManagedFields.isAnnotated(service, Annotations.EXTERNAL_IPS)
                ? LIST.splitToList(Annotations.get(service, Annotations.EXTERNAL_IPS))
                : List.of();
    }

    /** The entries of {@code spec.externalIPs}, ours and others'. */
    static List<String> externalIps(Service service) {
        return Given.list(
                Given.part(service.getSpec(), ServiceSpec::getExternalIPs).orElse(List.of()));
    }

    private static Legible<InetAddress> addresses(List<String> texts) {
        Legible<InetAddress> legible =
                Legible.of(texts, text -> Addresses.parse(text).flatMap(ip -> Legible.of(ip, true)));
        return new Legible<>(legible.items().stream().sorted(Addresses.ORDER).toList(), legible.all());
    }

    private static List<LoadBalancerIngress> ingress(Service service) {
        return Given.part(service.getStatus(), io.fabric8.kubernetes.api.model.ServiceStatus::getLoadBalancer)
                .map(balancer -> Given.list(balancer.getIngress()))
                .orElse(List.of());
    }

    private static Optional<Legible<Ingress>> read(LoadBalancerIngress entry) {
        Legible<Ingress.Port> ports = Legible.of(Given.list(entry.getPorts()), PublishedStatus::read);
        boolean whole = ports.all() && Given.text(entry.getHostname()).isEmpty();
        return Addresses.parse(Given.text(entry.getIp()))
                .flatMap(ip -> Legible.of(new Ingress(ip, ports.items()), whole));
    }

    private static Optional<Legible<Ingress.Port>> read(PortStatus port) {
        int number = port.getPort() == null ? 0 : port.getPort();
        Optional<Reason> error = Reason.of(Given.text(port.getError()));
        boolean whole = error.isPresent() || Given.text(port.getError()).isEmpty();
        return Enums.getIfPresent(Protocol.class, Given.text(port.getProtocol()))
                .toJavaUtil()
                .filter(known -> number > 0 && number <= 0xffff)
                .flatMap(known -> Legible.of(new Ingress.Port(number, known, error), whole));
    }

    private static List<io.fabric8.kubernetes.api.model.Condition> conditions(Service service) {
        return Given.list(Given.part(service.getStatus(), io.fabric8.kubernetes.api.model.ServiceStatus::getConditions)
                .orElse(List.of()));
    }

    private static List<io.fabric8.kubernetes.api.model.Condition> knownConditions(Service service) {
        return conditions(service).stream()
                .filter(condition -> type(condition).isPresent())
                .toList();
    }

    private static Optional<Condition.Type> type(io.fabric8.kubernetes.api.model.Condition condition) {
        return Stream.of(Condition.Type.values())
                .filter(type -> type.text().equals(condition.getType()))
                .findFirst();
    }

    private static Optional<Legible<Condition>> read(io.fabric8.kubernetes.api.model.Condition found) {
        String status = Given.text(found.getStatus());
        boolean known = status.equals("True") || status.equals("False");
        return type(found).flatMap(type -> {
            Condition unreadable =
                    new Condition(type, status.equals("True"), Optional.empty(), Given.text(found.getMessage()));
            Optional<Condition> read =
                    Condition.read(type, unreadable.holds(), Given.text(found.getReason()), unreadable.message());
            return Legible.of(read.orElse(unreadable), known && read.isPresent());
        });
    }

    /** One of each type at most. */
    private static List<Condition> inOrder(List<Condition> conditions) {
        Map<Condition.Type, Condition> first = new EnumMap<>(Condition.Type.class);
        conditions.forEach(condition -> first.putIfAbsent(condition.type(), condition));
        return List.copyOf(first.values());
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
        String since = conditions(live).stream()
                .filter(before -> condition.type().text().equals(before.getType()))
                .filter(before -> status.equals(before.getStatus()))
                .findFirst()
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
