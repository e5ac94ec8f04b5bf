package io.littlelb.core.plan;

import com.google.common.collect.Multimap;
import com.google.common.collect.MultimapBuilder;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Whether the ports of one Service are open: one finding for all that stand alike on the same addresses. */
final class PortFindings {
    /** So many are named one by one. */
    private static final int NAMED = 20;

    private final ServiceView view;
    private final PortReport report;

    PortFindings(ServiceView view) {
        this.view = view;
        this.report = new PortReport(view);
    }

    /** How a port stands that nothing is wrong with. */
    private enum Standing {
        OPEN,
        DRAINED,
        WITHOUT_BACKENDS,
        NOT_YET,
        WITHOUT_ADDRESS
    }

    private record Alike(Standing standing, Set<InetAddress> ips) {}

    List<Finding> all() {
        Map<Alike, PortNames> groups = new LinkedHashMap<>();
        view.service()
                .ports()
                .forEach(port -> standings(port).asMap().forEach((standing, ips) -> {
                    PortNames names =
                            groups.computeIfAbsent(new Alike(standing, Set.copyOf(ips)), alike -> new PortNames(NAMED));
                    ips.forEach(ip -> names.add(new Frontend(ip, port.port(), port.protocol())));
                }));
        return Stream.concat(
                        report.problems().stream().map(problem -> Finding.refused(Topic.PORTS, problem)),
                        groups.entrySet().stream()
                                .map(group -> finding(group.getKey().standing(), group.getValue())))
                .toList();
    }

    private Multimap<Standing, InetAddress> standings(ServicePort port) {
        Multimap<Standing, InetAddress> standings =
                MultimapBuilder.enumKeys(Standing.class).arrayListValues().build();
        view.allocated().stream()
                .filter(ip -> report.problem(ip, port).isEmpty())
                .forEach(ip -> standings.put(standing(ip, port), ip));
        return standings;
    }

    private Standing standing(InetAddress ip, ServicePort port) {
        Standing standing = view.frontend(ip, port)
                .map(FrontendStatus::state)
                .map(state -> switch (state) {
                    case OPEN -> Standing.OPEN;
                    case REFUSING -> Standing.WITHOUT_BACKENDS;
                    case DRAINING, FAILED -> Standing.NOT_YET;
                })
                .orElse(Standing.WITHOUT_ADDRESS);
        return view.isDrained() && standing != Standing.OPEN ? Standing.DRAINED : standing;
    }

    private static Finding finding(Standing standing, PortNames ports) {
        String where = " on " + ports.addresses();
        return switch (standing) {
            case OPEN -> Finding.good(Topic.PORTS, ports + " open" + where);
            case DRAINED -> Finding.good(Topic.PORTS, ports + " closed" + where + ", for the Service is drained");
            case WITHOUT_BACKENDS ->
                Finding.good(Topic.PORTS, ports + " closed" + where + " as long as nobody is to be dialled");
            case NOT_YET -> Finding.pending(Topic.PORTS, ports + " not open yet" + where);
            case WITHOUT_ADDRESS ->
                Finding.pending(Topic.PORTS, ports + " to be opened" + where + ", once the address is there");
        };
    }
}
