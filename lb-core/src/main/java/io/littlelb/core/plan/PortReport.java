package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What there is to say of the ports of one Service, and of the backends behind them. */
final class PortReport {
    private final ServiceView view;

    PortReport(ServiceView view) {
        this.view = view;
    }

    /** What keeps ports from being open. */
    List<Problem> problems() {
        return view.allocated().stream()
                .flatMap(ip -> view.service().ports().stream().flatMap(port -> problem(ip, port).stream()))
                .distinct()
                .toList();
    }

    /** What keeps a port of an address from being open. */
    Optional<Problem> problem(InetAddress ip, ServicePort port) {
        return view.service()
                .policies()
                .problem()
                .or(() -> unsupported(port))
                .or(() -> view.boundaries().reservedPorts().refusal(port, ip, view.link()))
                .or(() -> view.frontend(ip, port).flatMap(frontend -> frontend.problem(Reason.BindFailed)));
    }

    private Optional<Problem> unsupported(ServicePort port) {
        Set<Protocol> protocols = view.inputs().protocols();
        if (protocols.contains(port.protocol())) {
            return Optional.empty();
        }
        String supported = protocols.stream().sorted().map(Protocol::name).collect(joining(" and "));
        return Optional.of(new Problem(
                Reason.ProtocolNotSupported,
                "port " + port + " is not served: only " + supported + (protocols.size() == 1 ? " is" : " are")
                        + " supported"));
    }

    boolean isSet(InetAddress ip, ServicePort port) {
        return view.frontend(ip, port).filter(FrontendStatus::isSet).isPresent();
    }

    /** Where clients are accepted, and where they will be. */
    String listening() {
        List<String> open = new ArrayList<>();
        List<String> closed = new ArrayList<>();
        view.servedPorts()
                .forEach(port -> view.allocated().forEach(ip -> {
                    boolean isOpen = view.frontend(ip, port)
                            .filter(frontend -> frontend.state() == FrontendStatus.State.OPEN)
                            .isPresent();
                    (isOpen ? open : closed).add(Addresses.print(ip, port.port()));
                }));
        String until = view.isDrained() ? " closed until they are undrained" : " closed until there is a backend";
        return Stream.of(
                        open.isEmpty() ? "" : "serving " + String.join(", ", open),
                        closed.isEmpty() ? "" : String.join(", ", closed) + until)
                .filter(part -> !part.isEmpty())
                .collect(joining("; "));
    }

    /** Why ports have no backend that answers. */
    List<Problem> missingBackends() {
        return view.allocated().stream()
                .flatMap(ip -> view.servedPorts()
                        .flatMap(port -> view.dialable(ip, port).stream()
                                .flatMap(allowed -> missingBackends(ip, port, allowed).stream())))
                .distinct()
                .toList();
    }

    private Optional<Problem> missingBackends(InetAddress ip, ServicePort port, Dialable allowed) {
        PortBackends backends = view.inputs().cluster().backends(view.service().key(), port);
        if (backends.of(Family.of(ip)).isEmpty()) {
            return backends.problem()
                    .or(() -> Optional.of(new Problem(Reason.NoBackends, "port " + port + " has no endpoint")));
        }
        if (allowed.backends().isEmpty()) {
            return allowed.problem();
        }
        return view.frontend(ip, port)
                .flatMap(frontend -> frontend.problem(Reason.BackendsUnavailable))
                .map(problem ->
                        new Problem(problem.reason(), "no backend of port " + port + " answers: " + problem.detail()));
    }

    /** Backends that are not dialled for whoever wrote them. */
    List<Problem> leftOut() {
        return view.dialable().values().stream()
                .flatMap(each -> each.problem().stream())
                .distinct()
                .sorted(Comparator.comparing(Problem::detail))
                .toList();
    }
}
