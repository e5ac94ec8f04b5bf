package io.littlelb.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import io.littlelb.cli.flag.DurationText;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Durations;
import io.littlelb.proxy.PipeConfig;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.ThreadConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** The flags about moving bytes, and what they come to. */
final class ProxyOptions {
    private static final Logger log = LoggerFactory.getLogger(ProxyOptions.class);

    /** Descriptors for everything that is not a connection. */
    private static final long OTHER_DESCRIPTORS = 256;

    static final String MORE_DESCRIPTORS = "raise it with ulimit -n, or LimitNOFILE in a systemd unit";

    private static final long DESCRIPTORS_OF_A_CONNECTION = 2;
    /** What one was seen to take, 610 bytes where nothing is known of its client, and as much again twice over. */
    private static final long HEAP_OF_A_CONNECTION = 2048;
    /** The other half is for everything else. */
    private static final long HEAP_SHARE = 2;

    private static final Duration LONGEST_BUSY_POLL = Duration.ofMillis(100);

    private static final Duration SHORTEST_CONNECT_TIMEOUT = Duration.ofMillis(1);

    private static final long DESCRIPTORS_A_PIPE = 64;
    private static final long FEWEST_PIPES = 16;

    @Option(
            names = "--loops",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many threads move bytes. Default: ${DEFAULT-VALUE}.")
    private int loops;

    @Option(
            names = "--busy-poll",
            paramLabel = "TIME|off",
            defaultValue = "off",
            converter = DurationOrOff.class,
            description =
                    "How long a thread keeps asking for what comes next, when things come fast, before it sleeps:"
                            + " with 50us, a message takes half the time where a processor is to spare. Default: ${DEFAULT-VALUE}.")
    private Duration busyPoll;

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            defaultValue = "3s",
            converter = DurationText.class,
            description = "How long one backend may take to answer. Default: ${DEFAULT-VALUE}.")
    private Duration connectTimeout;

    @Option(
            names = "--check-interval",
            paramLabel = "TIME|off",
            defaultValue = "off",
            converter = DurationOrOff.class,
            description =
                    "How often every backend is asked, by a connection, whether it answers. Those that have failed"
                            + " are asked in any case. Default: ${DEFAULT-VALUE}.")
    private Duration checkInterval;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME|off",
            defaultValue = "off",
            converter = DurationOrOff.class,
            description = "How long a connection may be idle before it is reset. Default: ${DEFAULT-VALUE}.")
    private Duration idleTimeout;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description =
                    "How many connections there may be at once; the next ones wait. Default: as many as there"
                            + " are descriptors for, half of their limit less 256, and no more than half of the heap holds, one in 2 KiB of it.")
    private Optional<Integer> maxConnections;

    @Option(
            names = "--max-connections-per-service",
            paramLabel = "N",
            description =
                    "How many connections one Service may have at once, whatever it asks for itself. Default: half of"
                            + " --max-connections, and all of them while there is one Service. A few are reserved for each in any case.")
    private Optional<Integer> maxConnectionsPerService;

    @Option(
            names = "--max-connections-per-source",
            paramLabel = "N|off",
            defaultValue = "off",
            converter = NumberOrOff.class,
            description =
                    "How many connections one client address may have at once to a Service that does not say itself; its next ones are closed."
                            + " Many clients may stand behind one address. Default: ${DEFAULT-VALUE}.")
    private OptionalInt maxConnectionsPerSource;

    @Option(
            names = "--proxies",
            paramLabel = "CIDR",
            split = ",",
            converter = CidrText.class,
            description =
                    "Networks of proxies in front of this host: what comes from there must begin with a PROXY header,"
                            + " version 1 or 2, and is treated as from the client it names. From elsewhere there is no header.")
    private List<Cidr> proxies = List.of();

    ProxyConfig config() throws UsageException {
        if (loops < 1) {
            throw new UsageException("--loops " + loops + ": at least 1");
        }
        if (busyPoll.compareTo(LONGEST_BUSY_POLL) > 0) {
            throw new UsageException("--busy-poll " + Durations.print(busyPoll) + ": at most "
                    + Durations.print(LONGEST_BUSY_POLL) + ", for a processor does nothing else meanwhile");
        }
        if (connectTimeout.compareTo(SHORTEST_CONNECT_TIMEOUT) < 0) {
            throw new UsageException("--connect-timeout " + Durations.print(connectTimeout) + ": at least "
                    + Durations.print(SHORTEST_CONNECT_TIMEOUT) + ", for no backend answers sooner");
        }
        ProxyConfig config = ProxyConfig.DEFAULT
                .with(new ThreadConfig(loops, busyPoll, LastWords.HANDLER))
                .withConnectTimeout(connectTimeout)
                .withCheckInterval(checkInterval)
                .withIdleTimeout(idleTimeout)
                .withProxies(proxies)
                .with(pipes(ProxyConfig.DEFAULT.pipes()))
                .withDescriptors((int) Math.min(Integer.MAX_VALUE, Math.max(2, descriptors() - OTHER_DESCRIPTORS)))
                .withMaxConnections(connections());
        if (maxConnectionsPerSource.isPresent()) {
            config = config.withMaxConnectionsPerSource(maxConnectionsPerSource.getAsInt());
        }
        return maxConnectionsPerService.isPresent() ? config.withMaxConnectionsPerService(perService()) : config;
    }

    private int perService() throws UsageException {
        int asked = maxConnectionsPerService.orElseThrow();
        if (asked < 1) {
            throw new UsageException("--max-connections-per-service " + asked + ": at least 1");
        }
        return asked;
    }

    private int connections() throws UsageException {
        long descriptors = descriptors();
        if (maxConnections.isEmpty()) {
            return mostConnections(descriptors, Runtime.getRuntime().maxMemory());
        }
        int asked = maxConnections.get();
        long described = described(descriptors);
        if (asked < 1 || asked > described) {
            throw new UsageException("--max-connections " + asked + ": from 1 to " + described
                    + ", for which the limit of " + descriptors
                    + " descriptors is enough; " + MORE_DESCRIPTORS);
        }
        return asked;
    }

    /** Says how many connections there may be, and what that comes from: a person finds out too late otherwise. */
    static void logLimit(ProxyConfig config) {
        log.info(
                "At most {} connections at once, by a limit of {} descriptors and a heap of {} MiB",
                config.limits().connections(),
                descriptors(),
                Runtime.getRuntime().maxMemory() >> 20);
    }

    /** Why the limit of descriptors lets nothing be served; empty when it does. */
    static Optional<String> tooFewDescriptors() {
        long limit = descriptors();
        return limit >= OTHER_DESCRIPTORS + DESCRIPTORS_OF_A_CONNECTION
                ? Optional.empty()
                : Optional.of("a limit of " + limit + " descriptors is too low: " + OTHER_DESCRIPTORS
                        + " are for the program itself, and " + DESCRIPTORS_OF_A_CONNECTION + " for each connection");
    }

    /** Fails where nothing could be served, before anything is touched. */
    static void requireDescriptors() throws IOException {
        Optional<String> tooFew = tooFewDescriptors();
        if (tooFew.isPresent()) {
            throw new IOException(tooFew.get() + "; " + MORE_DESCRIPTORS);
        }
    }

    static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getMaxFileDescriptorCount();
    }

    private static long described(long descriptors) {
        return Math.max(1, (descriptors - OTHER_DESCRIPTORS) / DESCRIPTORS_OF_A_CONNECTION);
    }

    /** As many connections as there are descriptors for, and as the heap holds. */
    static int mostConnections(long descriptors, long heapBytes) {
        long described = described(descriptors);
        long held = heapBytes / HEAP_SHARE / HEAP_OF_A_CONNECTION;
        return (int) Math.max(1, Math.min(Math.min(described, held), Integer.MAX_VALUE));
    }

    private static PipeConfig pipes(PipeConfig usual) {
        return new PipeConfig(usual.bytes(), pipes(descriptors(), usual.most()), usual.pooled());
    }

    /** Fewer pipes where there are few descriptors, for connections cannot do without theirs. */
    static int pipes(long descriptors, int most) {
        return (int) Math.min(most, Math.max(FEWEST_PIPES, descriptors / DESCRIPTORS_A_PIPE));
    }
}
