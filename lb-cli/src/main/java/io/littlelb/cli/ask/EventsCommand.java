package io.littlelb.cli.ask;

import io.littlelb.admin.view.EventView;
import io.littlelb.admin.view.EventsView;
import io.littlelb.cli.ask.Cell.Mood;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lb events}: what was decided, and what happened, of late. */
@Command(
        name = "events",
        description = "Shows what the running instance has decided, and what happened to it, the oldest first.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class EventsCommand extends AskCommand {
    private static final Duration BETWEEN = Duration.ofMillis(500);
    private static final String TITLES = "TIME                 LEVEL  WHAT";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

    @Option(
            names = {"--follow", "-f"},
            fallbackValue = "true",
            description = "Go on with those that come, until Ctrl-C.")
    private boolean follow;

    @Option(names = "--limit", paramLabel = "N", description = "The last N of them.")
    private Optional<Integer> limit = Optional.empty();

    @Option(
            names = "--service",
            paramLabel = "NAMESPACE/NAME",
            converter = ServiceName.Reader.class,
            description = "Only those of this Service.")
    private Optional<ServiceName> service = Optional.empty();

    EventsCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    void check() {
        if (limit.filter(it -> it < 1).isPresent()) {
            throw wrongUse("--limit " + limit.get() + ": at least 1");
        }
    }

    @Override
    int run() throws NotAnsweredException, InterruptedException {
        return follow ? follow() : super.run();
    }

    @Override
    int show(Instance instance, Screen screen) throws NotAnsweredException {
        show(ask(instance, Optional.empty()), screen, true);
        return DONE;
    }

    private Instance.Told<EventsView> ask(Instance instance, Optional<Long> after) throws NotAnsweredException {
        Route route = Route.get("/v1/events").only(service).with("after", after);
        return instance.ask(after.isPresent() ? route : route.with("limit", limit), EventsView.class);
    }

    private int follow() throws NotAnsweredException, InterruptedException {
        check();
        Screen screen = screen();
        EventsView before;
        try (Instance instance = instance()) {
            Instance.Told<EventsView> told = ask(instance, Optional.empty());
            show(told, screen, true);
            before = told.view();
        }
        while (true) {
            Thread.sleep(BETWEEN.toMillis());
            before = next(screen, before);
        }
    }

    /** Shows those that have come; of an instance that was started again all of them, since it counts from the beginning. */
    private EventsView next(Screen screen, EventsView before) throws NotAnsweredException {
        try (Instance instance = instance()) {
            Instance.Told<EventsView> told = ask(instance, Optional.of(before.last()));
            if (!told.view().journal().equals(before.journal())) {
                told = ask(instance, Optional.of(0L));
            }
            if (!told.view().events().isEmpty()) {
                show(told, screen, false);
            }
            return told.view();
        } catch (NotAnsweredException away) {
            if (away.status() == NotAnsweredException.NO_INSTANCE) {
                return before;
            }
            throw away;
        }
    }

    private static void show(Instance.Told<EventsView> told, Screen screen, boolean first) {
        if (screen.showsAsItCame(told.json())) {
            return;
        }
        if (first) {
            screen.footer(told.view().events().isEmpty() ? "no events" : TITLES);
        }
        told.view().events().forEach(it -> draw(it, screen));
    }

    private static void draw(EventView event, Screen screen) {
        boolean said = event.reason().filter(it -> !event.text().contains(it)).isEmpty();
        String text = said ? event.text() : event.reason().orElseThrow() + ": " + event.text();
        Cell level = Cell.of(event.level(), event.level().equals("info") ? Mood.PLAIN : Mood.WARN);
        screen.marked(time(event.at()) + "  ", level, TITLES.indexOf("WHAT"), Cell.of(text));
    }

    private static String time(Instant at) {
        return TIME.withZone(ZoneId.systemDefault()).format(at);
    }
}
