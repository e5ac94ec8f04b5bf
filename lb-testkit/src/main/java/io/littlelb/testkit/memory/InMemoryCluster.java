package io.littlelb.testkit.memory;

import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.StatusWriter;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A cluster in memory: Services to serve, and a place where their status is written. */
public final class InMemoryCluster implements EndpointSource, StatusWriter {
    private PersistentMap<ServiceKey, ServiceSpec> services = PersistentMap.of();
    private PersistentMap<ServiceKey, Map<ServicePort, PortBackends>> backends = PersistentMap.of();
    private PersistentMap<ServiceKey, Published> published = PersistentMap.of();
    private final Set<InetAddress> nodeAddresses = new HashSet<>();
    /** Of everything above, until it changes. */
    private Optional<ClusterSnapshot> latest = Optional.empty();

    private Optional<String> trouble = Optional.empty();
    private Optional<Problem> complaint = Optional.empty();
    private boolean synced = true;
    private boolean broken;
    private int writes;
    private Runnable listener = () -> {};

    @Override
    public synchronized Optional<ClusterSnapshot> snapshot() {
        if (broken) {
            throw new IllegalStateException("broken on demand");
        }
        if (latest.isEmpty()) {
            latest = Optional.of(new ClusterSnapshot(services, backends, published, nodeAddresses));
        }
        return synced ? latest : Optional.empty();
    }

    @Override
    public synchronized SourceContact contact() {
        return new SourceContact("memory", Optional.empty(), trouble);
    }

    @Override
    public synchronized void onChange(Runnable newListener) {
        listener = newListener;
    }

    @Override
    public void write(ServiceKey key, String uid, ServiceStatus status) {
        synchronized (this) {
            writes++;
            ServiceSpec service = services.get(key);
            boolean another = service != null && !service.uid().equals(uid);
            if (another || complaint.isPresent()) {
                return;
            }
            published = status.equals(ServiceStatus.NONE)
                    ? published.without(key)
                    : published.with(key, new Published(uid, status));
        }
        changed();
    }

    @Override
    public synchronized Optional<Problem> complaint(ServiceKey key, String uid) {
        return complaint;
    }

    /** Why no status is written from now on; empty when they are again. */
    public synchronized void refuseStatuses(Optional<Problem> why) {
        complaint = why;
    }

    /** A Service is created or changed; the same backends serve all its ports. */
    public void put(ServiceSpec service, PortBackends servedBy) {
        synchronized (this) {
            services = services.with(service.key(), service);
            Map<ServicePort, PortBackends> ports = new HashMap<>();
            service.ports().forEach(port -> ports.put(port, servedBy));
            backends = backends.with(service.key(), ports);
        }
        changed();
    }

    /** A Service is deleted, and its status with it. */
    public void delete(ServiceKey key) {
        synchronized (this) {
            services = services.without(key);
            backends = backends.without(key);
            published = published.without(key);
        }
        changed();
    }

    /** A Service is of another type from now on; what was said on it still stands there. */
    public void changeType(ServiceKey key) {
        synchronized (this) {
            services = services.without(key);
            backends = backends.without(key);
        }
        changed();
    }

    /** A node has an address. */
    public synchronized void node(InetAddress address) {
        nodeAddresses.add(address);
        latest = Optional.empty();
    }

    /** Whether everything has been seen. */
    public synchronized void synced(boolean now) {
        synced = now;
    }

    /** It cannot be read any more, as if by a bug. */
    public synchronized void breakDown() {
        broken = true;
    }

    /** Why it cannot be asked from now on, while what is known of it stays in force; empty when it can again. */
    public void trouble(Optional<String> why) {
        synchronized (this) {
            trouble = why;
        }
        changed();
    }

    /** What stands on a Service. */
    public synchronized ServiceStatus status(ServiceKey key) {
        return Optional.ofNullable(published.get(key)).map(Published::status).orElse(ServiceStatus.NONE);
    }

    /** How often a status was wished for. */
    public synchronized int writes() {
        return writes;
    }

    /** Nothing to give back. */
    @Override
    public void close() {}

    private void changed() {
        Runnable told;
        synchronized (this) {
            latest = Optional.empty();
            told = listener;
        }
        told.run(); // outside the lock: the listener may call back
    }
}
