package io.littlelb.admin.view;

import java.util.List;

/** {@code POST /v1/explain}: what each Service of a manifest would get, in the manifest's order. */
public record ExplanationsView(List<ExplanationView> explanations) {
    public ExplanationsView {
        explanations = List.copyOf(explanations);
    }
}
