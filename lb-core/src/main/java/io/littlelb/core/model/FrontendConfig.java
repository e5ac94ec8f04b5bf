package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

/**
 * How one frontend is served.
 *
 * @param service whom it belongs to, for logs and claims
 * @param backends where its connections go; none means that the kernel refuses clients at once
 * @param traffic how its connections are treated
 */
public record FrontendConfig(ServiceKey service, Backends backends, TrafficPolicy traffic) {
    public FrontendConfig {
        requireNonNull(service, "service");
        requireNonNull(backends, "backends");
        requireNonNull(traffic, "traffic");
    }

    /** Everybody is served, by each backend in turn. */
    public FrontendConfig(ServiceKey service, Backends backends) {
        this(service, backends, TrafficPolicy.DEFAULT);
    }
}
