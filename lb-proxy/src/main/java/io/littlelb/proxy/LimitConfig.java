package io.littlelb.proxy;

import java.util.OptionalInt;

/**
 * How many connections there may be at once; the next ones wait, or are closed where one client has too many.
 *
 * @param connections in all
 * @param ofService of one Service, whatever it asks for itself; if none is given, half of all, and all of them while there is one Service
 * @param ofSource of one client to a Service that does not say
 */
public record LimitConfig(int connections, OptionalInt ofService, OptionalInt ofSource) {
    public LimitConfig {
        Checked.atLeast(1, "connections", connections);
        Checked.atLeast(1, "ofService", ofService);
        Checked.atLeast(1, "ofSource", ofSource);
    }
}
