package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.model.ServiceStatus.Ingress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is said on one Service about itself: only what is seen to be so.
 *
 * <p>An address is promised once it is on the link and one of its ports is open. It is taken back when something is known to
 * have gone wrong; not while something is merely on its way, for that would flap in everybody's name servers.
 */
final class StatusReport {
    private final ServiceSpec service;
    private final ClusterSnapshot cluster;
    private final ImmutableMap<Family, Allocation> allocations;
    private final ActualState actual;
    private final Set<Protocol> protocols;
    private final Map<Frontend, Dialable> dialable;
    private final Boundaries boundaries;
    private final List<InetAddress> allocated;

    /** @param dialable of each frontend that the Service is to have */
    StatusReport(
            ServiceSpec service,
            Inputs inputs,
            ImmutableMap<Family, Allocation> allocations,
            Map<Frontend, Dialable> dialable,
            Boundaries boundaries) {
        this.dialable = dialable;
        this.boundaries = boundaries;
        this.service = service;
        this.cluster = inputs.cluster();
        this.allocations = allocations;
        this.actual = inputs.actual();
        this.protocols = inputs.protocols();
        this.allocated = allocations.values().stream()
                .flatMap(allocation -> allocation.ip().stream())
                .sorted(Addresses.ORDER)
                .toList();
    }

    ServiceStatus status(Publish publish) {
        List<Ingress> promised = allocated.stream()
                .filter(this::isPromised)
                .map(ip -> new Ingress(ip, ingressPorts(ip)))
                .toList();
        return new ServiceStatus(
                publish.ingress() ? promised : List.of(),
                conditions(),
                allocated,
                publish.externalIps() ? promised.stream().map(Ingress::ip).toList() : List.of());
    }

    private boolean isPromised(InetAddress ip) {
        boolean allPortsFailed =
                service.ports().stream().allMatch(port -> portProblem(ip, port).isPresent());
        if (allPortsFailed || addressProblem(ip).isPresent()) {
            return false;
        }
        boolean seen = isPresent(ip) && servedPorts().anyMatch(port -> isSet(ip, port));
        return seen || wasPromised(ip);
    }

    private boolean wasPromised(InetAddress ip) {
        Published published = cluster.published().get(service.key());
        return published != null
                && (published.status().externalIps().contains(ip)
                        || published.status().ingress().stream()
                                .anyMatch(ingress -> ingress.ip().equals(ip)));
    }

    private List<Ingress.Port> ingressPorts(InetAddress ip) {
        return service.ports().stream()
                .map(port -> new Ingress.Port(
                        port.port(), port.protocol(), portProblem(ip, port).map(Problem::reason)))
                .toList();
    }

    private List<Condition> conditions() {
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(Condition.Type.ALLOCATED, rejections(), allocatedMessage()));
        conditions.add(programmed());
        conditions.add(backendsAvailable());
        List<Problem> portProblems = portProblems();
        if (!portProblems.isEmpty()) {
            conditions.add(remark(Condition.Type.PORTS_ERROR, portProblems, details(portProblems)));
        }
        return conditions;
    }

    private Condition backendsAvailable() {
        List<Problem> missing = missingBackends();
        List<Problem> leftOut = dialable.values().stream()
                .flatMap(each -> each.problem().stream())
                .distinct()
                .sorted(Comparator.comparing(Problem::detail))
                .toList();
        if (missing.isEmpty() && !leftOut.isEmpty()) {
            return remark(Condition.Type.BACKENDS_AVAILABLE, leftOut, details(leftOut));
        }
        return condition(Condition.Type.BACKENDS_AVAILABLE, missing, "every port has a backend");
    }

    private Condition programmed() {
        List<Problem> problems = Stream.of(rejections(), linkProblems(), addressProblems(), portProblems())
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(List.of());
        List<String> missing = missing();
        if (problems.isEmpty() && !missing.isEmpty()) {
            return Condition.pending(Condition.Type.PROGRAMMED, "waiting for " + String.join(", ", missing));
        }
        String listening = listening();
        List<Problem> remarks = Stream.of(removals(), service.policies().ignored())
                .flatMap(List::stream)
                .toList();
        if (problems.isEmpty() && !remarks.isEmpty()) {
            return remark(Condition.Type.PROGRAMMED, remarks, details(remarks) + "; " + listening);
        }
        return condition(Condition.Type.PROGRAMMED, problems, listening);
    }

    private String listening() {
        List<String> open = new ArrayList<>();
        List<String> closed = new ArrayList<>();
        servedPorts()
                .forEach(port -> allocated.forEach(ip -> {
                    boolean isOpen = frontend(ip, port)
                            .filter(frontend -> frontend.state() == FrontendStatus.State.OPEN)
                            .isPresent();
                    (isOpen ? open : closed).add(Addresses.print(ip, port.port()));
                }));
        return Stream.of(
                        open.isEmpty() ? "" : "serving " + String.join(", ", open),
                        closed.isEmpty() ? "" : String.join(", ", closed) + " closed until there is a backend")
                .filter(part -> !part.isEmpty())
                .collect(joining("; "));
    }

    private static Condition condition(Condition.Type type, List<Problem> problems, String good) {
        return problems.isEmpty()
                ? Condition.good(type, good)
                : Condition.bad(type, problems.get(0).reason(), details(problems));
    }

    private static Condition remark(Condition.Type type, List<Problem> problems, String message) {
        return Condition.remark(type, problems.get(0).reason(), message);
    }

    private static String details(List<Problem> problems) {
        return problems.stream().map(Problem::detail).distinct().collect(joining("; "));
    }

    private List<Problem> rejections() {
        List<Problem> rejections = new ArrayList<>();
        allocations.values().forEach(allocation -> {
            if (allocation instanceof Allocation.Rejected rejected) {
                rejections.add(rejected.problem());
            }
        });
        return rejections;
    }

    private String allocatedMessage() {
        return allocations.values().stream()
                .flatMap(allocation -> allocation.ip().stream()
                        .map(ip -> Addresses.print(ip)
                                + (allocation instanceof Allocation.LinkAddress
                                        ? " (the address of link "
                                                + actual.link().name() + ")"
                                        : "")))
                .collect(joining(", "));
    }

    private List<Problem> linkProblems() {
        return Stream.concat(
                        allocations.keySet().stream()
                                .filter(family -> !actual.link().isReady(family))
                                .map(family -> "link " + actual.link().name() + " cannot take " + family
                                        + " addresses now; what is allocated is kept until it can"),
                        allocated.stream().filter(this::lacksItsSubnet).map(this::subnetIsGone))
                .map(detail -> new Problem(Reason.LinkNotReady, detail))
                .toList();
    }

    private boolean lacksItsSubnet(InetAddress ip) {
        Link link = actual.link();
        return link.isReady(Family.of(ip)) && link.subnetOf(ip).isEmpty();
    }

    private String subnetIsGone(InetAddress ip) {
        Link link = actual.link();
        return Addresses.print(ip) + " is in no subnet that link " + link.name() + " has now ("
                + link.subnets(Family.of(ip)).stream().map(Cidr::toString).collect(joining(", "))
                + "); it is kept for this Service until it is in one, or until another address is asked for";
    }

    private List<Problem> addressProblems() {
        return allocated.stream().flatMap(ip -> addressProblem(ip).stream()).toList();
    }

    private Optional<Problem> addressProblem(InetAddress ip) {
        return actual.address(ip)
                .flatMap(status -> reason(status.state())
                        .map(reason -> new Problem(reason, Addresses.print(ip) + ": " + status.detail())));
    }

    private static Optional<Reason> reason(AddressStatus.State state) {
        return switch (state) {
            case CONFLICT -> Optional.of(Reason.AddressConflict);
            case FAILED -> Optional.of(Reason.AddressFailed);
            case REMOVED -> Optional.of(Reason.AddressRemoved);
            case PENDING, TENTATIVE, ADOPTED, PRESENT -> Optional.empty();
        };
    }

    /** What is to be said of addresses that are there, and have not always been. */
    private List<Problem> removals() {
        return allocated.stream()
                .flatMap(ip -> actual.address(ip).stream())
                .filter(status -> status.state() == AddressStatus.State.PRESENT
                        && !status.detail().isEmpty())
                .map(status -> new Problem(
                        Reason.AddressRemoved, Addresses.print(status.cidr().address()) + ": " + status.detail()))
                .toList();
    }

    private List<Problem> portProblems() {
        return allocated.stream()
                .flatMap(ip -> service.ports().stream().flatMap(port -> portProblem(ip, port).stream()))
                .distinct()
                .toList();
    }

    private Optional<Problem> portProblem(InetAddress ip, ServicePort port) {
        if (service.policies().problem().isPresent()) {
            return service.policies().problem();
        }
        if (!protocols.contains(port.protocol())) {
            String supported = protocols.stream().sorted().map(Protocol::name).collect(joining(" and "));
            return Optional.of(new Problem(
                    Reason.ProtocolNotSupported,
                    "port " + port + " is not served: only " + supported + (protocols.size() == 1 ? " is" : " are")
                            + " supported"));
        }
        Optional<Problem> reserved = boundaries.reservedPorts().refusal(port, ip, actual.link());
        if (reserved.isPresent()) {
            return reserved;
        }
        return frontend(ip, port).flatMap(frontend -> frontend.problem(Reason.BindFailed));
    }

    private List<Problem> missingBackends() {
        return allocated.stream()
                .flatMap(ip -> servedPorts()
                        .filter(port -> dialable.containsKey(frontendOf(ip, port)))
                        .flatMap(port -> backendProblem(ip, port).stream()))
                .distinct()
                .toList();
    }

    private Optional<Problem> backendProblem(InetAddress ip, ServicePort port) {
        PortBackends backends = cluster.backends(service.key(), port);
        if (backends.of(Family.of(ip)).isEmpty()) {
            return backends.problem()
                    .or(() -> Optional.of(new Problem(Reason.NoBackends, "port " + port + " has no endpoint")));
        }
        Dialable allowed = dialable.get(frontendOf(ip, port));
        if (allowed.backends().isEmpty()) {
            return allowed.problem();
        }
        return frontend(ip, port)
                .flatMap(frontend -> frontend.problem(Reason.BackendsUnavailable))
                .map(problem ->
                        new Problem(problem.reason(), "no backend of port " + port + " answers: " + problem.detail()));
    }

    /** What has to appear before the Service is served in full. */
    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        for (InetAddress ip : allocated) {
            if (!isPresent(ip)) {
                missing.add(Addresses.print(ip) + " on link " + actual.link().name());
            } else {
                servedPorts().filter(port -> !isSet(ip, port)).forEach(port -> missing.add("port " + port));
            }
        }
        return missing;
    }

    private Stream<ServicePort> servedPorts() {
        return service.ports().stream().filter(port -> protocols.contains(port.protocol()));
    }

    private boolean isPresent(InetAddress ip) {
        return actual.address(ip)
                .filter(address -> address.state() == AddressStatus.State.PRESENT)
                .isPresent();
    }

    private boolean isSet(InetAddress ip, ServicePort port) {
        return frontend(ip, port).filter(FrontendStatus::isSet).isPresent();
    }

    /** The frontend as far as it is this Service's; one of a Service that is going away says nothing about this one. */
    private Optional<FrontendStatus> frontend(InetAddress ip, ServicePort port) {
        return Optional.ofNullable(actual.frontends().get(frontendOf(ip, port)))
                .filter(status -> status.config().service().equals(service.key()));
    }

    private static Frontend frontendOf(InetAddress ip, ServicePort port) {
        return new Frontend(ip, port.port(), port.protocol());
    }
}
