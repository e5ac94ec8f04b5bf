package io.littlelb.core.port;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.ServedService;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Services that the program itself puts here, changes and removes. All methods may be called from any thread, also from within a listener's call. */
public final class ServiceList implements EndpointSource {
    private PersistentMap<ServiceKey, ServiceSpec> services = PersistentMap.of();
    private PersistentMap<ServiceKey, Map<ServicePort, PortBackends>> backends = PersistentMap.of();
    private Runnable listener = () -> {};

    /** Adds a Service, or puts it in the place of the one with its name; its connections go on where its ports stay. */
    public void put(ServedService service) {
        Runnable told;
        synchronized (this) {
            services = services.with(service.key(), service.spec());
            backends = backends.with(service.key(), service.backends());
            told = listener;
        }
        told.run(); // outside the lock: the listener may call back
    }

    /** Takes a Service away; nothing when there is none of this name. */
    public void remove(ServiceKey key) {
        Runnable told;
        synchronized (this) {
            services = services.without(key);
            backends = backends.without(key);
            told = listener;
        }
        told.run();
    }

    @Override
    public synchronized Optional<ClusterSnapshot> snapshot() {
        return Optional.of(new ClusterSnapshot(services, backends, Map.of(), Set.of()));
    }

    @Override
    public synchronized void onChange(Runnable newListener) {
        listener = requireNonNull(newListener, "newListener");
    }
}
