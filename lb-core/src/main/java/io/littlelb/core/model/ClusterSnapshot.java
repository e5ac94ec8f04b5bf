package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;

/**
 * Everything that is asked for at one moment. Objects that have not changed are the same objects as in the last snapshot, and a source that
 * makes the next one of the {@link PersistentMap}s of the last spares a pass looking at them.
 *
 * @param services the Services to serve
 * @param backends the endpoints behind each port of each Service
 * @param published what we have already said about Services; also about those that we no longer serve, so that it can
 *     be taken back
 * @param nodeAddresses addresses of the cluster's nodes: no Service may take one
 */
public record ClusterSnapshot(
        Map<ServiceKey, ServiceSpec> services,
        Map<ServiceKey, Map<ServicePort, PortBackends>> backends,
        Map<ServiceKey, Published> published,
        Set<InetAddress> nodeAddresses) {
    /** Nobody asks for anything. */
    public static final ClusterSnapshot EMPTY = new ClusterSnapshot(Map.of(), Map.of(), Map.of(), Set.of());

    public ClusterSnapshot {
        services = PersistentMap.copyOf(services); // which copies only what is not one
        backends = PersistentMap.copyOf(backends);
        published = PersistentMap.copyOf(published);
        nodeAddresses = ImmutableSet.copyOf(nodeAddresses);
    }

    /** The backends of one port; {@link PortBackends#NONE} when the source knows none. */
    public PortBackends backends(ServiceKey service, ServicePort port) {
        return backends.getOrDefault(service, Map.of()).getOrDefault(port, PortBackends.NONE);
    }

    /**
     * A status that stands on a Service.
     *
     * @param uid the Service it stands on; a later Service of the same name has another
     * @param status as much of it as makes sense
     * @param isComplete whether that is all: whatever is wished for, it is not what stands there as long as something there makes no sense
     */
    public record Published(String uid, ServiceStatus status, boolean isComplete) {
        public Published {
            requireNonNull(uid, "uid");
            requireNonNull(status, "status");
        }

        public Published(String uid, ServiceStatus status) {
            this(uid, status, true);
        }
    }
}
