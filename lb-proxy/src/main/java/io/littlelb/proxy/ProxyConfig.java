package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.proxy.tcp.TcpConfig;
import io.littlelb.proxy.tcp.Timeouts;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * The figures of the data path.
 *
 * @param loops how many threads move bytes
 * @param busyPoll how long a thread keeps asking whether something has come, when things come fast, before it sleeps; zero: not at all
 * @param connectTimeout how long one backend may take to answer
 * @param dialTimeout how long all backends together may take, for one connection
 * @param checkInterval how often every backend is asked whether it answers; zero means that only those are which have failed
 * @param idleTimeout how long a connection may rest before it is reset, if its Service does not say; zero means for ever
 * @param lastingAfter after how long a connection's backend begins to be watched for having vanished; most connections are shorter, and
 *     are spared the system calls
 * @param silenceTimeout how long one that lasts may leave what it is sent without any answer of its host before it counts as vanished
 * @param lingerTimeout of a connection that one side has broken off, how long the other may acknowledge nothing of what it is still sent before
 *     it is reset all the same
 * @param maxConnections how many connections there may be at once
 * @param descriptors how many file descriptors connections and listeners may take: what listeners take is not there for connections, and they may take half
 * @param maxConnectionsPerService how many one Service may have at once, whatever it asks for itself; if none is given, half of all, and all of them while there is one Service
 * @param maxConnectionsPerSource how many one client may have at once to a Service that does not say
 * @param proxies the networks of proxies in front of this one: what comes from there begins with a PROXY header, which says who the client is
 * @param pipeBytes how much a pipe holds; a smaller one than asked for is used where the system allows no more
 * @param mostPipes how many pipes, of two descriptors each, a loop has at most; what finds none is copied. While their readers are slow they hold memory
 *     that no account shows
 * @param pooledPipes how many empty pipes a loop keeps for the next burst
 * @param errors is told of an {@link Error} on one of the threads
 */
public record ProxyConfig(
        int loops,
        Duration busyPoll,
        Duration connectTimeout,
        Duration dialTimeout,
        Duration checkInterval,
        Duration idleTimeout,
        Duration lastingAfter,
        Duration silenceTimeout,
        Duration lingerTimeout,
        int maxConnections,
        int descriptors,
        OptionalInt maxConnectionsPerService,
        OptionalInt maxConnectionsPerSource,
        List<Cidr> proxies,
        int pipeBytes,
        int mostPipes,
        int pooledPipes,
        ErrorHandler errors) {
    /** One loop, three seconds a backend and ten in all, no checks, no limit to rest or to number, two minutes of silence, no proxies, pipes of 1 MiB. */
    public static final ProxyConfig DEFAULT = new Draft().config();

    public ProxyConfig {
        if (loops < 1) {
            throw new IllegalArgumentException("at least one loop is needed, not " + loops);
        }
        requireNonNull(busyPoll, "busyPoll");
        requireNonNull(connectTimeout, "connectTimeout");
        requireNonNull(dialTimeout, "dialTimeout");
        requireNonNull(checkInterval, "checkInterval");
        requireNonNull(idleTimeout, "idleTimeout");
        requireNonNull(lastingAfter, "lastingAfter");
        requireNonNull(silenceTimeout, "silenceTimeout");
        requireNonNull(lingerTimeout, "lingerTimeout");
        requireNonNull(maxConnectionsPerService, "maxConnectionsPerService");
        requireNonNull(maxConnectionsPerSource, "maxConnectionsPerSource");
        requireNonNull(errors, "errors");
        if (maxConnections < 1) {
            throw new IllegalArgumentException("at least one connection is needed, not " + maxConnections);
        }
        proxies = List.copyOf(proxies);
    }

    /** What is to become a configuration, with one thing changed. */
    private static final class Draft {
        int loops = 1;
        Duration busyPoll = Duration.ZERO;
        Duration connectTimeout = Duration.ofSeconds(3);
        Duration dialTimeout = Duration.ofSeconds(10);
        Duration checkInterval = Duration.ZERO;
        Duration idleTimeout = Duration.ZERO;
        Duration lastingAfter = Duration.ofSeconds(30);
        Duration silenceTimeout = Duration.ofMinutes(2);
        Duration lingerTimeout = Duration.ofSeconds(10);
        int maxConnections = Integer.MAX_VALUE;
        int descriptors = Integer.MAX_VALUE;
        OptionalInt maxConnectionsPerService = OptionalInt.empty();
        OptionalInt maxConnectionsPerSource = OptionalInt.empty();
        List<Cidr> proxies = List.of();
        int pipeBytes = 1024 * 1024;
        int mostPipes = 512;
        int pooledPipes = 64;
        ErrorHandler errors = ErrorHandler.LOG;

        ProxyConfig config() {
            return new ProxyConfig(
                    loops,
                    busyPoll,
                    connectTimeout,
                    dialTimeout,
                    checkInterval,
                    idleTimeout,
                    lastingAfter,
                    silenceTimeout,
                    lingerTimeout,
                    maxConnections,
                    descriptors,
                    maxConnectionsPerService,
                    maxConnectionsPerSource,
                    proxies,
                    pipeBytes,
                    mostPipes,
                    pooledPipes,
                    errors);
        }
    }

    private ProxyConfig with(Consumer<Draft> change) {
        Draft draft = new Draft();
        draft.loops = loops;
        draft.busyPoll = busyPoll;
        draft.connectTimeout = connectTimeout;
        draft.dialTimeout = dialTimeout;
        draft.checkInterval = checkInterval;
        draft.idleTimeout = idleTimeout;
        draft.lastingAfter = lastingAfter;
        draft.silenceTimeout = silenceTimeout;
        draft.lingerTimeout = lingerTimeout;
        draft.maxConnections = maxConnections;
        draft.descriptors = descriptors;
        draft.maxConnectionsPerService = maxConnectionsPerService;
        draft.maxConnectionsPerSource = maxConnectionsPerSource;
        draft.proxies = proxies;
        draft.pipeBytes = pipeBytes;
        draft.mostPipes = mostPipes;
        draft.pooledPipes = pooledPipes;
        draft.errors = errors;
        change.accept(draft);
        return draft.config();
    }

    /** The same with another number of loops. */
    public ProxyConfig withLoops(int number) {
        return with(draft -> draft.loops = number);
    }

    /** The same with threads that do not sleep at once. */
    public ProxyConfig withBusyPoll(Duration time) {
        return with(draft -> draft.busyPoll = time);
    }

    /** The same with another time for one backend to answer. */
    public ProxyConfig withConnectTimeout(Duration timeout) {
        return with(draft -> {
            draft.connectTimeout = timeout;
            draft.dialTimeout = draft.dialTimeout.compareTo(timeout) < 0 ? timeout : draft.dialTimeout;
        });
    }

    /** The same with every backend asked so often. */
    public ProxyConfig withCheckInterval(Duration interval) {
        return with(draft -> draft.checkInterval = interval);
    }

    /** The same with another time that connections may rest. */
    public ProxyConfig withIdleTimeout(Duration timeout) {
        return with(draft -> draft.idleTimeout = timeout);
    }

    /** The same with another time until a connection counts as one that lasts. */
    public ProxyConfig withLastingAfter(Duration time) {
        return with(draft -> draft.lastingAfter = time);
    }

    /** The same with another number of pipes. */
    public ProxyConfig withMostPipes(int most) {
        return with(draft -> draft.mostPipes = most);
    }

    /** The same with another time that a peer may leave what it is sent without any answer. */
    public ProxyConfig withSilenceTimeout(Duration timeout) {
        return with(draft -> draft.silenceTimeout = timeout);
    }

    /** The same with another time for the one side to take what the other had said before it broke off. */
    public ProxyConfig withLingerTimeout(Duration timeout) {
        return with(draft -> draft.lingerTimeout = timeout);
    }

    /** The same with somebody who is told of an {@link Error} on one of the threads. */
    public ProxyConfig withErrors(ErrorHandler handler) {
        return with(draft -> draft.errors = handler);
    }

    /** The same with another number of connections. */
    public ProxyConfig withMaxConnections(int most) {
        return with(draft -> draft.maxConnections = most);
    }

    /** The same with another number of descriptors. */
    public ProxyConfig withDescriptors(int number) {
        return with(draft -> draft.descriptors = number);
    }

    /** How many listeners there may be at once. */
    int maxListeners() {
        return Math.max(1, descriptors / 2);
    }

    /** How many connections there may be while some of the descriptors are taken. */
    int maxConnectionsBeside(int listeners) {
        return Math.max(1, Math.min(maxConnections, (descriptors - listeners) / 2));
    }

    /** The same with another number of connections of each Service. */
    public ProxyConfig withMaxConnectionsPerService(int most) {
        return with(draft -> draft.maxConnectionsPerService = OptionalInt.of(most));
    }

    /** The same with a limit for each client of a Service that has none. */
    public ProxyConfig withMaxConnectionsPerSource(int most) {
        return with(draft -> draft.maxConnectionsPerSource = OptionalInt.of(most));
    }

    /** The same with proxies in front of it. */
    public ProxyConfig withProxies(List<Cidr> networks) {
        return with(draft -> draft.proxies = networks);
    }

    /** What its connections go by. */
    TcpConfig tcp() {
        Timeouts timeouts = new Timeouts(connectTimeout, dialTimeout, idleTimeout, lingerTimeout, lastingAfter);
        return new TcpConfig(timeouts, maxConnections, maxConnectionsPerSource, proxies);
    }
}
