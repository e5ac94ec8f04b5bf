package io.littlelb.cli;

import com.sun.management.UnixOperatingSystemMXBean;
import io.littlelb.proxy.ProxyConfig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import picocli.CommandLine.Option;

/** The flags about moving bytes, and what they come to. */
final class ProxyOptions {
    /** Descriptors for everything that is not a connection. */
    private static final long OTHER_DESCRIPTORS = 256;
    /** Two sockets, and now and then two ends of a pipe. */
    private static final long DESCRIPTORS_OF_A_CONNECTION = 4;

    @Option(
            names = "--loops",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many threads move bytes. Default: ${DEFAULT-VALUE}.")
    private int loops;

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            defaultValue = "3s",
            converter = DurationText.class,
            description = "How long one backend may take to answer. Default: ${DEFAULT-VALUE}.")
    private Duration connectTimeout;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME|off",
            defaultValue = "off",
            converter = DurationOrOff.class,
            description = "How long a connection may rest before it is reset. Default: ${DEFAULT-VALUE}.")
    private Duration idleTimeout;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            defaultValue = "0",
            description = "How many connections there may be at once; the next ones wait. Default: as many as there"
                    + " are descriptors for, a quarter of their limit.")
    private int maxConnections;

    ProxyConfig config() throws UsageException {
        if (loops < 1) {
            throw new UsageException("--loops " + loops + ": at least 1");
        }
        if (maxConnections < 0) {
            throw new UsageException("--max-connections " + maxConnections + ": at least 1");
        }
        return ProxyConfig.DEFAULT
                .withLoops(loops)
                .withConnectTimeout(connectTimeout)
                .withIdleTimeout(idleTimeout)
                .withMaxConnections(maxConnections > 0 ? maxConnections : forTheDescriptors());
    }

    private static int forTheDescriptors() {
        UnixOperatingSystemMXBean system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long most = (system.getMaxFileDescriptorCount() - OTHER_DESCRIPTORS) / DESCRIPTORS_OF_A_CONNECTION;
        return (int) Math.max(1, Math.min(most, Integer.MAX_VALUE));
    }
}
