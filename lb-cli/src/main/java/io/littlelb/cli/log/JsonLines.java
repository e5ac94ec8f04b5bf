package io.littlelb.cli.log;

import io.littlelb.core.model.Shown;
import java.io.StringWriter;
import java.util.function.BooleanSupplier;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One JSON object a line. Its keys only ever become more: {@code time} (RFC 3339, UTC, milliseconds), {@code level}, {@code logger}, {@code thread} while debug
 * is on, {@code message}, and {@code error} and {@code stack} where something was thrown; of an access log's record its fields instead of the message.
 */
final class JsonLines extends Formatter {
    private final JsonFactory json = new JsonFactory();
    private final BooleanSupplier debug;

    /** @param debug whether debug is on */
    JsonLines(BooleanSupplier debug) {
        this.debug = debug;
    }

    @Override
    public String format(LogRecord entry) {
        StringWriter line = new StringWriter();
        try (JsonGenerator object = json.createGenerator(ObjectWriteContext.empty(), line)) {
            object.writeStartObject();
            object.writeStringProperty("time", TextLines.TIME.format(entry.getInstant()));
            object.writeStringProperty("level", Severity.of(entry.getLevel()).word());
            object.writeStringProperty("logger", shortName(String.valueOf(entry.getLoggerName())));
            if (debug.getAsBoolean()) {
                object.writeStringProperty(
                        "thread", Thread.currentThread().getName()); // a handler has that of the record
            }
            body(object, entry);
            object.writeEndObject();
        }
        return line + "\n";
    }

    private void body(JsonGenerator object, LogRecord entry) {
        if (entry instanceof AccessRecord access) {
            access.fields().writeTo(object);
            return;
        }
        object.writeStringProperty("message", Shown.escaped(formatMessage(entry)));
        if (entry.getThrown() != null) {
            object.writeStringProperty("error", Shown.escaped(entry.getThrown().toString()));
            object.writeStringProperty("stack", Traces.print(entry.getThrown()));
        }
    }

    private static String shortName(String logger) {
        return logger.substring(logger.lastIndexOf('.') + 1);
    }
}
