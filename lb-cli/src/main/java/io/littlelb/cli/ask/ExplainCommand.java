package io.littlelb.cli.ask;

import io.littlelb.admin.view.ExplanationView;
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
        if (service.isPresent()) {
            return one(instance, screen, Route.get("/v1/explain").of(service(service.get())), false);
        }
        List<String> services = Manifest.services(file.get(), surroundings());
        int status = DONE;
        for (int i = 0; i < services.size(); i++) {
            if (i > 0 && screen.isForPeople()) {
                screen.line("");
            }
            Route route = Route.post("/v1/explain").withBody(services.get(i));
            status = Math.max(status, one(instance, screen, route, true));
        }
        return status;
    }

    private static int one(Instance instance, Screen screen, Route route, boolean supposed)
            throws NotAnsweredException {
        Instance.Told<ExplanationView> told = instance.ask(route, ExplanationView.class);
        ExplanationView view = told.view();
        if (!screen.showsAsItCame(told.json())) {
            new ExplanationText(view, supposed).draw(screen);
        }
        if (view.served()) {
            return DONE;
        }
        return view.exists() || supposed ? NOT_SERVED : NotAnsweredException.NO_SUCH_SERVICE;
    }
}
