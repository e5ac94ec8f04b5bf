package io.littlelb.cli.ask;

import io.littlelb.admin.view.StatusView;
import io.littlelb.admin.view.StatusView.State;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lb status}: whether the instance is alive, ready, and has heard of late what it is to serve. */
@Command(
        name = "status",
        description = "Shows how the running instance fares. Ends with 0 when it serves all that it is asked to.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class StatusCommand extends AskCommand {
    private static final Duration BETWEEN = Duration.ofMillis(200);
    private static final Duration LEAST = Duration.ofMillis(250);

    @Option(names = "--brief", fallbackValue = "true", description = "One line.")
    private boolean brief;

    @Option(
            names = "--watch",
            paramLabel = "TIME",
            arity = "0..1",
            fallbackValue = "1s",
            converter = Pause.class,
            description = "Show it again and again. Without a TIME: every second.")
    private Optional<Duration> watch = Optional.empty();

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            converter = Pause.class,
            description = "Wait until an instance answers and every Service that it is asked for is served, but no"
                    + " longer than this.")
    private Optional<Duration> wait = Optional.empty();

    StatusCommand(Surroundings surroundings) {
        super(surroundings);
    }

    @Override
    void check() {
        if (watch.isPresent() && wait.isPresent()) {
            throw wrongUse("--watch and --wait: one of them");
        }
    }

    @Override
    Optional<Duration> again() {
        return watch;
    }

    @Override
    int run() throws NotAnsweredException, InterruptedException {
        if (wait.isEmpty()) {
            return super.run();
        }
        check();
        return awaitServed(screen(), System.nanoTime() + wait.get().toNanos());
    }

    /** Shows what is answered as soon as all is served, or last of all; neither an answer nor none is waited for beyond the deadline. */
    private int awaitServed(Screen screen, long deadline) throws NotAnsweredException, InterruptedException {
        while (true) {
            try (Instance instance = instance(patience(deadline))) {
                Instance.Told<StatusView> told = ask(instance);
                if (isServing(told.view()) || isOver(deadline)) {
                    return show(told, screen);
                }
            } catch (NotAnsweredException notYet) {
                if (notYet.status() == NotAnsweredException.WRONG_USE || isOver(deadline)) {
                    throw notYet;
                }
            }
            Thread.sleep(BETWEEN.toMillis());
        }
    }

    private static boolean isOver(long deadline) {
        return System.nanoTime() - deadline >= 0;
    }

    /** What is left, but no less than an instance that is well needs. */
    private static Duration patience(long deadline) {
        long left = Math.max(deadline - System.nanoTime(), LEAST.toNanos());
        return Duration.ofNanos(Math.min(left, Instance.PATIENCE.toNanos()));
    }

    private static boolean isServing(StatusView status) {
        return status.state() == State.serving
                && status.services().served() == status.services().wanted();
    }

    private static Instance.Told<StatusView> ask(Instance instance) throws NotAnsweredException {
        return instance.ask(Route.get("/v1/status"), StatusView.class);
    }

    @Override
    int show(Instance instance, Screen screen) throws NotAnsweredException {
        return show(ask(instance), screen);
    }

    private int show(Instance.Told<StatusView> told, Screen screen) {
        if (!screen.showsAsItCame(told.json())) {
            StatusText text = new StatusText(told.view());
            if (brief) {
                screen.line(text.brief());
            } else {
                text.draw(screen);
            }
        }
        return isServing(told.view()) ? DONE : NOT_SERVED;
    }
}
