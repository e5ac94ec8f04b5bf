package io.littlelb.cli.log;

import io.littlelb.core.loop.PassLog;
import io.littlelb.core.news.Journal;
import io.littlelb.core.news.News;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** Puts what is logged into the journal; but not what passes bring, for {@link PassLog} has put that there itself. */
final class NewsHandler extends Handler {
    private final Journal journal;
    private final Formatter words = new SimpleFormatter();

    NewsHandler(Journal journal) {
        this.journal = journal;
        setLevel(Level.INFO);
    }

    @Override
    public void publish(LogRecord entry) {
        if (isLoggable(entry) && !PassLog.class.getName().equals(entry.getLoggerName())) {
            Throwable thrown = entry.getThrown();
            String text = words.formatMessage(entry) + (thrown == null ? "" : ": " + thrown);
            journal.add(
                    News.of(entry.getInstant(), Severity.of(entry.getLevel()).news(), text));
        }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
}
