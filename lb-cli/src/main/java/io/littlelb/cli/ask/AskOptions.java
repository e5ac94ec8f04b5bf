package io.littlelb.cli.ask;

import io.littlelb.cli.flag.SpelledConstant;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What every command takes that asks an instance. */
@Command(
        exitCodeListHeading = "Ends with:%n",
        exitCodeList = {
            "0:done; shown; served",
            "1:failed; degraded; not served; nothing was done",
            "2:wrong use",
            "3:no instance answers",
            "4:no such Service"
        })
final class AskOptions {
    /** What the same variable of the environment says to an instance that has none, LB_ADMIN_SOCKET. */
    private static final String OFF = "off";

    private final Surroundings surroundings;

    @Option(
            names = "--admin-socket",
            paramLabel = "PATH",
            description = "The instance's unix socket. Default: the one of /run/lb/lb.sock, /run/lb/*/lb.sock and"
                    + " $$XDG_RUNTIME_DIR/lb.sock where an instance answers.")
    private Optional<Path> adminSocket = Optional.empty();

    @Option(
            names = {"--output", "-o"},
            paramLabel = "table|wide|json|yaml",
            defaultValue = "table",
            converter = Format.Reader.class,
            description = "A table that fits the terminal; one with all columns, uncut; or all there is, for programs."
                    + " Default: ${DEFAULT-VALUE}.")
    private Format format = Format.TABLE;

    @Option(names = "--no-headers", fallbackValue = "true", description = "Neither titles nor sums, only rows.")
    private boolean noHeaders;

    @Option(
            names = "--color",
            paramLabel = "auto|always|never",
            defaultValue = "auto",
            converter = Colours.Reader.class,
            description = "auto: on a terminal, unless NO_COLOR is set. Default: ${DEFAULT-VALUE}.")
    private Colours colours = Colours.AUTO;

    AskOptions(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** The values of {@code --output}. */
    enum Format {
        TABLE,
        WIDE,
        JSON,
        YAML;

        boolean isForPeople() {
            return this == TABLE || this == WIDE;
        }

        static final class Reader extends SpelledConstant<Format> {
            Reader() {
                super(Format.values());
            }
        }
    }

    /** The values of {@code --color}. */
    enum Colours {
        AUTO,
        ALWAYS,
        NEVER;

        static final class Reader extends SpelledConstant<Colours> {
            Reader() {
                super(Colours.values());
            }
        }
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Screen screen() {
        return new Screen(surroundings, format, !noHeaders, colours);
    }

    /**
     * Finds the instance that is meant, now.
     *
     * @param patience how long it has for an answer
     */
    Instance instance(Duration patience) throws NotAnsweredException {
        Optional<Path> named = adminSocket.filter(path -> !path.toString().equals(OFF));
        return new Instance(new Sockets(surroundings).find(named), patience);
    }
}
