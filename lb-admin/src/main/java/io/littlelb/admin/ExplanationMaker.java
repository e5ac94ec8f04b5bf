package io.littlelb.admin;

import io.littlelb.admin.view.ExplanationView;
import io.littlelb.admin.view.ServiceView;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import io.littlelb.core.plan.Explanation;
import java.util.List;
import java.util.Optional;

/** Makes {@link ExplanationView}. */
final class ExplanationMaker {
    private ExplanationMaker() {}

    /** Of a Service that there is, or is not; empty before the first pass. */
    static Optional<ExplanationView> explain(LoadBalancer loadBalancer, ServiceKey key) {
        return loadBalancer.explain(key).map(explanation -> view(explanation, exists(loadBalancer, key)));
    }

    private static boolean exists(LoadBalancer loadBalancer, ServiceKey key) {
        return loadBalancer
                .lastPass()
                .filter(pass -> pass.inputs().cluster().services().containsKey(key))
                .isPresent();
    }

    /** Of one that is to be made. */
    static Optional<ExplanationView> explain(LoadBalancer loadBalancer, Controls.Manifest manifest) {
        if (manifest.service().isEmpty()) {
            return Optional.of(new ExplanationView(
                    manifest.key().toString(),
                    exists(loadBalancer, manifest.key()),
                    false,
                    Optional.empty(),
                    List.of(new ExplanationView.OfFinding(
                            Shown.word(Explanation.Topic.SERVICE),
                            Shown.word(Explanation.Answer.REFUSED),
                            Optional.empty(),
                            Shown.escaped(manifest.whyNot())))));
        }
        return loadBalancer
                .explainNew(manifest.service().get())
                .map(explanation -> view(explanation, exists(loadBalancer, manifest.key())));
    }

    private static ExplanationView view(Explanation explanation, boolean exists) {
        return new ExplanationView(
                explanation.service().toString(),
                exists,
                explanation.isServed(),
                explanation
                        .problem()
                        .map(problem ->
                                new ServiceView.OfProblem(problem.reason().name(), problem.detail())),
                explanation.findings().stream()
                        .map(finding -> new ExplanationView.OfFinding(
                                Shown.word(finding.topic()),
                                Shown.word(finding.answer()),
                                finding.reason().map(Enum::name),
                                finding.text()))
                        .toList());
    }
}
