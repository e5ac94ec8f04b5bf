package io.littlelb.core.model;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.List;
import java.util.Optional;

/**
 * Why a Service, or a part of it, is not served; the names users see in Events and conditions.
 *
 * <p>Scripts match on these names: a name never changes its meaning.
 */
public enum Reason {
    /** The requested text is no usable address of a host. */
    InvalidAddress,
    /** The requested address lies in no subnet of the link. */
    AddressNotInSubnet,
    /** The requested address is one of a node's own. */
    AddressIsNode,
    /** Two requests that contradict each other. */
    ConflictingRequest,
    /** Another Service holds the address. */
    AddressInUse,
    /** Another Service that shares the address holds the port. */
    PortInUse,
    /** Another host on the network uses the address. */
    AddressConflict,
    /** Every address of the pool is taken. */
    PoolExhausted,
    /** The link has no address of the family that is asked for. */
    NoAddressOfFamily,
    /** The link is missing or down: nothing can be allocated, nothing is released. */
    LinkNotReady,
    /** The kernel refused the address. */
    AddressFailed,
    /** Something on this host keeps taking the address off the link. */
    AddressRemoved,
    /** The listener could not be opened. */
    BindFailed,
    /** The Service has no node port to send traffic to. */
    NoNodePort,
    /** No node matches the selector. */
    NoMatchingNodes,
    /** The Service has no endpoint. */
    NoBackends,
    /** None of the backends answers. */
    BackendsUnavailable,
    /** The protocol of the port is not one that is served. */
    ProtocolNotSupported,
    /** An annotation has a value that is not allowed. */
    InvalidAnnotation,
    /** The port is kept for programs of the host. */
    PortReserved,
    /** The Service has more ports than one may have. */
    TooManyPorts,
    /** The address is one of the host's own, and those are not for Services. */
    AddressIsHosts,
    /** Only addresses of pools are given, and the requested one is in none that serves the Service. */
    NotFromPool,
    /** A backend is a frontend of this load balancer: its connections would come back to where they are from. */
    BackendIsFrontend,
    /** A backend is at a place that is not dialled for whoever wrote it. */
    BackendNotAllowed,
    /** A person has drained the Service: it gets no new connections. */
    Drained,
    /** Another manager owns the status fields. */
    StatusConflict,
    /** The API server refuses {@code spec.externalIPs}. */
    ExternalIPsRefused;

    private static final ImmutableMap<String, Reason> BY_NAME = Maps.uniqueIndex(List.of(values()), Reason::name);

    /** The reason of a name; empty when none has it. */
    public static Optional<Reason> of(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
