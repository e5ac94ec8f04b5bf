package io.littlelb.cli.ask;

import io.littlelb.admin.view.ConnectionsView;
import io.littlelb.admin.view.EndedView;
import io.littlelb.cli.flag.SpelledConstant;
import io.littlelb.core.model.Shown;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lb connections}: who is connected to what, or was. */
@Command(
        name = "connections",
        description =
                "Shows who is connected to what, and how much each has moved; or whose connections have ended, and why.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class ConnectionsCommand extends AskCommand {
    @Option(
            names = "--service",
            paramLabel = "NAMESPACE/NAME",
            converter = ServiceName.Reader.class,
            description = "Only those of this Service.")
    private Optional<ServiceName> service = Optional.empty();

    @Option(names = "--client", paramLabel = "ADDRESS[/LENGTH]", description = "Only those of this client or network.")
    private Optional<String> client = Optional.empty();

    @Option(names = "--backend", paramLabel = "ADDRESS[:PORT]", description = "Only those to this backend.")
    private Optional<String> backend = Optional.empty();

    @Option(
            names = "--sort",
            paramLabel = "age|idle|bytes|client",
            converter = Order.Reader.class,
            description = "By what, the most of it first. Default: age.")
    private Optional<Order> sort = Optional.empty();

    @Option(names = "--limit", paramLabel = "N", description = "No more than these first ones. Default: 1000.")
    private Optional<Integer> limit = Optional.empty();

    @Option(
            names = "--watch",
            paramLabel = "TIME",
            arity = "0..1",
            fallbackValue = "1s",
            converter = Pause.class,
            description = "Show them again and again. Without a TIME: every second.")
    private Optional<Duration> watch = Optional.empty();

    @Option(names = "--ended", fallbackValue = "true", description = "Those that have ended, the last one first.")
    private boolean ended;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = Pause.class,
            description = "With --ended: only those of the last 5m, say.")
    private Optional<Duration> since = Optional.empty();

    @Option(
            names = "--ending",
            paramLabel = "WORD",
            description = "With --ended: only those that ended so, such as backend_reset.")
    private Optional<String> ending = Optional.empty();

    ConnectionsCommand(Surroundings surroundings) {
        super(surroundings);
    }

    /** The values of {@code --sort}. */
    enum Order {
        AGE,
        IDLE,
        BYTES,
        CLIENT;

        static final class Reader extends SpelledConstant<Order> {
            Reader() {
                super(Order.values());
            }
        }
    }

    @Override
    Optional<Duration> again() {
        return watch;
    }

    @Override
    void check() {
        if (!ended && Stream.of(since, ending).anyMatch(Optional::isPresent)) {
            throw wrongUse("--since and --ending are about connections that have ended: add --ended");
        }
        if (ended && sort.isPresent()) {
            throw wrongUse("--sort is not for --ended, which has the last one first");
        }
        if (limit.filter(it -> it < 1).isPresent()) {
            throw wrongUse("--limit " + limit.get() + ": at least 1");
        }
    }

    @Override
    int show(Instance instance, Screen screen) throws NotAnsweredException {
        return ended ? showEnded(instance, screen) : showLive(instance, screen);
    }

    private Route filtered(String path) {
        return Route.get(path)
                .only(service)
                .with("client", client)
                .with("backend", backend)
                .with("limit", limit);
    }

    private int showLive(Instance instance, Screen screen) throws NotAnsweredException {
        Route route = filtered("/v1/connections").with("sort", sort.map(Shown::word));
        Instance.Told<ConnectionsView> told = instance.ask(route, ConnectionsView.class);
        if (told.view().connections().isEmpty()) {
            requireService(instance);
        }
        if (!screen.showsAsItCame(told.json())) {
            ConnectionTables.live(told.view(), screen, watch.isPresent());
        }
        return DONE;
    }

    /** A table is empty for want of connections, or because the name is mistyped. */
    private void requireService(Instance instance) throws NotAnsweredException {
        if (service.isPresent()) {
            ServicesCommand.require(instance, service.get());
        }
    }

    private int showEnded(Instance instance, Screen screen) throws NotAnsweredException {
        Route route = filtered("/v1/connections/ended")
                .with("since", since.map(it -> Math.max(1, it.toSeconds())))
                .with("ending", ending);
        Instance.Told<EndedView> told = instance.ask(route, EndedView.class);
        if (told.view().ended().isEmpty()) {
            requireService(instance);
        }
        if (!screen.showsAsItCame(told.json())) {
            ConnectionTables.ended(told.view(), screen, watch.isPresent());
        }
        return DONE;
    }
}
