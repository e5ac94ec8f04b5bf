package io.littlelb.cli;

import io.littlelb.cli.flag.SpelledConstant;
import io.littlelb.cli.log.AccessMode;
import io.littlelb.cli.log.LogStyle;
import io.littlelb.cli.log.Logging;
import picocli.CommandLine.Option;

/** The flags about the log. */
final class LogOptions {
    @Option(names = "--debug", fallbackValue = "true", description = "Log more.")
    private boolean debug;

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            converter = Style.class,
            description =
                    "How the log is written: lines for people, or a JSON object a line. Default: ${DEFAULT-VALUE}.")
    private LogStyle style;

    @Option(
            names = "--access-log",
            paramLabel = "off|errors|all",
            defaultValue = "off",
            converter = Access.class,
            description =
                    "Log a line for every connection that has ended, or for those that did not end as both sides had meant;"
                            + " a thousand in a second at most. Default: ${DEFAULT-VALUE}.")
    private AccessMode access;

    /** The values of {@code --log-format}. */
    static final class Style extends SpelledConstant<LogStyle> {
        Style() {
            super(LogStyle.values());
        }
    }

    /** The values of {@code --access-log}. */
    static final class Access extends SpelledConstant<AccessMode> {
        Access() {
            super(AccessMode.values());
        }
    }

    /** The log as these flags want it. */
    Logging install() {
        Logging logging = Logging.install(LastWords.HANDLER);
        logging.style(style);
        logging.levels().set(level());
        logging.access().tellOf(access);
        return logging;
    }

    /** The level that is asked for. */
    String level() {
        return debug ? "debug" : "info";
    }

    LogStyle style() {
        return style;
    }

    AccessMode access() {
        return access;
    }
}
