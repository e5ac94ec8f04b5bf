package io.littlelb.cli.log;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Shown;
import java.util.logging.Filter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * From which level on there are lines; may be changed while the program runs, from any thread. Libraries are silent unless debug is on: what fails there we say
 * ourselves, in a line.
 */
public final class LogLevels implements Filter {
    static final Logger OURS =
            Logger.getLogger("io.littlelb"); // held, for the log manager lets go of one that nobody holds
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger NETLINK = Logger.getLogger("io.littlelb.netlink.rtnetlink.LoggedMessages");
    private static final Logger[] LIBRARIES = Stream.of("io.fabric8", "jdk", "java.net.http", "sun", "com.sun")
            .map(Logger::getLogger)
            .toArray(Logger[]::new);

    private volatile Severity current = Severity.INFO;
    private volatile boolean netlink;

    LogLevels() {}

    /**
     * Changes the level.
     *
     * @param level error, warn, info or debug
     * @throws IllegalArgumentException when it is none of these; in words of whoever asked
     */
    public void set(String level) {
        current = Severity.named(level)
                .orElseThrow(() -> new IllegalArgumentException(Shown.quoted(level) + " is none of "
                        + Stream.of(Severity.values()).map(Severity::word).collect(joining(", "))));
        apply();
    }

    /** Whether every netlink message is logged, decoded, whatever the level. */
    public void netlink(boolean on) {
        netlink = on;
        apply();
    }

    /** The level, as {@link #set} takes it. */
    public String current() {
        return current.word();
    }

    /** Whether every netlink message is logged. */
    public boolean isNetlinkLogged() {
        return netlink;
    }

    boolean isDebug() {
        return current == Severity.DEBUG;
    }

    /** Has loggers let through what is wanted, and what a journal wants: that is all from INFO on. */
    synchronized void apply() {
        ROOT.setLevel(Level.WARNING);
        for (Logger library : LIBRARIES) {
            library.setLevel(isDebug() ? Level.WARNING : Level.OFF);
        }
        OURS.setLevel(isDebug() ? Level.FINE : Level.INFO);
        NETLINK.setLevel(netlink ? Level.FINEST : null);
    }

    /** Whether a record is to be written. The access log has a switch of its own. */
    @Override
    public boolean isLoggable(LogRecord entry) {
        String logger = entry.getLoggerName();
        return AccessLog.LOGGER.equals(logger)
                || (netlink && NETLINK.getName().equals(logger))
                || entry.getLevel().intValue() >= current.level().intValue();
    }
}
