package io.littlelb.cli.log;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Shown;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** One line a record: {@code 2026-01-01T00:00:00.000Z INFO  message}; after it the stack trace, where there is one. */
final class TextLines extends Formatter {
    static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final boolean withPriority;

    /** @param withPriority whether lines begin with {@code <6>} and the like, for a journal that reads that */
    TextLines(boolean withPriority) {
        this.withPriority = withPriority;
    }

    @Override
    public String format(LogRecord entry) {
        Severity severity = Severity.of(entry.getLevel());
        String line = TIME.format(entry.getInstant())
                + String.format(" %-5s ", severity)
                + Shown.escaped(formatMessage(entry));
        String all = entry.getThrown() == null ? line : line + "\n" + Traces.print(entry.getThrown());
        String prefix = withPriority ? "<" + severity.priority() + ">" : "";
        return all.lines().map(each -> prefix + each + "\n").collect(joining());
    }
}
