package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

/**
 * What a Service may not have, whatever it asks for: set by whoever runs the load balancer, against those who may only write Services.
 *
 * @param reservedPorts ports that are for the host's own programs
 * @param hostAddresses whether Services may use addresses of the host itself, as those without a request do where there is no pool
 * @param onlyPools whether a requested address must lie in a pool, one that serves the Service's namespace
 * @param portsPerService how many ports a Service may have: each costs a listener for each of its addresses
 */
public record Boundaries(ReservedPorts reservedPorts, boolean hostAddresses, boolean onlyPools, int portsPerService) {
    /** There are none. */
    public static final Boundaries NONE = new Boundaries(ReservedPorts.NONE, true, false, Integer.MAX_VALUE);

    public Boundaries {
        requireNonNull(reservedPorts, "reservedPorts");
        if (portsPerService < 1) {
            throw new IllegalArgumentException("a Service has at least one port, not " + portsPerService);
        }
    }
}
