package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * How one frontend is served.
 *
 * @param service whom it belongs to, for logs and claims
 * @param backends where its connections go; none means that the kernel refuses clients at once
 * @param sourceRanges the networks whose clients are served; empty means all
 */
public record FrontendConfig(ServiceKey service, Backends backends, List<Cidr> sourceRanges) {
    public FrontendConfig {
        requireNonNull(service, "service");
        requireNonNull(backends, "backends");
        sourceRanges = List.copyOf(sourceRanges);
    }
}
