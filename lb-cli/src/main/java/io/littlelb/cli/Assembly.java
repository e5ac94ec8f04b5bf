package io.littlelb.cli;

import com.google.common.io.Closer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.admin.AdminServer;
import io.littlelb.admin.Instance;
import io.littlelb.admin.Tallies;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.loop.PassLog;
import io.littlelb.core.port.AddressManager;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.Forwarder;
import io.littlelb.file.FileEndpointSource;
import io.littlelb.file.Look;
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
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of {@code lb run}, wired; nothing else wires them. They are opened one after the other, and closed in reverse, whatever one of them throws: the
 * first exception is the one that is thrown. What was opened before one that cannot be opened is closed again. Of the main thread.
 */
final class Assembly implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(Assembly.class);
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    /** How long a services file is waited for that a person wants to be read again: less than whoever asks for it waits. */
    private static final Duration LOOK = Duration.ofSeconds(3);

    private final RunOptions options;
    private final ProxyConfig proxy;
    private final StopSignal stop;
    private final Closer opened = Closer.create();
    private final Tallies tallies = new Tallies();
    private Optional<Supplier<Look>> rereadSource = Optional.empty();
    private Optional<Served> served = Optional.empty();
    private Optional<AdminServer> admin = Optional.empty();

    private Assembly(RunOptions options, ProxyConfig proxy, StopSignal stop) {
        this.options = options;
        this.proxy = proxy;
        this.stop = stop;
    }

    /**
     * The parts, put together or about to be.
     *
     * @param mode how backends are found
     */
    private record Parts(
            String mode,
            EndpointSource source,
            AddressManager addresses,
            Forwarder forwarder,
            LoadBalancer.Builder builder) {}

    private record Served(Parts parts, LoadBalancer loadBalancer, Reload reload) {}

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
        opened.register(() -> admin.ifPresent(AdminServer::close)); // it can be asked as long as anything is served
        Optional<Path> file = options.serving().file();
        Parts parts = file.isPresent() ? onFile(file.get()) : onCluster();
        LoadBalancer whole = parts.builder()
                .pools(options.serving().pools().pools())
                .boundaries(options.serving().boundaries())
                .drainTimeout(options.drainTimeout())
                .listener(new PassLog(options.logging().journal()).andThen(tallies))
                .errors(LastWords.HANDLER)
                .build();
        opened.register(whole::close);
        Reload reload = new Reload(options, whole, rereadSource);
        stop.onReload(reload::reload);
        served = Optional.of(new Served(parts, whole, reload));
    }

    private Parts onFile(Path file) throws IOException, UsageException {
        try {
            FileEndpointSource source = FileEndpointSource.open(file, LastWords.HANDLER);
            part(source::close);
            rereadSource = Optional.of(() -> source.reload(LOOK));
            return onThisHost("file", source);
        } catch (ServicesFileException e) {
            throw new UsageException("--source file:" + e.getMessage(), e);
        }
    }

    private Parts onCluster() throws IOException, UsageException {
        ClusterOptions cluster = options.serving().cluster();
        ClusterScope scope = cluster.scope();
        KubernetesClient client = cluster.connect();
        log.info("Following the cluster at {} in {} mode", client.getMasterUrl(), scope.mode());
        KubernetesEndpointSource source = KubernetesEndpointSource.open(client, scope, LastWords.HANDLER);
        part(source::close);
        Parts parts = onThisHost(scope.mode().toString(), source);
        String host = Files.readString(HOST_NAME).strip();
        ServiceStatusWriter statuses =
                ServiceStatusWriter.open(client, source, host, InstantSource.system(), LastWords.HANDLER);
        part(statuses::close);
        parts.builder().statuses(statuses).publish(cluster.publish());
        return parts;
    }

    private Parts onThisHost(String mode, EndpointSource source) throws IOException, UsageException {
        AddressManager addresses = addresses();
        part(addresses::close);
        Forwarder forwarder = SpliceForwarder.open(proxy);
        part(forwarder::close);
        forwarder.onEnd(options.logging().connections());
        return new Parts(mode, source, addresses, forwarder, LoadBalancer.builder(source, addresses, forwarder));
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
            if (served.isEmpty()) {
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

    /** Serves from now on, and can be asked. */
    void start() throws UsageException {
        Served now = served.orElseThrow();
        now.loadBalancer().start();
        Parts parts = now.parts();
        Instance instance = new Instance(
                Main.Version.text(),
                parts.mode(),
                now.loadBalancer(),
                parts.source(),
                parts.addresses(),
                parts.forwarder(),
                tallies,
                options.logging().journal(),
                options.logging().ended(),
                new ProgramControls(
                        options.serving().cluster().scope(),
                        now.loadBalancer(),
                        options.logging().levels(),
                        now.reload()));
        if (options.admin().lacksSocket(System.getenv())) {
            log.warn(
                    "No command can ask this instance: {} cannot be made, and XDG_RUNTIME_DIR is not set; --admin-socket names another place",
                    AdminOptions.USUAL);
        }
        admin = Optional.of(AdminServer.open(
                instance,
                options.admin().socket(System.getenv()),
                options.admin().metricsAddress(),
                LastWords.HANDLER));
    }

    @Override
    public void close() throws IOException {
        opened.close();
    }
}
