package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toMap;

import com.google.common.collect.LinkedHashMultimap;
import com.google.common.collect.Multimap;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Durations;
import io.littlelb.core.model.Ejection;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.Shown;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether the ports of one Service have backends, and whether these answer. */
final class BackendFindings {
    /** So many of a port are named. */
    private static final int NAMED = 10;

    private final ServiceView view;
    private final Evidence evidence;

    BackendFindings(ServiceView view, Evidence evidence) {
        this.view = view;
        this.evidence = evidence;
    }

    List<Finding> all() {
        PortReport report = new PortReport(view);
        return Stream.of(
                        report.missingBackends().stream().map(problem -> Finding.refused(Topic.BACKENDS, problem)),
                        dialled(),
                        ejected(),
                        report.leftOut().stream().map(problem -> Finding.remark(Topic.BACKENDS, problem)))
                .flatMap(found -> found)
                .toList();
    }

    private Stream<Finding> dialled() {
        return view.servedPorts()
                .flatMap(port -> dialled(port).asMap().entrySet().stream()
                        .map(backends -> "port " + port + over(backends.getValue()) + " has " + backends.getKey()))
                .map(text -> Finding.good(Topic.BACKENDS, Shown.escaped(text)));
    }

    /** The backends of a port in words, and for clients of which families they are. */
    private Multimap<String, Family> dialled(ServicePort port) {
        Multimap<String, Family> families = LinkedHashMultimap.create();
        for (InetAddress ip : view.allocated()) {
            view.dialable(ip, port)
                    .filter(dialable -> !dialable.backends().isEmpty())
                    .map(dialable -> counted(dialable.backends().size(), "backend") + ": " + dialable.named())
                    .ifPresent(text -> families.put(text, Family.of(ip)));
        }
        return families;
    }

    private String over(Collection<Family> families) {
        boolean all = view.allocated().stream().map(Family::of).allMatch(families::contains);
        return all ? "" : " over " + families.stream().map(Family::toString).collect(joining(" and "));
    }

    private static String counted(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    /** Those that clients are kept from since they have failed. */
    private Stream<Finding> ejected() {
        return view.allocated().stream().flatMap(ip -> view.servedPorts().flatMap(port -> ejectedOf(ip, port)));
    }

    private Stream<Finding> ejectedOf(InetAddress ip, ServicePort port) {
        Map<Backend, Ejection> ejected = ejected(ip, port);
        Stream<String> named = ejected.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(
                        Comparator.comparing(Backend::ip, Addresses.ORDER).thenComparing(Backend::port)))
                .limit(NAMED)
                .map(one -> "of port " + port + ", " + one.getKey() + " is ejected: " + text(one.getValue()));
        int more = ejected.size() - NAMED;
        Stream<String> others = more > 0
                ? Stream.of("of port " + port + ", " + counted(more, "more backend") + (more == 1 ? " is" : " are")
                        + " ejected")
                : Stream.empty();
        return Stream.concat(named, others).map(text -> Finding.remark(Topic.BACKENDS, text));
    }

    /** One that has left the Service is of no concern any more. */
    private Map<Backend, Ejection> ejected(InetAddress ip, ServicePort port) {
        Frontend frontend = new Frontend(ip, port.port(), port.protocol());
        Counters counters = evidence.counters()
                .get(new Counters.Subject(frontend, view.service().key()));
        Optional<Dialable> dialable = view.dialable(ip, port);
        if (counters == null || dialable.isEmpty()) {
            return Map.of();
        }
        return counters.backends().entrySet().stream()
                .filter(one -> one.getValue().ejection().isPresent()
                        && dialable.get().backends().contains(one.getKey()))
                .collect(toMap(
                        Map.Entry::getKey, one -> one.getValue().ejection().orElseThrow()));
    }

    private static String text(Ejection ejection) {
        String next = ejection.askedAgainIn().isZero()
                ? "it is being asked again now"
                : "it is asked again in " + Durations.roughly(ejection.askedAgainIn());
        return ejection.why() + ", for " + Durations.roughly(ejection.lasting()) + " now; " + next
                + ", and gets clients meanwhile only where there is no other";
    }
}
