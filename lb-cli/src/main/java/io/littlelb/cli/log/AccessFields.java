package io.littlelb.cli.log;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.EndedConnection;
import java.net.InetSocketAddress;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/**
 * What the access log says of one connection, under the same names in text and JSON: {@code client}, {@code service}, {@code frontend}, {@code backend} where one
 * was asked, {@code attempts}, {@code lasted} in seconds, {@code in} and {@code out} in bytes from the client and to it, {@code end}, {@code detail} where
 * there is one, {@code id} where it had one.
 */
record AccessFields(EndedConnection connection) {
    private String client() {
        InetSocketAddress client = connection.client();
        return client.isUnresolved()
                ? client.getHostString() + ":" + client.getPort()
                : Addresses.print(client.getAddress(), client.getPort());
    }

    private String backend() {
        return connection.backend().map(Backend::toString).orElse("");
    }

    private String lasted() {
        return String.format(
                Locale.ROOT,
                "%d.%03d",
                connection.lasted().toSeconds(),
                connection.lasted().toMillisPart());
    }

    void writeTo(JsonGenerator object) {
        object.writeStringProperty("client", client());
        object.writeStringProperty("service", connection.service().toString());
        object.writeStringProperty("frontend", connection.frontend().toString());
        if (connection.backend().isPresent()) {
            object.writeStringProperty("backend", backend());
        }
        object.writeNumberProperty("attempts", connection.attempts());
        object.writeName("lasted");
        object.writeNumber(lasted());
        object.writeNumberProperty("in", connection.bytesToBackend());
        object.writeNumberProperty("out", connection.bytesToClient());
        object.writeStringProperty("end", connection.ending().word());
        if (!connection.detail().isEmpty()) {
            object.writeStringProperty("detail", connection.detail());
        }
        if (!connection.id().isEmpty()) {
            object.writeStringProperty("id", connection.id());
        }
    }

    /** As logfmt: what may hold blanks is in quotation marks, with a backslash before each of those in it. */
    @Override
    public String toString() {
        String detail = connection.detail().replace("\\", "\\\\").replace("\"", "\\\"");
        return "client=" + client()
                + " service=" + connection.service()
                + " frontend=" + connection.frontend()
                + (connection.backend().isPresent() ? " backend=" + backend() : "")
                + " attempts=" + connection.attempts()
                + " lasted=" + lasted()
                + " in=" + connection.bytesToBackend()
                + " out=" + connection.bytesToClient()
                + " end=" + connection.ending().word()
                + (detail.isEmpty() ? "" : " detail=\"" + detail + "\"")
                + (connection.id().isEmpty() ? "" : " id=" + connection.id());
    }
}
