package io.littlelb.cli;

import io.littlelb.core.model.Shown;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** One line a record, on stderr: {@code 2026-01-01T00:00:00.000Z INFO  message}. */
public final class LogFormat extends Formatter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Sends all logging to stderr in this format; with {@code debug}, our own debug lines too. */
    public static void install(boolean debug) {
        LogManager.getLogManager().reset();
        Handler stderr = new ConsoleHandler();
        stderr.setFormatter(new LogFormat());
        stderr.setLevel(Level.ALL);
        Logger root = Logger.getLogger("");
        root.addHandler(stderr);
        root.setLevel(Level.WARNING);
        CLIENT_LIBRARY.setLevel(debug ? Level.WARNING : Level.OFF); // what fails there we say ourselves, in a line
        OURS.setLevel(debug ? Level.FINE : Level.INFO);
    }

    /** Logs every netlink message, decoded. */
    static void traceNetlink() {
        NETLINK.setLevel(Level.FINEST);
    }

    /** Held here because the log manager itself would let go of a logger that nobody else holds, and of its level. */
    private static final Logger OURS = Logger.getLogger("io.littlelb");

    private static final Logger CLIENT_LIBRARY = Logger.getLogger("io.fabric8.kubernetes.client");

    private static final Logger NETLINK = Logger.getLogger("io.littlelb.netlink.rtnetlink.LoggedMessages");

    @Override
    public String format(LogRecord entry) {
        StringBuilder line = new StringBuilder()
                .append(TIME.format(entry.getInstant()))
                .append(' ')
                .append(level(entry.getLevel()))
                .append(' ')
                .append(Shown.escaped(formatMessage(entry)))
                .append(System.lineSeparator());
        if (entry.getThrown() != null) {
            StringWriter trace = new StringWriter();
            entry.getThrown().printStackTrace(new PrintWriter(trace));
            line.append(trace);
        }
        return line.toString();
    }

    private static String level(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "WARN ";
        }
        return level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }
}
