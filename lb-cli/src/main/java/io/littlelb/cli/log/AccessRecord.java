package io.littlelb.cli.log;

import io.littlelb.core.model.EndedConnection;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** A line of the access log: in text its fields as logfmt, in JSON as properties. */
final class AccessRecord extends LogRecord {
    private static final long serialVersionUID = 1;

    private final transient AccessFields fields;

    AccessRecord(EndedConnection connection) {
        super(Level.INFO, "");
        fields = new AccessFields(connection);
        setLoggerName(AccessLog.LOGGER);
        setInstant(connection.at());
        setMessage(fields.toString());
    }

    AccessFields fields() {
        return fields;
    }
}
