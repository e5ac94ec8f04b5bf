package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The figures of the data path.
 *
 * @param loops how many threads move bytes
 * @param connectTimeout how long one backend may take to answer
 * @param dialTimeout how long all backends together may take, for one connection
 * @param idleTimeout how long a connection may rest before it is reset, if its Service does not say; zero means for ever
 * @param lastingAfter after how long a connection's backend begins to be watched for having vanished; most connections are shorter, and
 *     are spared the system calls
 * @param maxConnections how many connections there may be at once
 * @param pipeBytes how much a pipe holds; a smaller one than asked for is used where the system allows no more
 * @param pooledPipes how many empty pipes a loop keeps for the next burst
 */
public record ProxyConfig(
        int loops,
        Duration connectTimeout,
        Duration dialTimeout,
        Duration idleTimeout,
        Duration lastingAfter,
        int maxConnections,
        int pipeBytes,
        int pooledPipes) {
    /** One loop, three seconds a backend and ten in all, no limit to rest or to number, pipes of 1 MiB. */
    public static final ProxyConfig DEFAULT = new ProxyConfig(
            1,
            Duration.ofSeconds(3),
            Duration.ofSeconds(10),
            Duration.ZERO,
            Duration.ofSeconds(30),
            Integer.MAX_VALUE,
            1024 * 1024,
            64);

    public ProxyConfig {
        if (loops < 1) {
            throw new IllegalArgumentException("at least one loop is needed, not " + loops);
        }
        requireNonNull(connectTimeout, "connectTimeout");
        requireNonNull(dialTimeout, "dialTimeout");
        requireNonNull(idleTimeout, "idleTimeout");
        requireNonNull(lastingAfter, "lastingAfter");
        if (maxConnections < 1) {
            throw new IllegalArgumentException("at least one connection is needed, not " + maxConnections);
        }
    }

    /** The same with another number of loops. */
    public ProxyConfig withLoops(int number) {
        return new ProxyConfig(
                number, connectTimeout, dialTimeout, idleTimeout, lastingAfter, maxConnections, pipeBytes, pooledPipes);
    }

    /** The same with another time for one backend to answer. */
    public ProxyConfig withConnectTimeout(Duration timeout) {
        return new ProxyConfig(
                loops, timeout, dialTimeout, idleTimeout, lastingAfter, maxConnections, pipeBytes, pooledPipes);
    }

    /** The same with another time that connections may rest. */
    public ProxyConfig withIdleTimeout(Duration timeout) {
        return new ProxyConfig(
                loops, connectTimeout, dialTimeout, timeout, lastingAfter, maxConnections, pipeBytes, pooledPipes);
    }

    /** The same with another number of connections. */
    public ProxyConfig withMaxConnections(int most) {
        return new ProxyConfig(
                loops, connectTimeout, dialTimeout, idleTimeout, lastingAfter, most, pipeBytes, pooledPipes);
    }

    /** The same with another time until a connection counts as one that lasts. */
    public ProxyConfig withLastingAfter(Duration time) {
        return new ProxyConfig(
                loops, connectTimeout, dialTimeout, idleTimeout, time, maxConnections, pipeBytes, pooledPipes);
    }
}
