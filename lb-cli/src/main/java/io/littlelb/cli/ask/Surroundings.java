package io.littlelb.cli.ask;

import static java.util.Objects.requireNonNull;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a command finds around it.
 *
 * @param window of the terminal that is written to; empty when that is none. Asked each time something is drawn, since it may change
 * @param charset of what is written
 * @param run where sockets of running programs are, {@code /run}
 */
public record Surroundings(
        InputStream in,
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        Supplier<Optional<Window>> window,
        Charset charset,
        Path run) {
    public Surroundings {
        requireNonNull(in, "in");
        requireNonNull(out, "out");
        requireNonNull(err, "err");
        environment = Map.copyOf(environment);
        requireNonNull(window, "window");
        requireNonNull(charset, "charset");
        requireNonNull(run, "run");
    }

    /** How much fits on a terminal, in columns and lines. */
    public record Window(int columns, int lines) {}

    /** Those of this process. */
    public static Surroundings ofThisProcess(PrintStream err) {
        Map<String, String> environment = System.getenv();
        return new Surroundings(
                System.in,
                System.out,
                err,
                environment,
                new TerminalWindow(environment, TerminalWindow.STDOUT),
                Charset.forName(System.getProperty("stdout.encoding", System.getProperty("native.encoding", "UTF-8"))),
                Path.of("/run"));
    }

    /** A variable that says something. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }
}
