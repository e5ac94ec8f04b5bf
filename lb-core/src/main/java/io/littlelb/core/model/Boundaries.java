package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;

/**
 * What a Service may not have, whatever it asks for: set by whoever runs the load balancer, against those who may only write Services.
 *
 * @param reservedPorts ports that are for the host's own programs
 * @param hostAddresses whether Services may use addresses of the host itself, as those without a request do where there is no pool
 * @param onlyPools whether a requested address must lie in a pool, one that serves the Service's namespace
 * @param portsPerService how many ports a Service may have: each costs a listener for each of its addresses
 * @param foreignBackends whether the backends are named by those who may only write Services and EndpointSlices: then no address that leads back
 *     into this host or to its neighbours is dialled, and no reserved port of an address of this host
 */
public record Boundaries(
        ReservedPorts reservedPorts,
        boolean hostAddresses,
        boolean onlyPools,
        int portsPerService,
        boolean foreignBackends) {
    /** There are none. */
    public static final Boundaries NONE = new Boundaries(ReservedPorts.NONE, true, false, Integer.MAX_VALUE);

    /** With backends that whoever runs the load balancer has named, or somebody whom he trusts with it. */
    public Boundaries(ReservedPorts reservedPorts, boolean hostAddresses, boolean onlyPools, int portsPerService) {
        this(reservedPorts, hostAddresses, onlyPools, portsPerService, false);
    }

    public Boundaries {
        requireNonNull(reservedPorts, "reservedPorts");
        if (portsPerService < 1) {
            throw new IllegalArgumentException("a Service has at least one port, not " + portsPerService);
        }
    }

    /** The same, and whether backends are named by those who may only write Services and EndpointSlices. */
    public Boundaries withForeignBackends(boolean foreign) {
        return new Boundaries(reservedPorts, hostAddresses, onlyPools, portsPerService, foreign);
    }

    /**
     * Whether a backend may be dialled. Pods on the host's network have the host's address, and may.
     *
     * @param ofTheHost whether its address is one of this host
     */
    public boolean allows(Backend backend, boolean ofTheHost) {
        InetAddress ip = backend.ip();
        boolean leadsAstray =
                ip.isLoopbackAddress() || ip.isLinkLocalAddress() || ip.isMulticastAddress() || ip.isAnyLocalAddress();
        return !foreignBackends || !(leadsAstray || (ofTheHost && reservedPorts.isReservedOnTheHost(backend.port())));
    }
}
