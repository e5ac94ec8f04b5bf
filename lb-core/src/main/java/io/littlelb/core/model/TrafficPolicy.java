package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the connections of a Service are treated. What is empty is as the process has it.
 *
 * @param sourceRanges the networks whose clients are served; empty means all
 * @param balance how a backend is chosen
 * @param affinity how long after its last connection a client still comes back to the same backend; empty: not at all
 * @param proxyProtocol whether backends are told who the client is
 * @param idleTimeout how long a connection may rest before it is reset; zero means for ever
 * @param drainTimeout how long a connection may outlive its frontend
 * @param maxConnections how many there may be at once
 */
public record TrafficPolicy(
        List<Cidr> sourceRanges,
        Balance balance,
        Optional<Duration> affinity,
        ProxyProtocol proxyProtocol,
        Optional<Duration> idleTimeout,
        Optional<Duration> drainTimeout,
        OptionalInt maxConnections) {
    /** Everybody is served, by each backend in turn. */
    public static final TrafficPolicy DEFAULT = new TrafficPolicy(
            List.of(),
            Balance.ROUND_ROBIN,
            Optional.empty(),
            ProxyProtocol.OFF,
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty());

    public TrafficPolicy {
        sourceRanges = List.copyOf(sourceRanges);
        requireNonNull(balance, "balance");
        requireNonNull(affinity, "affinity");
        requireNonNull(proxyProtocol, "proxyProtocol");
        requireNonNull(idleTimeout, "idleTimeout");
        requireNonNull(drainTimeout, "drainTimeout");
        requireNonNull(maxConnections, "maxConnections");
    }

    /** The same for clients of these networks only; for all when there is none. */
    public TrafficPolicy withSourceRanges(List<Cidr> ranges) {
        return new TrafficPolicy(ranges, balance, affinity, proxyProtocol, idleTimeout, drainTimeout, maxConnections);
    }

    /** The same with another choice of backends. */
    public TrafficPolicy withBalance(Balance other) {
        return new TrafficPolicy(
                sourceRanges, other, affinity, proxyProtocol, idleTimeout, drainTimeout, maxConnections);
    }

    /** The same with clients that come back to their backend. */
    public TrafficPolicy withAffinity(Duration timeout) {
        return new TrafficPolicy(
                sourceRanges, balance, Optional.of(timeout), proxyProtocol, idleTimeout, drainTimeout, maxConnections);
    }

    /** The same with another PROXY protocol. */
    public TrafficPolicy withProxyProtocol(ProxyProtocol other) {
        return new TrafficPolicy(sourceRanges, balance, affinity, other, idleTimeout, drainTimeout, maxConnections);
    }

    /** The same with a limit to resting. */
    public TrafficPolicy withIdleTimeout(Duration timeout) {
        return new TrafficPolicy(
                sourceRanges, balance, affinity, proxyProtocol, Optional.of(timeout), drainTimeout, maxConnections);
    }

    /** The same with a drain timeout of its own. */
    public TrafficPolicy withDrainTimeout(Duration timeout) {
        return new TrafficPolicy(
                sourceRanges, balance, affinity, proxyProtocol, idleTimeout, Optional.of(timeout), maxConnections);
    }

    /** The same with a limit of its own. */
    public TrafficPolicy withMaxConnections(int most) {
        return new TrafficPolicy(
                sourceRanges, balance, affinity, proxyProtocol, idleTimeout, drainTimeout, OptionalInt.of(most));
    }

    /** Whether a client is of a network that is served. */
    public boolean allows(InetAddress client) {
        return sourceRanges.isEmpty() || sourceRanges.stream().anyMatch(range -> range.contains(client));
    }
}
