package io.littlelb.core.plan;

import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Shown;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.net.InetAddress;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the addresses of one Service are on the link, and whether clients can reach them there. */
final class AddressFindings {
    private final ServiceView view;
    private final AddressReport report;
    private final Placement placement;
    private final Evidence evidence;

    AddressFindings(ServiceView view, Placement placement, Evidence evidence) {
        this.view = view;
        this.report = new AddressReport(view);
        this.placement = placement;
        this.evidence = evidence;
    }

    List<Finding> all() {
        List<Finding> findings = new ArrayList<>();
        report.linkProblems().forEach(problem -> findings.add(Finding.refused(Topic.ADDRESS, problem)));
        view.allocated().forEach(ip -> findings.add(of(ip)));
        report.unreachable().ifPresent(problem -> findings.add(Finding.remark(Topic.ADDRESS, problem)));
        report.removals().forEach(removal -> findings.add(Finding.remark(Topic.ADDRESS, removal)));
        return findings;
    }

    private Finding of(InetAddress ip) {
        if (!placement.isHere(ip)) {
            return Finding.good(Topic.ADDRESS, Addresses.print(ip) + " is carried by another instance");
        }
        Optional<Problem> problem = report.problem(ip);
        if (problem.isPresent()) {
            return Finding.refused(Topic.ADDRESS, problem.get());
        }
        return report.isPresent(ip)
                ? present(ip)
                : Finding.pending(Topic.ADDRESS, "waiting for " + report.missing(ip) + state(ip));
    }

    /** It is there; of one that is ours it is known whether the network was told. */
    private Finding present(InetAddress ip) {
        String where = report.missing(ip);
        AddressHistory history = evidence.histories().get(ip);
        if (history == null || !view.link().carrier()) {
            return Finding.good(Topic.ADDRESS, where);
        }
        return history.announcedAt()
                .map(at -> Finding.good(Topic.ADDRESS, where + ", announced at " + at.truncatedTo(ChronoUnit.SECONDS)))
                .orElseGet(() -> Finding.remark(
                        Topic.ADDRESS, where + "; the network was not told where it is: " + untold(Family.of(ip))));
    }

    private static String untold(Family family) {
        String spoken = family == Family.IPV4 ? "ARP" : "neighbour discovery";
        return "it is about to be, or this link knows no " + spoken
                + ", or this process may not speak it: give it the capability NET_RAW (AmbientCapabilities of systemd,"
                + " securityContext.capabilities.add of Kubernetes) and restart it";
    }

    private String state(InetAddress ip) {
        return view.actual()
                .address(ip)
                .map(status -> ", which is " + Shown.word(status.state()))
                .orElse("");
    }
}
