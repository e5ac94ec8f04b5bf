package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.k8s.ClusterCaches.Changes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A Kubernetes cluster: its Services, nodes and, inside the cluster, EndpointSlices. Owns the client.
 *
 * <p>Services of every type are followed: what we once said on one is taken back when its type changes. While the API server is
 * away the last known state stays in force.
 */
public final class KubernetesEndpointSource implements EndpointSource {
    private final KubernetesClient client;
    private final ClusterScope scope;
    private final ClusterCaches caches;
    private final AtomicBoolean checked = new AtomicBoolean();
    private final HealthChecks health = new HealthChecks(this::checked, HealthChecks.PERIOD);
    private volatile Runnable listener = () -> {};
    /** Empty before everything was listed. */
    private Optional<ClusterView> view = Optional.empty();

    private KubernetesEndpointSource(KubernetesClient client, ClusterScope scope) {
        this.client = client;
        this.scope = scope;
        this.caches = new ClusterCaches(client, scope, this::changed);
    }

    /** Starts to follow a cluster; returns at once, whether or not its API server can be reached. */
    public static KubernetesEndpointSource open(KubernetesClient client, ClusterScope scope) {
        KubernetesEndpointSource source = new KubernetesEndpointSource(client, scope);
        source.caches.start();
        return source;
    }

    private void changed() {
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

    /** Synchronized because it may be called from any thread, and the view is for one at a time. */
    @Override
    public synchronized Optional<ClusterSnapshot> snapshot() {
        if (!caches.hasSynced()) {
            return Optional.empty();
        }
        try {
            return Optional.of(current());
        } catch (RuntimeException bug) {
            view = Optional.empty(); // half of a change may be in it: the next time, everything is read
            throw bug;
        }
    }

    private ClusterSnapshot current() {
        boolean first = view.isEmpty();
        ClusterView followed = view.orElseGet(() -> new ClusterView(scope, caches, health));
        view = Optional.of(followed);
        Changes changes = first ? caches.everything() : caches.takeChanges();
        if (!changes.isEmpty()) {
            followed.read(changes);
        }
        if (checked.getAndSet(false)) {
            followed.readHealth();
        }
        return followed.snapshot();
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    /** The Service as it is in the cache. */
    Optional<Service> service(ServiceKey key) {
        return caches.service(key);
    }

    @Override
    public void close() {
        caches.close();
        health.close();
        client.close();
    }
}
