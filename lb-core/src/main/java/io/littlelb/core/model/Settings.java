package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * What whoever runs the load balancer has settled for all Services; it may be settled anew while it runs.
 *
 * @param pools where Services without a request get their addresses; none means that they share the link's own
 * @param boundaries what no Service gets
 * @param drainTimeout how long established connections may go on after their frontend is gone, if their Service does not say
 */
public record Settings(List<AddressPool> pools, Boundaries boundaries, Duration drainTimeout) {
    /** No pools, no boundaries, and twenty seconds. */
    public static final Settings DEFAULT = new Settings(List.of(), Boundaries.NONE, Duration.ofSeconds(20));

    public Settings {
        pools = List.copyOf(pools);
        requireNonNull(boundaries, "boundaries");
        requireNonNull(drainTimeout, "drainTimeout");
    }

    /** The same with other pools. */
    public Settings with(List<AddressPool> others) {
        return new Settings(others, boundaries, drainTimeout);
    }

    /** The same with other boundaries. */
    public Settings with(Boundaries others) {
        return new Settings(pools, others, drainTimeout);
    }

    /** The same with another time to drain. */
    public Settings with(Duration timeout) {
        return new Settings(pools, boundaries, timeout);
    }
}
