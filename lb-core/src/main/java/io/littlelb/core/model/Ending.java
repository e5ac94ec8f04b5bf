package io.littlelb.core.model;

import java.util.Locale;

/** How a connection has ended. */
public enum Ending {
    /** Both sides had said all they had to say, and the client ended first. */
    CLIENT_CLOSED,
    /** Both sides had said all they had to say, and the backend ended first. */
    BACKEND_CLOSED,
    /** The client reset it, or could not be reached any more. */
    CLIENT_RESET,
    /** The backend reset it, or could not be reached any more. */
    BACKEND_RESET,
    /** It was without traffic longer than it may. */
    IDLE_TIMEOUT,
    /** It outlived its frontend longer than it may. */
    DRAIN_TIMEOUT,
    /** No backend answered, or there was none any more. */
    NO_BACKEND,
    /** Its client is of a network that is not served. */
    SOURCE_REFUSED,
    /** Its client has as many connections as one may have. */
    LIMIT_SOURCE,
    /** A proxy did not say whom it speaks for, or not in time. */
    PROXY_HEADER_INVALID,
    /** A person had it ended. */
    DISCONNECTED,
    /** The forwarder was closed. */
    SHUTDOWN,
    /** This process had no descriptor, port or memory for it. */
    SHORTAGE,
    /** A fault of this program ended it. */
    ERROR;

    /** As it is written wherever a person or a program reads of it: {@code client_closed}. Scripts match on these words. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
