package io.littlelb.cli.log;

import io.littlelb.core.news.News;
import java.util.Locale;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;

/** How serious a line of the log is, and the level from which on there are lines; the worst comes first. */
@SuppressWarnings("ImmutableEnumChecker") // a level of the logging library never changes
enum Severity {
    ERROR(Level.SEVERE, 3, News.Level.ERROR),
    WARN(Level.WARNING, 4, News.Level.WARN),
    INFO(Level.INFO, 6, News.Level.INFO),
    DEBUG(Level.FINE, 7, News.Level.INFO);

    private final Level level;
    private final int priority;
    private final News.Level news;

    Severity(Level level, int priority, News.Level news) {
        this.level = level;
        this.priority = priority;
        this.news = news;
    }

    /** That of a record; what is finer than debug is debug. */
    static Severity of(Level level) {
        return Stream.of(values())
                .filter(severity -> level.intValue() >= severity.level.intValue())
                .findFirst()
                .orElse(DEBUG);
    }

    /** By its word. */
    static Optional<Severity> named(String word) {
        return Stream.of(values())
                .filter(severity -> severity.word().equals(word))
                .findFirst();
    }

    /** As persons spell it. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The logging library's word. */
    Level level() {
        return level;
    }

    /** {@code <syslog.h>}'s number for it, as {@code sd-daemon(3)} reads it at the beginning of a line. */
    int priority() {
        return priority;
    }

    News.Level news() {
        return news;
    }
}
