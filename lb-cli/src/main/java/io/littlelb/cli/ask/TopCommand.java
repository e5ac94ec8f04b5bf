package io.littlelb.cli.ask;

import static io.littlelb.cli.ask.Column.left;
import static io.littlelb.cli.ask.Column.right;
import static io.littlelb.cli.ask.Units.bits;
import static io.littlelb.cli.ask.Units.count;
import static io.littlelb.cli.ask.Units.perSecond;

import io.littlelb.admin.view.RatesView;
import io.littlelb.admin.view.ServiceView;
import io.littlelb.admin.view.ServicesView;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lb top}: which Services move the bytes now. */
@Command(
        name = "top",
        description = "Shows what moves now, the Service that moves most first, again every second until Ctrl-C.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class TopCommand extends AskCommand {
    private static final Comparator<ServiceView> MOST_FIRST = Comparator.comparingDouble(TopCommand::moved)
            .reversed()
            .thenComparing(Comparator.comparingLong(ServiceView::connections).reversed())
            .thenComparing(ServiceView::service);

    @Option(names = "--once", fallbackValue = "true", description = "Show it once.")
    private boolean once;

    @Option(
            names = "--every",
            paramLabel = "TIME",
            defaultValue = "1s",
            converter = Pause.class,
            description = "How often. Default: ${DEFAULT-VALUE}.")
    private Duration every = Duration.ofSeconds(1);

    TopCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    Optional<Duration> again() {
        return once ? Optional.empty() : Optional.of(every);
    }

    @Override
    int show(Instance instance, Screen screen) throws NotAnsweredException {
        Instance.Told<ServicesView> told = instance.ask(Route.get("/v1/services"), ServicesView.class);
        if (!screen.showsAsItCame(told.json())) {
            draw(told.view().services(), screen);
        }
        return DONE;
    }

    private static double moved(ServiceView service) {
        return service.rates().bytesIn() + service.rates().bytesOut();
    }

    private void draw(List<ServiceView> services, Screen screen) {
        RatesView all = services.stream().map(ServiceView::rates).reduce(RatesView.NONE, RatesView::plus);
        long connections = services.stream().mapToLong(ServiceView::connections).sum();
        screen.footer(count(services.size()) + " Services, " + count(connections) + " connections, "
                + perSecond(all.connections()) + " new, " + bits(all.bytesIn()) + " in, " + bits(all.bytesOut())
                + " out");
        Table table = new Table(
                left("SERVICE"),
                left("ADDRESS").leaves(1),
                right("CONNS"),
                right("NEW"),
                right("IN"),
                right("OUT"),
                right("BACKENDS").leaves(2));
        services.stream()
                .sorted(MOST_FIRST)
                .forEach(it -> table.row(
                        Cell.of(it.service()),
                        Cell.list(
                                it.addresses().stream()
                                        .map(ServiceView.OfAddress::ip)
                                        .toList(),
                                " "),
                        Cell.of(count(it.connections())),
                        Cell.of(perSecond(it.rates().connections())),
                        Cell.of(bits(it.rates().bytesIn())),
                        Cell.of(bits(it.rates().bytesOut())),
                        Cell.of(it.backendsAnswering() + "/" + it.backendsListed(), ServiceState.ofBackends(it))));
        if (once) {
            screen.table(table);
        } else {
            screen.table(table, 1);
        }
    }
}
