package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.proxy.tcp.TcpConfig;
import io.littlelb.proxy.tcp.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * The figures of the data path.
 *
 * @param descriptors how many file descriptors connections and listeners may take: what listeners take is not there for connections, and they may take half
 * @param proxies the networks of proxies in front of this one: what comes from there begins with a PROXY header, which says who the client is
 */
public record ProxyConfig(
        ThreadConfig threads,
        DialConfig dial,
        PatienceConfig patience,
        LastingConfig lasting,
        LimitConfig limits,
        PipeConfig pipes,
        int descriptors,
        List<Cidr> proxies) {
    /** One loop, three seconds a backend and ten in all, no checks, no limit to idleness or number, two minutes of silence, no proxies, pipes of 1 MiB. */
    public static final ProxyConfig DEFAULT = new ProxyConfig(
            new ThreadConfig(1, Duration.ZERO, ErrorHandler.LOG),
            new DialConfig(Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ZERO),
            new PatienceConfig(Duration.ZERO, Duration.ofSeconds(10)),
            new LastingConfig(Duration.ofSeconds(30), Duration.ofMinutes(2)),
            new LimitConfig(Integer.MAX_VALUE, OptionalInt.empty(), OptionalInt.empty()),
            new PipeConfig(1024 * 1024, 512, 64),
            Integer.MAX_VALUE,
            List.of());

    public ProxyConfig {
        requireNonNull(threads, "threads");
        requireNonNull(dial, "dial");
        requireNonNull(patience, "patience");
        requireNonNull(lasting, "lasting");
        requireNonNull(limits, "limits");
        requireNonNull(pipes, "pipes");
        Checked.atLeast(1, "descriptors", descriptors);
        proxies = List.copyOf(proxies);
    }

    /** The same with other threads. */
    public ProxyConfig with(ThreadConfig other) {
        return new ProxyConfig(other, dial, patience, lasting, limits, pipes, descriptors, proxies);
    }

    /** The same with backends asked otherwise. */
    public ProxyConfig with(DialConfig other) {
        return new ProxyConfig(threads, other, patience, lasting, limits, pipes, descriptors, proxies);
    }

    /** The same with another patience. */
    public ProxyConfig with(PatienceConfig other) {
        return new ProxyConfig(threads, dial, other, lasting, limits, pipes, descriptors, proxies);
    }

    /** The same with connections that last watched otherwise. */
    public ProxyConfig with(LastingConfig other) {
        return new ProxyConfig(threads, dial, patience, other, limits, pipes, descriptors, proxies);
    }

    /** The same with other limits. */
    public ProxyConfig with(LimitConfig other) {
        return new ProxyConfig(threads, dial, patience, lasting, other, pipes, descriptors, proxies);
    }

    /** The same with other pipes. */
    public ProxyConfig with(PipeConfig other) {
        return new ProxyConfig(threads, dial, patience, lasting, limits, other, descriptors, proxies);
    }

    /** The same with another number of descriptors. */
    public ProxyConfig withDescriptors(int number) {
        return new ProxyConfig(threads, dial, patience, lasting, limits, pipes, number, proxies);
    }

    /** The same with proxies in front of it. */
    public ProxyConfig withProxies(List<Cidr> networks) {
        return new ProxyConfig(threads, dial, patience, lasting, limits, pipes, descriptors, networks);
    }

    /** The same with another number of loops. */
    public ProxyConfig withLoops(int number) {
        return with(new ThreadConfig(number, threads.busyPoll(), threads.errors()));
    }

    /** The same with somebody who is told of an {@link Error} on one of the threads. */
    public ProxyConfig withErrors(ErrorHandler handler) {
        return with(new ThreadConfig(threads.loops(), threads.busyPoll(), handler));
    }

    /** The same with another time for one backend to answer, and no less than that for all. */
    public ProxyConfig withConnectTimeout(Duration timeout) {
        Duration inAll = dial.inAll().compareTo(timeout) < 0 ? timeout : dial.inAll();
        return with(new DialConfig(timeout, inAll, dial.checkInterval()));
    }

    /** The same with every backend asked so often. */
    public ProxyConfig withCheckInterval(Duration interval) {
        return with(new DialConfig(dial.connect(), dial.inAll(), interval));
    }

    /** The same with another time that connections may be idle. */
    public ProxyConfig withIdleTimeout(Duration timeout) {
        return with(new PatienceConfig(timeout, patience.linger()));
    }

    /** The same with another number of connections. */
    public ProxyConfig withMaxConnections(int most) {
        return with(new LimitConfig(most, limits.ofService(), limits.ofSource()));
    }

    /** The same with another number of connections of each Service. */
    public ProxyConfig withMaxConnectionsPerService(int most) {
        return with(new LimitConfig(limits.connections(), OptionalInt.of(most), limits.ofSource()));
    }

    /** The same with a limit for each client of a Service that has none. */
    public ProxyConfig withMaxConnectionsPerSource(int most) {
        return with(new LimitConfig(limits.connections(), limits.ofService(), OptionalInt.of(most)));
    }

    /** How many listeners there may be at once. */
    int maxListeners() {
        return Math.max(1, descriptors / 2);
    }

    /** How many connections there may be while some of the descriptors are taken. */
    int maxConnectionsBeside(int listeners) {
        return Math.max(1, Math.min(limits.connections(), (descriptors - listeners) / 2));
    }

    /** What its connections go by. */
    TcpConfig tcp() {
        Timeouts timeouts =
                new Timeouts(dial.connect(), dial.inAll(), patience.idle(), patience.linger(), lasting.after());
        return new TcpConfig(timeouts, limits.connections(), limits.ofSource(), proxies);
    }
}
