package io.littlelb.cli.ask;

import io.littlelb.admin.view.ExplanationView;
import io.littlelb.admin.view.ExplanationView.OfFinding;
import io.littlelb.cli.ask.Cell.Mood;
import java.util.Optional;

/**
 * Why a Service is served, or not, as prose.
 *
 * @param supposed whether the Service is only thought of
 */
record ExplanationText(ExplanationView view, boolean supposed) {
    private static final int LABEL = 25;

    void draw(Screen screen) {
        screen.prose(headline());
        int number = 0;
        for (OfFinding finding : view.findings()) {
            number++;
            screen.marked(label(number, finding), mark(finding.answer()), LABEL, Cell.of(text(finding)));
        }
    }

    private Cell headline() {
        String verb = supposed ? " would" : " is";
        if (view.served()) {
            return Cell.of(view.service() + verb + (supposed ? " be served." : " served."), Mood.GOOD);
        }
        if (!view.exists() && !supposed) {
            return Cell.of("There is no Service " + view.service() + " to serve.", Mood.BAD);
        }
        return Cell.of(view.service() + verb + " not" + (supposed ? " be" : "") + " served: " + why(), Mood.BAD);
    }

    /** The first refusal; or what is waited for. */
    private String why() {
        return view.problem()
                .map(it -> it.reason() + ": " + it.message())
                .or(() -> first("refused"))
                .or(() -> first("pending"))
                .orElse("it is not decided yet");
    }

    private Optional<String> first(String answer) {
        return view.findings().stream()
                .filter(it -> it.answer().equals(answer))
                .map(ExplanationText::text)
                .findFirst();
    }

    private static String label(int number, OfFinding finding) {
        return String.format("%2d %-11s ", number, finding.topic());
    }

    private static String text(OfFinding finding) {
        return finding.reason().map(reason -> reason + ": ").orElse("") + finding.text();
    }

    private static Cell mark(String answer) {
        return switch (answer) {
            case "good" -> Cell.of("ok", Mood.GOOD);
            case "remark" -> Cell.of("note", Mood.WARN);
            case "pending" -> Cell.of("waiting", Mood.WARN);
            case "refused" -> Cell.of("REFUSED", Mood.BAD);
            default -> Cell.of(answer);
        };
    }
}
