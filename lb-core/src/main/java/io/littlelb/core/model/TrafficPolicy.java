package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

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
 * @param maxConnectionsPerSource how many one client, by its address, may have at once; its next ones are closed
 */
public record TrafficPolicy(
        List<Cidr> sourceRanges,
        Balance balance,
        Optional<Duration> affinity,
        ProxyProtocol proxyProtocol,
        Optional<Duration> idleTimeout,
        Optional<Duration> drainTimeout,
        OptionalInt maxConnections,
        OptionalInt maxConnectionsPerSource) {
    /** Everybody is served, by each backend in turn. */
    public static final TrafficPolicy DEFAULT = new Draft().policy();

    public TrafficPolicy {
        sourceRanges = List.copyOf(sourceRanges);
        requireNonNull(balance, "balance");
        requireNonNull(affinity, "affinity");
        requireNonNull(proxyProtocol, "proxyProtocol");
        requireNonNull(idleTimeout, "idleTimeout");
        requireNonNull(drainTimeout, "drainTimeout");
        requireNonNull(maxConnections, "maxConnections");
        requireNonNull(maxConnectionsPerSource, "maxConnectionsPerSource");
    }

    /** What is to become a policy, with one thing changed. */
    private static final class Draft {
        List<Cidr> sourceRanges = List.of();
        Balance balance = Balance.ROUND_ROBIN;
        Optional<Duration> affinity = Optional.empty();
        ProxyProtocol proxyProtocol = ProxyProtocol.OFF;
        Optional<Duration> idleTimeout = Optional.empty();
        Optional<Duration> drainTimeout = Optional.empty();
        OptionalInt maxConnections = OptionalInt.empty();
        OptionalInt maxConnectionsPerSource = OptionalInt.empty();

        TrafficPolicy policy() {
            return new TrafficPolicy(
                    sourceRanges,
                    balance,
                    affinity,
                    proxyProtocol,
                    idleTimeout,
                    drainTimeout,
                    maxConnections,
                    maxConnectionsPerSource);
        }
    }

    private TrafficPolicy with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.sourceRanges = sourceRanges;
        draft.balance = balance;
        draft.affinity = affinity;
        draft.proxyProtocol = proxyProtocol;
        draft.idleTimeout = idleTimeout;
        draft.drainTimeout = drainTimeout;
        draft.maxConnections = maxConnections;
        draft.maxConnectionsPerSource = maxConnectionsPerSource;
        change.accept(draft);
        return draft.policy();
    }

    /** The same for clients of these networks only; for all when there is none. */
    public TrafficPolicy withSourceRanges(List<Cidr> ranges) {
        return with(draft -> draft.sourceRanges = ranges);
    }

    /** The same with another choice of backends. */
    public TrafficPolicy withBalance(Balance other) {
        return with(draft -> draft.balance = other);
    }

    /** The same with clients that come back to their backend. */
    public TrafficPolicy withAffinity(Duration timeout) {
        return with(draft -> draft.affinity = Optional.of(timeout));
    }

    /** The same with another PROXY protocol. */
    public TrafficPolicy withProxyProtocol(ProxyProtocol other) {
        return with(draft -> draft.proxyProtocol = other);
    }

    /** The same with a limit to resting. */
    public TrafficPolicy withIdleTimeout(Duration timeout) {
        return with(draft -> draft.idleTimeout = Optional.of(timeout));
    }

    /** The same with a drain timeout of its own. */
    public TrafficPolicy withDrainTimeout(Duration timeout) {
        return with(draft -> draft.drainTimeout = Optional.of(timeout));
    }

    /** The same with a limit of its own. */
    public TrafficPolicy withMaxConnections(int most) {
        return with(draft -> draft.maxConnections = OptionalInt.of(most));
    }

    /** The same with a limit for each client. */
    public TrafficPolicy withMaxConnectionsPerSource(int most) {
        return with(draft -> draft.maxConnectionsPerSource = OptionalInt.of(most));
    }

    /** Whether a client is of a network that is served. */
    public boolean allows(InetAddress client) {
        return sourceRanges.isEmpty() || sourceRanges.stream().anyMatch(range -> range.contains(client));
    }
}
