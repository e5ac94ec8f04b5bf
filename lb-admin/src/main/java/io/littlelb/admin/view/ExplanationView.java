package io.littlelb.admin.view;

import java.util.List;
import java.util.Optional;

/**
 * Why a Service is served, or not: {@code /v1/explain/NAMESPACE/NAME}; or what it would get.
 *
 * @param exists whether there is such a Service to serve here
 * @param served whether it is, or would be, served as asked
 * @param problem the first thing that stands in the way
 * @param findings every decision with its grounds, in the order in which they are made
 */
public record ExplanationView(
        String service,
        boolean exists,
        boolean served,
        Optional<ServiceView.OfProblem> problem,
        List<OfFinding> findings) {
    public ExplanationView {
        findings = List.copyOf(findings);
    }

    /**
     * One answer.
     *
     * @param topic what is asked: {@code service}, {@code request}, {@code subnet}, {@code holder}, {@code address}, {@code ports}, {@code orders}, {@code backends},
     *     {@code policies}, {@code published}
     * @param answer {@code good}, {@code remark}, {@code pending}, {@code refused}
     * @param reason the word that stands for it in Events and conditions
     * @param text the grounds
     */
    public record OfFinding(String topic, String answer, Optional<String> reason, String text) {}
}
