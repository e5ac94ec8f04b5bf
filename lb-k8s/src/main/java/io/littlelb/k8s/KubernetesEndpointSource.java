package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.model.ApiRequest;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.k8s.ClusterCaches.Changes;
import io.littlelb.k8s.Readings.Complaint;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kubernetes cluster: its Services, nodes and, inside the cluster, EndpointSlices. Owns the client.
 *
 * <p>Services of every type are followed: what we once said on one is taken back when its type changes. While the API server is
 * away the last known state stays in force.
 */
public final class KubernetesEndpointSource implements EndpointSource {
    private static final Logger log = LoggerFactory.getLogger(KubernetesEndpointSource.class);

    private final KubernetesClient client;
    private final ClusterCaches caches;
    private final AtomicBoolean checked = new AtomicBoolean();
    private final HealthChecks health;
    private final ServerContact contact;
    private final ClusterView view;
    private volatile Runnable listener = () -> {};
    private volatile Consumer<Complaint> complaints = complaint -> {};
    /** Whether half of a change may be in the view, or nothing yet: the next time, everything is read. */
    private boolean everything = true;
    /** Empty before everything was listed. */
    private Optional<ClusterSnapshot> last = Optional.empty();

    private KubernetesEndpointSource(KubernetesClient client, ClusterScope scope, ErrorHandler errors) {
        this.client = client;
        this.contact = ServerContact.open(client, () -> listener.run(), errors);
        this.caches = new ClusterCaches(client, scope, this::changed);
        this.health = HealthChecks.open(this::checked, HealthChecks.PERIOD, errors);
        this.view = new ClusterView(scope, caches, health, new Readings(it -> complaints.accept(it)));
    }

    /** As {@link #open(KubernetesClient, ClusterScope, ErrorHandler)}, with errors of Java itself told in the log. */
    public static KubernetesEndpointSource open(KubernetesClient client, ClusterScope scope) {
        return open(client, scope, ErrorHandler.LOG);
    }

    /**
     * Starts to follow a cluster; returns at once, whether or not its API server can be reached.
     *
     * @param client one of {@link ClusterAccess}, which reads objects one at a time
     * @param errors is told when Java itself fails on one of its threads {@code lb-health} and {@code lb-contact}
     */
    public static KubernetesEndpointSource open(KubernetesClient client, ClusterScope scope, ErrorHandler errors) {
        KubernetesEndpointSource source = new KubernetesEndpointSource(client, scope, errors);
        source.caches.start();
        return source;
    }

    private void changed() {
        contact.heard();
        listener.run();
    }

    private void checked() {
        checked.set(true);
        listener.run();
    }

    /** Whether everything has been listed at least once. */
    public boolean hasSynced() {
        return caches.hasSynced();
    }

    /**
     * Everything that is asked for now. An object that cannot be read costs no more than itself; and should all of it fail because of a bug of ours, the
     * last snapshot stays in force, and everything is read again the next time.
     *
     * <p>Synchronized because it may be called from any thread, and the view is for one at a time.
     */
    @Override
    public synchronized Optional<ClusterSnapshot> snapshot() {
        if (!caches.hasSynced()) {
            return Optional.empty();
        }
        try {
            read();
            last = Optional.of(view.snapshot());
        } catch (RuntimeException bug) {
            everything = true;
            log.error("The cluster could not be read because of a bug in Little LB; what is known stays in force", bug);
        }
        return last;
    }

    private void read() {
        Changes changes = everything ? caches.everything() : caches.takeChanges();
        if (everything) {
            view.readAll(changes);
            everything = false;
        } else if (!changes.isEmpty()) {
            view.read(changes);
        }
        if (checked.getAndSet(false)) {
            view.readHealth();
        }
    }

    /** Has somebody told of every object that cannot be read, and again when it can; on the thread that takes snapshots. */
    void onComplaint(Consumer<Complaint> listening) {
        complaints = listening;
    }

    @Override
    public SourceContact contact() {
        return contact.contact();
    }

    /** Those of a client that {@link ClusterAccess} has made; a {@link ServiceStatusWriter}'s as well, if it has the same client. */
    @Override
    public Map<ApiRequest, Long> requests() {
        return RequestCounts.of(client).map(RequestCounts::counts).orElse(Map.of());
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    /** Whether the API server is there. */
    ServerContact server() {
        return contact;
    }

    /** The Service as it is in the cache. */
    Optional<Service> service(ServiceKey key) {
        return caches.service(key);
    }

    @Override
    public void close() {
        contact.close();
        caches.close();
        health.close();
        client.close();
    }
}
