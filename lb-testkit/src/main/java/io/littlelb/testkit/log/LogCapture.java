package io.littlelb.testkit.log;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What a class, or all of a package, says in the log while this is open; from any thread. */
public final class LogCapture implements AutoCloseable {
    private final Logger logger; // held, since the log manager holds it weakly
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(new SimpleFormatter().formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private LogCapture(String logger) {
        this.logger = Logger.getLogger(logger);
    }

    /** Of one class. */
    public static LogCapture of(Class<?> type) {
        return of(type.getName());
    }

    /** Of a package and all below it. */
    public static LogCapture of(String name) {
        LogCapture capture = new LogCapture(name);
        capture.logger.addHandler(capture.handler);
        return capture;
    }

    /** All lines so far, without time and level. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** How many lines contain a text. */
    public long count(String text) {
        return lines.stream().filter(line -> line.contains(text)).count();
    }

    /** Forgets what was said so far. */
    public void clear() {
        lines.clear();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
