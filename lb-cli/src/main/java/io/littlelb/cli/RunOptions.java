package io.littlelb.cli;

import io.littlelb.cli.log.Logging;
import io.littlelb.netlink.arp.ConflictProbing;
import io.littlelb.netlink.link.LinkConfig;
import io.littlelb.proxy.ProxyConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** All flags of {@code lb run}, which {@code lb check} takes as well: a command line that works for one works for the other. */
final class RunOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "",
            description = "A YAML file with the same flags as keys, without their dashes, such as \"linkdevice: eth0\"; what is"
                    + " repeated is a list. A flag and the environment go before it. It is read again at SIGHUP and \"lb reload\".")
    private String config;

    @Mixin
    private ServingOptions serving;

    @Option(
            names = "--conflict-probe",
            paramLabel = "fast|rfc|off",
            defaultValue = "fast",
            converter = Probing.class,
            description =
                    "Whether other hosts are asked for an IPv4 address before it is used: for 0.7 s, or as long as"
                            + " RFC 5227 says (4 to 7 s). Default: ${DEFAULT-VALUE}.")
    private ConflictProbing conflictProbe;

    @Mixin
    private ProxyOptions proxy;

    @Mixin
    private AdminOptions admin;

    @Option(
            names = "--drain-timeout",
            paramLabel = "TIME",
            defaultValue = "20s",
            converter = DurationText.class,
            description = "How long connections may outlive their Service. Default: ${DEFAULT-VALUE}.")
    private Duration drainTimeout;

    @Mixin
    private LogOptions log;

    @Option(names = "--debug-netlink", description = "Log every netlink message, decoded.")
    private boolean debugNetlink;

    @Option(
            names = "--address-lifetime",
            paramLabel = "TIME|off",
            defaultValue = "off",
            converter = DurationOrOff.class,
            description =
                    "How long an address stays on the link when this process is killed or frozen and cannot renew it;"
                            + " at least 6s. Default: ${DEFAULT-VALUE}, for ever.")
    private Duration addressLifetime;

    private Optional<Logging> logging = Optional.empty();

    /** The values of {@code --conflict-probe}. */
    static final class Probing extends SpelledConstant<ConflictProbing> {
        Probing() {
            super(ConflictProbing.values());
        }
    }

    /** The log as the flags want it, which is installed at the first call. Of the main thread. */
    Logging logging() {
        if (logging.isEmpty()) {
            Logging installed = log.install();
            installed.levels().netlink(debugNetlink);
            logging = Optional.of(installed);
        }
        return logging.get();
    }

    LogOptions log() {
        return log;
    }

    boolean debugsNetlink() {
        return debugNetlink;
    }

    /** What is served, and on which link. */
    ServingOptions serving() {
        return serving;
    }

    /** How bytes are moved; refuses flags that can never be right. */
    ProxyConfig proxy() throws UsageException {
        return proxy.config();
    }

    /** Where it can be asked. */
    AdminOptions admin() {
        return admin;
    }

    Duration drainTimeout() {
        return drainTimeout;
    }

    /** How addresses are put on the link; refuses flags that can never be right. */
    LinkConfig linkConfig() throws UsageException, IOException {
        LinkConfig plain = LinkConfig.DEFAULT
                .withProbing(conflictProbe)
                .withWatchedPorts(serving.boundaries().reservedPorts().onTheHosts())
                .withErrors(LastWords.HANDLER);
        try {
            return addressLifetime.isZero() ? plain : plain.withAddressLifetime(addressLifetime);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--address-lifetime: " + e.getMessage(), e);
        }
    }
}
