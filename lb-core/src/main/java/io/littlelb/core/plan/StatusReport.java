package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.model.ServiceStatus.Ingress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is said on one Service about itself: only what is seen to be so.
 *
 * <p>An address is promised once it is on the link and one of its ports is open. It is taken back when something is known to
 * have gone wrong; not while something is merely on its way, for that would flap in everybody's name servers.
 */
final class StatusReport {
    private final ServiceView view;
    private final AddressReport addresses;
    private final PortReport ports;

    StatusReport(ServiceView view) {
        this.view = view;
        this.addresses = new AddressReport(view);
        this.ports = new PortReport(view);
    }

    ServiceStatus status(Publish publish) {
        List<Ingress> promised = view.allocated().stream()
                .filter(this::isPromised)
                .map(ip -> new Ingress(ip, ingressPorts(ip)))
                .toList();
        return new ServiceStatus(
                publish.ingress() ? promised : List.of(),
                conditions(),
                Held.of(view.allocations().values()),
                publish.externalIps() ? promised.stream().map(Ingress::ip).toList() : List.of());
    }

    private boolean isPromised(InetAddress ip) {
        boolean allPortsFailed = view.service().ports().stream()
                .allMatch(port -> ports.problem(ip, port).isPresent());
        if (allPortsFailed || addresses.problem(ip).isPresent()) {
            return false;
        }
        boolean seen = addresses.isPresent(ip) && view.servedPorts().anyMatch(port -> ports.isSet(ip, port));
        return seen || wasPromised(ip);
    }

    private boolean wasPromised(InetAddress ip) {
        Published published =
                view.inputs().cluster().published().get(view.service().key());
        return published != null
                && (published.status().externalIps().contains(ip)
                        || published.status().ingress().stream()
                                .anyMatch(ingress -> ingress.ip().equals(ip)));
    }

    private List<Ingress.Port> ingressPorts(InetAddress ip) {
        return view.service().ports().stream()
                .map(port -> new Ingress.Port(
                        port.port(), port.protocol(), ports.problem(ip, port).map(Problem::reason)))
                .toList();
    }

    /** In the order of their types. */
    List<Condition> conditions() {
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(Condition.Type.ALLOCATED, addresses.rejections(), addresses.allocated()));
        conditions.add(programmed());
        conditions.add(backendsAvailable());
        List<Problem> portProblems = ports.problems();
        if (!portProblems.isEmpty()) {
            conditions.add(remark(Condition.Type.PORTS_ERROR, portProblems, details(portProblems)));
        }
        return conditions;
    }

    /** What is said of a Service that a person has drained. */
    static Problem drained(ServiceKey service) {
        return new Problem(
                Reason.Drained,
                "a person has drained this Service: it gets no new connections until it is undrained (lb undrain "
                        + service + ")");
    }

    private Condition backendsAvailable() {
        if (view.isDrained()) {
            Problem drained = drained(view.service().key());
            return Condition.bad(Condition.Type.BACKENDS_AVAILABLE, drained.reason(), drained.detail());
        }
        List<Problem> missing = ports.missingBackends();
        List<Problem> leftOut = ports.leftOut();
        if (missing.isEmpty() && !leftOut.isEmpty()) {
            return remark(Condition.Type.BACKENDS_AVAILABLE, leftOut, details(leftOut));
        }
        return condition(Condition.Type.BACKENDS_AVAILABLE, missing, "every port has a backend");
    }

    private Condition programmed() {
        List<Problem> problems = Stream.of(
                        addresses.rejections(), addresses.linkProblems(), addresses.problems(), ports.problems())
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(List.of());
        List<String> missing = missing();
        if (problems.isEmpty() && !missing.isEmpty()) {
            return Condition.pending(Condition.Type.PROGRAMMED, "waiting for " + String.join(", ", missing));
        }
        String listening = ports.listening();
        List<Problem> remarks = Stream.of(
                        addresses.removals(), view.service().policies().ignored())
                .flatMap(List::stream)
                .toList();
        if (problems.isEmpty() && !remarks.isEmpty()) {
            return remark(Condition.Type.PROGRAMMED, remarks, details(remarks) + "; " + listening);
        }
        return condition(Condition.Type.PROGRAMMED, problems, listening);
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

    /** What has to appear before the Service is served in full. */
    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        for (InetAddress ip : view.allocated()) {
            if (!addresses.isPresent(ip)) {
                missing.add(addresses.missing(ip));
            } else {
                view.servedPorts().filter(port -> !ports.isSet(ip, port)).forEach(port -> missing.add("port " + port));
            }
        }
        return missing;
    }
}
