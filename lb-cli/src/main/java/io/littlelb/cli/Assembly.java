package io.littlelb.cli;

import com.google.common.io.Closer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.port.AddressManager;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.Forwarder;
import io.littlelb.file.FileEndpointSource;
import io.littlelb.file.ServicesFileException;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.KubernetesEndpointSource;
import io.littlelb.k8s.ServiceStatusWriter;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of {@code lb run}, wired; nothing else wires them. They are opened one after the other, and closed in reverse, whatever one of them throws: the
 * first exception is the one that is thrown. What was opened before one that cannot be opened is closed again. Of the main thread.
 */
final class Assembly implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(Assembly.class);
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private final RunOptions options;
    private final ProxyConfig proxy;
    private final StopSignal stop;
    private final Closer opened = Closer.create();
    private Optional<LoadBalancer> loadBalancer = Optional.empty();

    private Assembly(RunOptions options, ProxyConfig proxy, StopSignal stop) {
        this.options = options;
        this.proxy = proxy;
        this.stop = stop;
    }

    /** Opens all that the flags ask for; nothing is served before {@link #start}. */
    static Assembly open(RunOptions options, ProxyConfig proxy, StopSignal stop) throws IOException, UsageException {
        Assembly assembly = new Assembly(options, proxy, stop);
        try {
            assembly.openParts();
            return assembly;
        } catch (IOException | UsageException | RuntimeException | Error e) {
            assembly.closeBecauseOf(e);
            throw e;
        }
    }

    private void openParts() throws IOException, UsageException {
        InstanceLock lock = InstanceLock.take(options.serving().link());
        opened.register(lock::close);
        log.debug("Holding {}", lock);
        Optional<Path> file = options.serving().file();
        LoadBalancer.Builder builder = file.isPresent() ? onFile(file.get()) : onCluster();
        LoadBalancer whole = builder.pools(options.serving().pools().pools())
                .boundaries(options.serving().boundaries())
                .drainTimeout(options.drainTimeout())
                .errors(LastWords.HANDLER)
                .build();
        opened.register(whole::close);
        loadBalancer = Optional.of(whole);
    }

    private LoadBalancer.Builder onFile(Path file) throws IOException, UsageException {
        try {
            FileEndpointSource source = FileEndpointSource.open(file, LastWords.HANDLER);
            part(source::close);
            stop.onReload(source::reload);
            return onThisHost(source);
        } catch (ServicesFileException e) {
            throw new UsageException("--source file:" + e.getMessage(), e);
        }
    }

    private LoadBalancer.Builder onCluster() throws IOException, UsageException {
        ClusterOptions cluster = options.serving().cluster();
        ClusterScope scope = cluster.scope();
        KubernetesClient client = cluster.connect();
        log.info("Following the cluster at {} in {} mode", client.getMasterUrl(), scope.mode());
        KubernetesEndpointSource source = KubernetesEndpointSource.open(client, scope, LastWords.HANDLER);
        part(source::close);
        LoadBalancer.Builder builder = onThisHost(source);
        String host = Files.readString(HOST_NAME).strip();
        ServiceStatusWriter statuses =
                ServiceStatusWriter.open(client, source, host, InstantSource.system(), LastWords.HANDLER);
        part(statuses::close);
        return builder.statuses(statuses).publish(cluster.publish());
    }

    private LoadBalancer.Builder onThisHost(EndpointSource source) throws IOException, UsageException {
        AddressManager addresses = addresses();
        part(addresses::close);
        Forwarder forwarder = SpliceForwarder.open(proxy);
        part(forwarder::close);
        return LoadBalancer.builder(source, addresses, forwarder);
    }

    private AddressManager addresses() throws IOException, UsageException {
        try {
            return RtnetlinkAddressManager.open(options.serving().link(), options.linkConfig());
        } catch (IllegalArgumentException e) {
            throw new UsageException("--linkdevice: " + e.getMessage(), e);
        }
    }

    /** A part is ours to close until the load balancer has it, which closes its own. */
    private void part(Runnable close) {
        opened.register(() -> {
            if (loadBalancer.isEmpty()) {
                close.run();
            }
        });
    }

    private void closeBecauseOf(Throwable failure) {
        try {
            opened.close();
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** Serves from now on. */
    void start() {
        loadBalancer.orElseThrow().start();
    }

    @Override
    public void close() throws IOException {
        opened.close();
    }
}
