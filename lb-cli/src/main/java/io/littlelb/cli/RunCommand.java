package io.littlelb.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.Link;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.file.FileEndpointSource;
import io.littlelb.file.ServicesFileException;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.KubernetesEndpointSource;
import io.littlelb.k8s.ServiceStatusWriter;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
    private RunOptions options;

    @Override
    public Integer call() throws Exception {
        options.installLog();
        ServingOptions serving = options.serving();
        serving.check(spec.commandLine().getParseResult());
        ProxyConfig config = options.proxy();
        options.linkConfig(); // a wrong flag is told before anything is touched
        ProxyOptions.requireDescriptors();
        Optional<Link> link = serving.presentLink();
        if (link.isPresent()) {
            serving.pools().check(link.get());
        }
        StopSignal stop = StopSignal.listen();
        try (InstanceLock lock = InstanceLock.take(serving.link());
                LoadBalancer loadBalancer = parts(config, stop)
                        .drainTimeout(options.drainTimeout())
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

    private LoadBalancer.Builder parts(ProxyConfig config, StopSignal stop) throws IOException, UsageException {
        Optional<Path> file = options.serving().file();
        if (file.isEmpty()) {
            return onCluster(config);
        }
        FileEndpointSource source = open(file.get());
        stop.onReload(source::reload);
        return serving(source, config);
    }

    private static FileEndpointSource open(Path file) throws IOException, UsageException {
        try {
            return FileEndpointSource.open(file, LastWords.HANDLER);
        } catch (ServicesFileException e) {
            throw new UsageException("--source file:" + e.getMessage(), e);
        }
    }

    private LoadBalancer.Builder onCluster(ProxyConfig config) throws IOException, UsageException {
        ClusterOptions cluster = options.serving().cluster();
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
        ServingOptions serving = options.serving();
        try {
            return LoadBalancer.builder(
                            endpoints,
                            RtnetlinkAddressManager.open(serving.link(), options.linkConfig()),
                            SpliceForwarder.open(config))
                    .pools(serving.pools().pools())
                    .boundaries(serving.boundaries());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--linkdevice: " + e.getMessage(), e);
        }
    }
}
