package io.littlelb.cli.log;

import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.news.EndedConnections;
import io.littlelb.core.news.Journal;
import io.littlelb.core.worker.ErrorHandler;
import java.util.function.Consumer;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/** The program's log and what is kept of it. One a process, for the logging library has one for all. May be used by any thread. */
public final class Logging implements AutoCloseable {
    private final Handler stderr = new ConsoleHandler();
    private final LogLevels levels = new LogLevels();
    private final Journal journal = new Journal();
    private final EndedConnections ended = new EndedConnections();
    private final AccessLog access;

    private Logging(ErrorHandler errors) {
        access = new AccessLog(stderr::publish, errors);
    }

    /**
     * Sends all logging to stderr, as text and from INFO on until something else is set, and news to the journal.
     *
     * @param errors is told when Java itself fails on the thread of the access log
     */
    public static Logging install(ErrorHandler errors) {
        LogManager.getLogManager().reset();
        Logging logging = new Logging(errors);
        logging.style(LogStyle.TEXT);
        logging.stderr.setLevel(Level.ALL);
        logging.stderr.setFilter(logging.levels);
        logging.levels.apply();
        Logger.getLogger("").addHandler(logging.stderr);
        LogLevels.OURS.addHandler(new NewsHandler(logging.journal));
        return logging;
    }

    /** How lines look from now on. */
    public void style(LogStyle style) {
        stderr.setFormatter(
                style == LogStyle.JSON ? new JsonLines(levels::isDebug) : new TextLines(ServiceJournal.isConnected()));
    }

    /** From which level on there are lines. */
    public LogLevels levels() {
        return levels;
    }

    /** The last news, of passes where {@link io.littlelb.core.loop.PassLog} has this journal. */
    public Journal journal() {
        return journal;
    }

    /** The last connections that have ended, of those that {@link #connections} is told of. */
    public EndedConnections ended() {
        return ended;
    }

    /** What to tell of every connection that ends: it is kept, and written if it is one of those that are told of. */
    public Consumer<EndedConnection> connections() {
        return ended.andThen(access);
    }

    /** Of which connections there is a line. */
    public AccessLog access() {
        return access;
    }

    @Override
    public void close() {
        access.close();
    }
}
