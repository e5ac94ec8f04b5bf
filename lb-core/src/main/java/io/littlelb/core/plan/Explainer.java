package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.model.Settings;
import io.littlelb.core.model.Shown;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.model.Trust;
import io.littlelb.core.plan.Explanation.Answer;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Explains what a pass decided for one Service. It asks the same functions that the pass asked, so it cannot tell another story; it has no state, and
 * may be used by any thread.
 */
public final class Explainer {
    /** Why a Service is served as it is. */
    public Explanation explain(Decision decision, ServiceKey key, Evidence evidence) {
        Optional<Explanation> undecided = undecided(decision, key);
        if (undecided.isPresent()) {
            return undecided.get();
        }
        ServiceSpec service = decision.inputs().cluster().services().get(key);
        return service == null
                ? unserved(
                        key,
                        Answer.REFUSED,
                        "there is no Service of this name to serve here: it does not exist, is not of type LoadBalancer, or"
                                + " its class or namespace is not this load balancer's")
                : explain(decision, service, evidence);
    }

    /** Before everything is known nothing is decided; and a clean stop decides for nobody. */
    private static Optional<Explanation> undecided(Decision decision, ServiceKey key) {
        if (!decision.inputs().isKnown()) {
            SourceContact source = decision.inputs().source();
            String why = source.isLive() ? "" : " (" + trouble(source) + ")";
            return Optional.of(unserved(
                    key,
                    Answer.PENDING,
                    Shown.escaped(
                            "not all Services and endpoints are known yet" + why + "; nothing is decided before")));
        }
        return decision.allocations().isDecided()
                ? Optional.empty()
                : Optional.of(unserved(key, Answer.REFUSED, "this load balancer stops; nothing is served any more"));
    }

    private static Explanation unserved(ServiceKey key, Answer answer, String text) {
        return new Explanation(key, false, List.of(new Finding(Topic.SERVICE, answer, Optional.empty(), text)));
    }

    private Explanation explain(Decision decision, ServiceSpec service, Evidence evidence) {
        Allocator.Explained explained = allocate(decision, decision.inputs().cluster(), service.key());
        Serving serving = new Serving(decision.inputs(), decision.allocations(), decision.placement());
        FrontendIndex own = new FrontendIndex();
        own.addAll(decision.desired().frontends().keySet());
        ServiceView view = serving.view(service, serving.dialable(service, own));
        List<Finding> findings = new ArrayList<>();
        findings.add(service(decision));
        findings.addAll(explained.findings());
        findings.addAll(new AddressFindings(view, serving.placement(), evidence).all());
        findings.addAll(new PortFindings(view).all());
        findings.addAll(orders(view));
        findings.addAll(new BackendFindings(view, evidence).all());
        findings.addAll(policies(view));
        findings.addAll(published(decision, view, evidence));
        boolean served = new StatusReport(view)
                .conditions().stream()
                        .allMatch(condition -> condition.holds() && condition.type() != Condition.Type.PORTS_ERROR);
        return new Explanation(service.key(), served, new Remedies(explained.offers()).added(findings));
    }

    private static Finding service(Decision decision) {
        return decision.inputs().trust() == Trust.LIVE
                ? Finding.good(Topic.SERVICE, "it is of type LoadBalancer, and this load balancer's to serve")
                : Finding.remark(
                        Topic.SERVICE, trouble(decision.inputs().source()) + "; what was known last stays in force");
    }

    private static String trouble(SourceContact source) {
        return source.place() + ": " + source.trouble().orElse("nothing more can be told of it now");
    }

    /** What a Service would get if it were made now; of its backends, nothing is known before. */
    public Explanation explainNew(Decision decision, ServiceSpec service) {
        Optional<Explanation> undecided = undecided(decision, service.key());
        if (undecided.isPresent()) {
            return undecided.get();
        }
        ClusterSnapshot now = decision.inputs().cluster();
        ClusterSnapshot then = new ClusterSnapshot(
                PersistentMap.copyOf(now.services()).with(Map.of(service.key(), service), Set.of()),
                now.backends(),
                now.published(),
                now.nodeAddresses());
        Allocator.Explained explained = allocate(decision, then, service.key());
        Serving serving = new Serving(decision.inputs(), explained.allocations(), decision.placement());
        ServiceView view = serving.view(service, Map.of());
        List<Finding> findings = new ArrayList<>();
        findings.add(service(decision));
        findings.addAll(explained.findings());
        AddressReport addresses = new AddressReport(view);
        view.allocated()
                .forEach(ip -> addresses
                        .problem(ip)
                        .ifPresent(problem -> findings.add(Finding.refused(Topic.ADDRESS, problem))));
        findings.addAll(new PortFindings(view).all());
        findings.addAll(orders(view));
        findings.addAll(policies(view));
        boolean served = findings.stream().noneMatch(finding -> finding.answer() == Answer.REFUSED);
        return new Explanation(service.key(), served, new Remedies(explained.offers()).added(findings));
    }

    private Allocator.Explained allocate(Decision decision, ClusterSnapshot cluster, ServiceKey key) {
        ActualState actual = decision.inputs().actual();
        Settings settings = decision.inputs().settings();
        AddressSupply supply =
                AddressSupply.of(actual, settings.pools(), cluster.nodeAddresses(), settings.boundaries());
        return Allocator.explain(cluster, supply, decision.allocations(), key);
    }

    private static List<Finding> orders(ServiceView view) {
        return view.isDrained()
                ? List.of(Finding.refused(
                        Topic.ORDERS, StatusReport.drained(view.service().key())))
                : List.of();
    }

    private static List<Finding> policies(ServiceView view) {
        Optional<Problem> closed = view.service().policies().problem();
        if (closed.isPresent()) {
            return List.of(Finding.refused(Topic.POLICIES, closed.get()));
        }
        List<Problem> ignored = view.service().policies().ignored();
        return ignored.isEmpty()
                ? List.of(Finding.good(Topic.POLICIES, "all that are set make sense"))
                : ignored.stream()
                        .map(problem -> Finding.remark(Topic.POLICIES, problem))
                        .toList();
    }

    /** What stands on it; and, as long as that is not what is to stand there, what is known to be the reason. */
    private static List<Finding> published(Decision decision, ServiceView view, Evidence evidence) {
        ServiceKey key = view.service().key();
        ServiceStatus status = status(decision.inputs().cluster().published(), key);
        String ingress = status.ingress().stream()
                .map(entry -> Addresses.print(entry.ip()))
                .collect(joining(", "));
        Finding shown =
                Finding.good(Topic.PUBLISHED, ingress.isEmpty() ? "no address is shown on it" : "it shows " + ingress);
        boolean settled = status.equals(status(decision.desired().statuses(), key));
        return evidence.complaint()
                .filter(complaint -> !settled)
                .map(complaint -> List.of(shown, Finding.remark(Topic.PUBLISHED, complaint)))
                .orElseGet(() -> List.of(shown));
    }

    private static ServiceStatus status(Map<ServiceKey, Published> statuses, ServiceKey key) {
        return Optional.ofNullable(statuses.get(key)).map(Published::status).orElse(ServiceStatus.NONE);
    }
}
