package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.util.Objects;

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

    /** What has not changed is mostly the same object. */
    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof FrontendConfig config
                        && service.equals(config.service)
                        && backends.equals(config.backends)
                        && traffic.equals(config.traffic));
    }

    @Override
    public int hashCode() {
        return Objects.hash(service, backends, traffic);
    }

    /** Everybody is served, by each backend in turn. */
    public FrontendConfig(ServiceKey service, Backends backends) {
        this(service, backends, TrafficPolicy.DEFAULT);
    }
}
