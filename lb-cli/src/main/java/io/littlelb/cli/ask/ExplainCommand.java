package io.littlelb.cli.ask;

import io.littlelb.admin.view.ExplanationView;
import io.littlelb.admin.view.ExplanationsView;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lb explain}: why a Service is served as it is, or what one would get. */
@Command(
        name = "explain",
        description = {
            "Shows every decision about a Service with its grounds: why it is served, or not.",
            "With -f: what the Services of a manifest would get, before they exist."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class ExplainCommand extends AskCommand {
    @Parameters(arity = "0..1", paramLabel = "NAMESPACE/NAME", description = "The Service.")
    private Optional<String> service = Optional.empty();

    @Option(
            names = {"--filename", "-f"},
            paramLabel = "FILE|-",
            description = "A manifest in YAML or JSON, of one or more documents; - is standard input.")
    private Optional<String> file = Optional.empty();

    ExplainCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    void check() {
        if (service.isPresent() == file.isPresent()) {
            throw wrongUse("name a Service, or a manifest with -f");
        }
    }

    @Override
    int show(Instance instance, Screen screen) throws NotAnsweredException {
        return file.isPresent()
                ? supposed(instance, screen, Manifest.read(file.get(), surroundings()))
                : existing(instance, screen, service(service.orElseThrow()));
    }

    private static int existing(Instance instance, Screen screen, ServiceName name) throws NotAnsweredException {
        Instance.Told<ExplanationView> told =
                instance.ask(Route.get("/v1/explain").of(name), ExplanationView.class);
        ExplanationView view = told.view();
        if (!screen.showsAsItCame(told.json())) {
            new ExplanationText(view, false).draw(screen);
        }
        if (!view.exists()) {
            return NotAnsweredException.NO_SUCH_SERVICE;
        }
        return view.served() ? DONE : NOT_SERVED;
    }

    private static int supposed(Instance instance, Screen screen, String manifest) throws NotAnsweredException {
        Route route = Route.post("/v1/explain").withBody(manifest);
        Instance.Told<ExplanationsView> told = instance.ask(route, ExplanationsView.class);
        List<ExplanationView> all = told.view().explanations();
        if (!screen.showsAsItCame(told.json())) {
            for (int i = 0; i < all.size(); i++) {
                if (i > 0) {
                    screen.line("");
                }
                new ExplanationText(all.get(i), true).draw(screen);
            }
        }
        return all.stream().allMatch(ExplanationView::served) ? DONE : NOT_SERVED;
    }
}
