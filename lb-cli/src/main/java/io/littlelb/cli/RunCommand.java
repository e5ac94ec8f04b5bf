package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.Link;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.netlink.Links;
import io.littlelb.netlink.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lb run}: wires the parts, starts them, and takes everything back at a signal. */
@Command(
        name = "run",
        description = "Serves Services on a link until SIGTERM or SIGINT, then takes everything back.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(RunCommand.class);
    private static final String FILE = "file:";

    @Option(
            names = {"--linkdevice", "--link-device"},
            paramLabel = "DEV",
            defaultValue = "",
            description = "The network link that addresses are put on, such as eth0. Required.")
    private String link;

    @Option(
            names = "--source",
            paramLabel = "file:PATH",
            defaultValue = "",
            description = "Where Services come from: a YAML file, followed as it changes. Required.")
    private String source;

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
            names = "--drain-timeout",
            paramLabel = "TIME",
            defaultValue = "20s",
            converter = DurationText.class,
            description = "How long connections may outlive their Service. Default: ${DEFAULT-VALUE}.")
    private Duration drainTimeout;

    @Option(names = "--debug", description = "Log more.")
    private boolean debug;

    @Override
    public Integer call() throws Exception {
        LogFormat.install(debug);
        check();
        EndpointSource endpoints = FileEndpointSource.open(Path.of(source.substring(FILE.length())));
        StopSignal stop = StopSignal.listen();
        try (InstanceLock lock = InstanceLock.take(link);
                LoadBalancer loadBalancer = loadBalancer(endpoints)) {
            log.debug("Holding {}", lock);
            loadBalancer.start();
            stop.await();
        }
        log.info("Stopped");
        return 0;
    }

    private void check() throws UsageException, IOException {
        if (link.isEmpty()) {
            throw new UsageException("--linkdevice is needed: which link are addresses to be put on? This host has "
                    + Links.list().stream().map(RunCommand::describe).collect(joining(", ")));
        }
        if (!source.startsWith(FILE)) {
            throw new UsageException(
                    "--source " + (source.isEmpty() ? "is needed" : "\"" + source + "\" is not known") + ": file:PATH");
        }
        if (loops < 1) {
            throw new UsageException("--loops " + loops + ": at least 1");
        }
    }

    private static String describe(Link link) {
        return link.name() + " " + link.hostAddresses();
    }

    private LoadBalancer loadBalancer(EndpointSource endpoints) throws IOException, UsageException {
        ProxyConfig config = ProxyConfig.DEFAULT.withLoops(loops).withConnectTimeout(connectTimeout);
        try {
            return LoadBalancer.builder(endpoints, RtnetlinkAddressManager.open(link), SpliceForwarder.open(config))
                    .listener(new PassLog())
                    .drainTimeout(drainTimeout)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new UsageException("--linkdevice: " + e.getMessage(), e);
        }
    }
}
