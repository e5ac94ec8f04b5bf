package io.littlelb.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.Link;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.KubernetesEndpointSource;
import io.littlelb.k8s.ServiceStatusWriter;
import io.littlelb.netlink.ConflictProbing;
import io.littlelb.netlink.LinkConfig;
import io.littlelb.netlink.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lb run}: wires the parts, starts them, and takes everything back at a signal. */
@Command(
        name = "run",
        description = "Serves Services on a link until SIGTERM or SIGINT, then takes everything back.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(RunCommand.class);
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    @Spec
    private CommandSpec spec;

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

    @Option(
            names = "--drain-timeout",
            paramLabel = "TIME",
            defaultValue = "20s",
            converter = DurationText.class,
            description = "How long connections may outlive their Service. Default: ${DEFAULT-VALUE}.")
    private Duration drainTimeout;

    @Option(names = "--debug", description = "Log more.")
    private boolean debug;

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

    /** The values of {@code --conflict-probe}. */
    static final class Probing extends SpelledConstant<ConflictProbing> {
        Probing() {
            super(ConflictProbing.values());
        }
    }

    @Override
    public Integer call() throws Exception {
        LogFormat.install(debug);
        if (debugNetlink) {
            LogFormat.traceNetlink();
        }
        serving.check(spec.commandLine().getParseResult());
        ProxyConfig config = proxy.config();
        linkConfig(); // a wrong flag is told before anything is touched
        Optional<Link> link = serving.presentLink();
        if (link.isPresent()) {
            serving.pools().check(link.get());
        }
        StopSignal stop = StopSignal.listen();
        try (InstanceLock lock = InstanceLock.take(serving.link());
                LoadBalancer loadBalancer = parts(config, stop)
                        .listener(new PassLog())
                        .drainTimeout(drainTimeout)
                        .errors(LastWords.HANDLER)
                        .build()) {
            log.debug("Holding {}", lock);
            ProxyOptions.logLimit(config);
            loadBalancer.start();
            stop.await();
        }
        log.info("Stopped");
        return 0;
    }

    private LinkConfig linkConfig() throws UsageException, IOException {
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

    private LoadBalancer.Builder parts(ProxyConfig config, StopSignal stop) throws IOException, UsageException {
        Optional<Path> file = serving.file();
        if (file.isEmpty()) {
            return onCluster(config);
        }
        FileEndpointSource source = FileEndpointSource.open(file.get(), LastWords.HANDLER);
        stop.onReload(source::reload);
        return serving(source, config);
    }

    private LoadBalancer.Builder onCluster(ProxyConfig config) throws IOException, UsageException {
        ClusterOptions cluster = serving.cluster();
        ClusterScope scope = cluster.scope();
        PublishPolicy publish = cluster.publish();
        KubernetesClient client = cluster.connect();
        log.info("Following the cluster at {} in {} mode", client.getMasterUrl(), scope.mode());
        KubernetesEndpointSource endpoints = KubernetesEndpointSource.open(client, scope, LastWords.HANDLER);
        String host = Files.readString(HOST_NAME).strip();
        return serving(endpoints, config)
                .statuses(ServiceStatusWriter.open(client, endpoints, host, InstantSource.system(), LastWords.HANDLER))
                .publish(publish);
    }

    private LoadBalancer.Builder serving(EndpointSource endpoints, ProxyConfig config)
            throws IOException, UsageException {
        try {
            return LoadBalancer.builder(
                            endpoints,
                            RtnetlinkAddressManager.open(serving.link(), linkConfig()),
                            SpliceForwarder.open(config))
                    .pools(serving.pools().pools())
                    .boundaries(serving.boundaries());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--linkdevice: " + e.getMessage(), e);
        }
    }
}
