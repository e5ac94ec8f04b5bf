package io.littlelb.cli.ask;

import io.littlelb.core.model.Shown;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** A command that asks an instance something and shows the answer. */
abstract class AskCommand implements Callable<Integer> {
    static final int DONE = 0;
    static final int NOT_SERVED = 1;

    @Spec
    private CommandSpec spec;

    @Mixin
    private final AskOptions options;

    AskCommand(Surroundings surroundings) {
        options = new AskOptions(surroundings);
    }

    /** Draws once; tells the status to end with. */
    abstract int show(Instance instance, Screen screen) throws NotAnsweredException;

    /** Whether, and after how long, it is drawn again until a person stops it. */
    Optional<Duration> again() {
        return Optional.empty();
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            return run();
        } catch (NotAnsweredException e) {
            say(e);
            return e.status();
        }
    }

    int run() throws NotAnsweredException, InterruptedException {
        check();
        Screen screen = screen();
        if (again().isPresent()) {
            return watch(screen, again().get());
        }
        try (Instance instance = instance()) {
            return show(instance, screen);
        }
    }

    /** Refuses flags that can never be right together. */
    void check() {}

    /** An instance that ends is waited for: it may well be started again. */
    private int watch(Screen screen, Duration pause) throws NotAnsweredException, InterruptedException {
        for (boolean first = true; ; first = false) {
            try (Instance instance = instance()) {
                screen.again(first);
                show(instance, screen);
            } catch (NotAnsweredException e) {
                if (first || e.status() != NotAnsweredException.NO_INSTANCE) {
                    throw e;
                }
                screen.again(false);
                say(e);
            }
            Thread.sleep(pause.toMillis());
        }
    }

    Screen screen() {
        return options.screen();
    }

    Instance instance() throws NotAnsweredException {
        return options.instance(Instance.PATIENCE);
    }

    Instance instance(Duration patience) throws NotAnsweredException {
        return options.instance(patience);
    }

    Surroundings surroundings() {
        return options.surroundings();
    }

    private void say(NotAnsweredException e) {
        surroundings().err().println("lb: " + Shown.escaped(e.getMessage()));
    }

    /** The Service that an argument names. */
    ServiceName service(String argument) {
        try {
            return ServiceName.parse(argument);
        } catch (TypeConversionException e) {
            throw wrongUse(e.getMessage());
        }
    }

    ParameterException wrongUse(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
