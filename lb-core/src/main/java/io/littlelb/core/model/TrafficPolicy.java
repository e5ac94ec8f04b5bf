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
 * @param balancing how a backend is chosen
 * @param proxyProtocol whether backends are told who the client is
 * @param timeouts how long connections may last
 * @param limits how many connections there may be
 */
public record TrafficPolicy(
        List<Cidr> sourceRanges, Balancing balancing, ProxyProtocol proxyProtocol, Timeouts timeouts, Limits limits) {
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    /** Everybody is served, by each backend in turn. */
    public static final TrafficPolicy DEFAULT = new TrafficPolicy(
            List.of(),
            new Balancing(Balance.ROUND_ROBIN, Optional.empty()),
            ProxyProtocol.OFF,
            new Timeouts(Optional.empty(), Optional.empty()),
            new Limits(OptionalInt.empty(), OptionalInt.empty()));

    public TrafficPolicy {
        sourceRanges = List.copyOf(sourceRanges);
        requireNonNull(balancing, "balancing");
        requireNonNull(proxyProtocol, "proxyProtocol");
        requireNonNull(timeouts, "timeouts");
        requireNonNull(limits, "limits");
    }

    /**
     * How a backend is chosen.
     *
     * @param balance for a client that is new
     * @param affinity how long after its last connection a client still comes back to the same backend; empty: not at all
     */
    public record Balancing(Balance balance, Optional<Duration> affinity) {
        /** @throws IllegalArgumentException when the affinity is less than no time */
        public Balancing {
            requireNonNull(balance, "balance");
            check("affinity", affinity);
        }
    }

    /**
     * How long connections may last.
     *
     * @param idle how long one may be idle before it is reset; zero means for ever
     * @param drain how long one may outlive its frontend
     */
    public record Timeouts(Optional<Duration> idle, Optional<Duration> drain) {
        /** @throws IllegalArgumentException when one is less than no time */
        public Timeouts {
            check("idle timeout", idle);
            check("drain timeout", drain);
        }
    }

    /**
     * How many connections there may be at once.
     *
     * @param connections of all clients
     * @param connectionsPerSource of one client, by its address; its next ones are closed
     */
    public record Limits(OptionalInt connections, OptionalInt connectionsPerSource) {
        /** @throws IllegalArgumentException when one is not even one */
        public Limits {
            check("connections", connections);
            check("connections per source", connectionsPerSource);
        }
    }

    private static void check(String name, Optional<Duration> duration) {
        duration.filter(it -> it.isNegative() || it.compareTo(LONGEST) > 0).ifPresent(wrong -> {
            throw new IllegalArgumentException(name + " of " + wrong);
        });
    }

    private static void check(String name, OptionalInt most) {
        if (most.isPresent() && most.getAsInt() < 1) {
            throw new IllegalArgumentException(most.getAsInt() + " " + name + " at most");
        }
    }

    /** How a backend is chosen for a client that is new. */
    public Balance balance() {
        return balancing.balance();
    }

    /** How long after its last connection a client still comes back to the same backend; empty: not at all. */
    public Optional<Duration> affinity() {
        return balancing.affinity();
    }

    /** How long a connection may be idle before it is reset; zero means for ever. */
    public Optional<Duration> idleTimeout() {
        return timeouts.idle();
    }

    /** How long a connection may outlive its frontend. */
    public Optional<Duration> drainTimeout() {
        return timeouts.drain();
    }

    /** How many connections there may be at once. */
    public OptionalInt maxConnections() {
        return limits.connections();
    }

    /** How many connections one client, by its address, may have at once. */
    public OptionalInt maxConnectionsPerSource() {
        return limits.connectionsPerSource();
    }

    /** The same for clients of these networks only; for all when there is none. */
    public TrafficPolicy withSourceRanges(List<Cidr> ranges) {
        return new TrafficPolicy(ranges, balancing, proxyProtocol, timeouts, limits);
    }

    /** The same with another choice of backends. */
    public TrafficPolicy withBalance(Balance other) {
        return with(new Balancing(other, affinity()));
    }

    /** The same with clients that come back to their backend. */
    public TrafficPolicy withAffinity(Duration timeout) {
        return with(new Balancing(balance(), Optional.of(timeout)));
    }

    /** The same with another PROXY protocol. */
    public TrafficPolicy withProxyProtocol(ProxyProtocol other) {
        return new TrafficPolicy(sourceRanges, balancing, other, timeouts, limits);
    }

    /** The same with a limit to idleness; zero means for ever. */
    public TrafficPolicy withIdleTimeout(Duration timeout) {
        return with(new Timeouts(Optional.of(timeout), drainTimeout()));
    }

    /** The same with a drain timeout of its own. */
    public TrafficPolicy withDrainTimeout(Duration timeout) {
        return with(new Timeouts(idleTimeout(), Optional.of(timeout)));
    }

    /** The same with a limit of its own. */
    public TrafficPolicy withMaxConnections(int most) {
        return with(new Limits(OptionalInt.of(most), maxConnectionsPerSource()));
    }

    /** The same with a limit for each client. */
    public TrafficPolicy withMaxConnectionsPerSource(int most) {
        return with(new Limits(maxConnections(), OptionalInt.of(most)));
    }

    private TrafficPolicy with(Balancing other) {
        return new TrafficPolicy(sourceRanges, other, proxyProtocol, timeouts, limits);
    }

    private TrafficPolicy with(Timeouts others) {
        return new TrafficPolicy(sourceRanges, balancing, proxyProtocol, others, limits);
    }

    private TrafficPolicy with(Limits others) {
        return new TrafficPolicy(sourceRanges, balancing, proxyProtocol, timeouts, others);
    }

    /** Whether a client is of a network that is served. */
    public boolean allows(InetAddress client) {
        return sourceRanges.isEmpty() || sourceRanges.stream().anyMatch(range -> range.contains(client));
    }
}
