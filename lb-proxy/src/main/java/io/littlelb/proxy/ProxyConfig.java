package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * The figures of the data path.
 *
 * @param loops how many threads move bytes
 * @param connectTimeout how long one backend may take to answer
 * @param dialTimeout how long all backends together may take, for one connection
 * @param pipeBytes how much a pipe holds; a smaller one than asked for is used where the system allows no more
 * @param pooledPipes how many empty pipes a loop keeps for the next burst
 */
public record ProxyConfig(int loops, Duration connectTimeout, Duration dialTimeout, int pipeBytes, int pooledPipes) {
    /** One loop, three seconds a backend and ten in all, pipes of 256 KiB. */
    public static final ProxyConfig DEFAULT =
            new ProxyConfig(1, Duration.ofSeconds(3), Duration.ofSeconds(10), 256 * 1024, 64);

    public ProxyConfig {
        if (loops < 1) {
            throw new IllegalArgumentException("at least one loop is needed, not " + loops);
        }
        requireNonNull(connectTimeout, "connectTimeout");
        requireNonNull(dialTimeout, "dialTimeout");
    }

    /** The same with another number of loops. */
    public ProxyConfig withLoops(int number) {
        return new ProxyConfig(number, connectTimeout, dialTimeout, pipeBytes, pooledPipes);
    }

    /** The same with another time for one backend to answer. */
    public ProxyConfig withConnectTimeout(Duration timeout) {
        return new ProxyConfig(loops, timeout, dialTimeout, pipeBytes, pooledPipes);
    }
}
