package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

/** One port of a Service: what clients dial. The name may be empty when it is the only one. */
public record ServicePort(String name, Protocol protocol, int port) {
    public ServicePort {
        requireNonNull(name, "name");
        requireNonNull(protocol, "protocol");
        Ports.check(port);
    }

    @Override
    public String toString() {
        return port + "/" + protocol;
    }
}
