package io.littlelb.core.model;

/** How a backend is chosen for a new connection. */
public enum Balance {
    /** Each in turn. */
    ROUND_ROBIN,
    /** The one with the fewest connections of this process. */
    LEAST_CONNECTIONS,
    /** The same one for the same client, as long as the backends stay the same; when one goes, only its clients move. */
    CLIENT_IP
}
