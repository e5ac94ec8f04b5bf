package io.littlelb.cli.ask;

import static io.littlelb.cli.ask.Column.left;
import static io.littlelb.cli.ask.Column.right;
import static io.littlelb.cli.ask.Units.bytes;
import static io.littlelb.cli.ask.Units.count;
import static io.littlelb.cli.ask.Units.latency;

import io.littlelb.admin.view.BackendView;
import io.littlelb.admin.view.BackendsView;
import io.littlelb.cli.ask.Cell.Mood;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lb backends}: which of them answer, how fast, and how many clients each has. */
@Command(
        name = "backends",
        description = "Shows the backends of every frontend: which answer, how fast, and what they have to do.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class BackendsCommand extends AskCommand {
    @Parameters(arity = "0..1", paramLabel = "NAMESPACE/NAME", description = "Only those of this Service.")
    private Optional<String> service = Optional.empty();

    BackendsCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    int show(Instance instance, Screen screen) throws NotAnsweredException {
        Instance.Told<BackendsView> told =
                instance.ask(Route.get("/v1/backends").only(service.map(this::service)), BackendsView.class);
        if (told.view().backends().isEmpty() && service.isPresent()) {
            ServicesCommand.require(instance, service(service.get()));
        }
        if (!screen.showsAsItCame(told.json())) {
            draw(told.view().backends(), screen);
        }
        return DONE;
    }

    private void draw(List<BackendView> backends, Screen screen) {
        Table table = new Table(
                service.isPresent() ? left("SERVICE").wide() : left("SERVICE"),
                haveSeveralAddresses(backends)
                        ? left("FRONTEND")
                        : left("FRONTEND").wide(),
                haveSeveralAddresses(backends) ? right("PORT").leaves(1) : right("PORT"),
                left("BACKEND"),
                right("CONNS").leaves(5),
                right("ACCEPTED").leaves(4),
                right("FAILED").leaves(6),
                right("DIAL p50/p99").leaves(7),
                right("IN").leaves(3),
                right("OUT").leaves(2),
                left("STATE").prose(24));
        backends.forEach(it -> table.row(
                Cell.of(it.service()),
                Cell.of(it.frontend()),
                Cell.of(port(it)),
                Cell.of(it.backend()),
                Cell.of(count(it.connections())),
                Cell.of(count(it.accepted())),
                Cell.of(count(it.failed()), it.failed() > 0 ? Mood.WARN : Mood.PLAIN),
                Cell.of(it.dialSeconds().map(BackendsCommand::dials).orElse("-")),
                Cell.of(bytes(it.bytesIn())),
                Cell.of(bytes(it.bytesOut())),
                state(it)));
        screen.table(table);
        if (backends.isEmpty()) {
            screen.footer("no backends");
        }
    }

    /** Whether a port of a Service is served on more than one, so that it alone does not tell which frontend is meant. */
    private static boolean haveSeveralAddresses(List<BackendView> backends) {
        long frontends = backends.stream()
                .map(it -> it.service() + it.frontend() + it.protocol())
                .distinct()
                .count();
        return frontends
                > backends.stream()
                        .map(it -> it.service() + port(it))
                        .distinct()
                        .count();
    }

    private static String port(BackendView backend) {
        String port = backend.frontend().substring(backend.frontend().lastIndexOf(':') + 1);
        return backend.protocol().equals("TCP") ? port : port + "/" + backend.protocol();
    }

    /** {@code 0.2/0.9 ms}: the unit once where it is the same. */
    private static String dials(BackendView.OfDials dials) {
        String middle = latency(dials.p50());
        String slowest = latency(dials.p99());
        String unit = slowest.substring(slowest.indexOf(' '));
        return (middle.endsWith(unit) ? middle.substring(0, middle.length() - unit.length()) : middle) + "/" + slowest;
    }

    private static Cell state(BackendView backend) {
        String more = backend.ejection()
                .map(it -> " " + Units.span(it.lastingSeconds()) + ": " + it.why() + "; asked again "
                        + (it.askedAgainInSeconds() <= 0 ? "now" : "in " + Units.span(it.askedAgainInSeconds())))
                .orElse("");
        return Cell.of(
                backend.state() + more,
                switch (backend.state()) {
                    case "ejected" -> Mood.BAD;
                    case "gone" -> Mood.WARN;
                    default -> Mood.PLAIN;
                });
    }
}
