package io.littlelb.cli;

import io.littlelb.cli.flag.DurationText;
import io.littlelb.cli.flag.SpelledConstant;
import io.littlelb.cli.log.Logging;
import io.littlelb.core.model.Link;
import io.littlelb.netlink.arp.ConflictProbing;
import io.littlelb.netlink.link.LinkConfig;
import io.littlelb.proxy.ProxyConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** All flags of {@code lb run}, which {@code lb check} takes as well: a command line that works for one works for the other. */
final class RunOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "",
            description =
                    "A YAML file with the same flags as keys, without their dashes, such as \"linkdevice: eth0\"; what is"
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

    @Option(names = "--debug-netlink", fallbackValue = "true", description = "Log every netlink message, decoded.")
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

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private Optional<Logging> logging = Optional.empty();

    /** The values of {@code --conflict-probe}. */
    static final class Probing extends SpelledConstant<ConflictProbing> {
        Probing() {
            super(ConflictProbing.values());
        }
    }

    /**
     * Reads all flags anew, and the file that they name, as the program does when it is started.
     *
     * @param arguments the program's, with the command
     * @throws UsageException when a flag, a value or the file is wrong
     */
    static RunOptions read(List<String> arguments) throws UsageException, IOException {
        return read(arguments, Optional.empty());
    }

    /** As {@link #read}, with the same arguments, while these are in force: a link that was chosen for the same words is settled. */
    RunOptions readAgain() throws UsageException, IOException {
        return read(arguments(), Optional.of(serving));
    }

    private static RunOptions read(List<String> arguments, Optional<ServingOptions> inForce)
            throws UsageException, IOException {
        GivenValues values = Main.given(arguments);
        CommandLine line = Main.line(values);
        CommandSpec command = line.getSubcommands().get("run").getCommandSpec();
        try {
            ParseResult given = line.parseArgs(arguments.toArray(String[]::new)).subcommand();
            RunOptions options = ((RunCommand) command.userObject()).options();
            inForce.ifPresent(options.serving::keepLinkOf);
            options.check(given);
            return options;
        } catch (ParameterException wrong) {
            throw new UsageException(values.named(WrongWords.of(wrong), command), wrong);
        } catch (UsageException wrong) {
            throw new UsageException(values.named(wrong.getMessage(), command), wrong);
        }
    }

    /** Refuses flags that can never be right, before anything is touched. */
    void check(ParseResult given) throws UsageException, IOException {
        serving.check(given);
        proxy();
        linkConfig();
        admin.socket(System.getenv());
        admin.metricsAddress();
    }

    /** Refuses pools that can never be on the link as it is now. */
    void checkPools(Link link) throws UsageException {
        try {
            serving.pools().check(link);
        } catch (UsageException outside) {
            throw command.commandLine().getDefaultValueProvider() instanceof GivenValues values
                    ? new UsageException(values.named(outside.getMessage(), command), outside)
                    : outside;
        }
    }

    /** The program's arguments, with the command. */
    List<String> arguments() {
        return command.root().commandLine().getParseResult().originalArgs();
    }

    /** The flags that a file can have, as keys. */
    List<OptionSpec> flags() {
        return command.options().stream()
                .filter(option -> !ConfigFile.NO_KEYS.contains(option.longestName()))
                .toList();
    }

    /** The file with the same flags as keys; empty when none is named. */
    String config() {
        return config;
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
