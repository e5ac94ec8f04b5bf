package io.littlelb.k8s;

import static java.util.stream.Collectors.toSet;

import com.google.common.collect.Sets;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.k8s.ClusterCaches.Changes;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.k8s.EndpointSliceBackends.Place;
import io.littlelb.k8s.Readings.Subject;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A cluster in the core's terms. What has changed is read again, and nothing else. For one thread at a time. */
final class ClusterView {
    private final ClusterScope scope;
    private final ClusterCaches caches;
    private final HealthChecks health;
    private final ServiceMapper mapper;
    private final Map<ServiceKey, MappedService> services = new HashMap<>();
    private final Map<String, MappedNode> nodes = new HashMap<>();
    private final SliceReadings slices;
    private final Readings readings;

    private ServiceBackends backing;
    private ClusterSnapshot snapshot = ClusterSnapshot.EMPTY;

    ClusterView(ClusterScope scope, ClusterCaches caches, HealthChecks health, Readings readings) {
        this.scope = scope;
        this.caches = caches;
        this.health = health;
        this.readings = readings;
        this.mapper = new ServiceMapper(scope.loadBalancerClass());
        this.slices = new SliceReadings(caches::slicesOf, readings);
        this.backing = backing();
    }

    /** As it was last read. */
    ClusterSnapshot snapshot() {
        return snapshot;
    }

    /** Reads everything from the caches, whether or not it has changed. */
    void readAll(Changes everything) {
        read(new Changes(
                Sets.union(everything.services(), services.keySet()).immutableCopy(),
                Sets.union(everything.nodes(), nodes.keySet()).immutableCopy()));
    }

    /** Reads what has changed from the caches. */
    void read(Changes changes) {
        boolean nodesChanged = readNodes(changes.nodes());
        if (nodesChanged) {
            backing = backing();
        }
        boolean asksNodes = readServices(changes.services());
        if (nodesChanged || asksNodes) {
            health.follow(services.values().stream()
                    .filter(service -> service.asks().isPresent())
                    .flatMap(service -> backing.targets(service).stream())
                    .collect(toSet()));
        }
        Set<InetAddress> nodeAddresses = nodesChanged
                ? nodes.values().stream()
                        .flatMap(node -> node.addresses().stream())
                        .collect(toSet())
                : snapshot.nodeAddresses();
        Collection<ServiceKey> again =
                nodesChanged ? Sets.union(services.keySet(), changes.services()) : changes.services();
        snapshot = with(again, nodeAddresses);
    }

    /** Nodes have told of their pods: backends may be others with everything else as it was. */
    void readHealth() {
        snapshot = with(services.keySet(), snapshot.nodeAddresses());
    }

    /** Returns whether anything about them has changed that matters here; they report now and then only that they live. */
    private boolean readNodes(Set<String> names) {
        boolean changed = false;
        for (String name : names) {
            Optional<MappedNode> before = Optional.ofNullable(nodes.get(name));
            Optional<MappedNode> now = readNode(name, before);
            now.ifPresentOrElse(node -> nodes.put(name, node), () -> nodes.remove(name));
            changed |= !now.equals(before);
        }
        return changed;
    }

    private Optional<MappedNode> readNode(String name, Optional<MappedNode> last) {
        Subject subject = Subject.node(name);
        Optional<Node> node = caches.node(name);
        if (node.isEmpty()) {
            readings.forget(subject);
        }
        return node.flatMap(it -> readings.read(subject, () -> MappedNode.of(it, scope), () -> last));
    }

    private ServiceBackends backing() {
        List<MappedNode> all = List.copyOf(nodes.values());
        return scope.mode() == Mode.NODE_PORT
                ? new NodePortBackends(all, scope, health::isHealthy)
                : new EndpointSliceBackends(slices::of, place(all));
    }

    private Place place(List<MappedNode> all) {
        Optional<String> zone = all.stream()
                .filter(node -> scope.ownNode().filter(node.name()::equals).isPresent())
                .findFirst()
                .flatMap(MappedNode::zone);
        return new Place(scope.ownNode(), zone);
    }

    /** Returns whether there is one among them, or was, of which nodes are to be asked. */
    private boolean readServices(Set<ServiceKey> keys) {
        boolean asksNodes = false;
        for (ServiceKey key : keys) {
            Optional<MappedService> before = Optional.ofNullable(services.get(key));
            Optional<MappedService> now = readService(key, before);
            now.ifPresentOrElse(service -> services.put(key, service), () -> services.remove(key));
            asksNodes |= Stream.of(now, before)
                    .flatMap(Optional::stream)
                    .anyMatch(service -> service.healthCheckNodePort().isPresent());
        }
        return asksNodes;
    }

    private Optional<MappedService> readService(ServiceKey key, Optional<MappedService> last) {
        Subject subject = Subject.service(key);
        Optional<Service> service = caches.service(key);
        if (service.isEmpty()) {
            readings.forget(subject);
            slices.forget(key);
        }
        return service.flatMap(it -> readings.read(
                        subject, () -> mapper.map(it), () -> last.map(known -> mapper.keep(it, last)))
                .or(() -> Optional.of(mapper.keep(it, Optional.empty()))));
    }

    /** What it was, with some Services made anew. */
    private ClusterSnapshot with(Collection<ServiceKey> again, Set<InetAddress> nodeAddresses) {
        Map<ServiceKey, ServiceSpec> asked = new HashMap<>();
        Map<ServiceKey, Map<ServicePort, PortBackends>> backends = new HashMap<>();
        Map<ServiceKey, Published> published = new HashMap<>();
        for (ServiceKey key : again) {
            MappedService service = services.get(key);
            if (service != null) {
                service.published().ifPresent(said -> put(published, key, said, snapshot.published()));
                service.asks().ifPresent(spec -> {
                    put(asked, key, spec, snapshot.services());
                    put(backends, key, backends(service), snapshot.backends());
                });
            }
        }
        Set<ServiceKey> keys = Set.copyOf(again);
        return new ClusterSnapshot(
                PersistentMap.copyOf(snapshot.services()).with(asked, keys),
                PersistentMap.copyOf(snapshot.backends()).with(backends, keys),
                PersistentMap.copyOf(snapshot.published()).with(published, keys),
                nodeAddresses);
    }

    private Map<ServicePort, PortBackends> backends(MappedService service) {
        Subject subject = new Subject(
                "Backends of Service", service.key().namespace(), service.key().name(), Optional.empty());
        return readings.read(
                        subject,
                        () -> backing.of(service),
                        () -> Optional.ofNullable(snapshot.backends().get(service.key())))
                .orElse(Map.of());
    }

    /** Of two that are equal, the older one stays: what has not changed is the same object. */
    private static <V> void put(Map<ServiceKey, V> changed, ServiceKey key, V now, Map<ServiceKey, V> before) {
        changed.put(key, now.equals(before.get(key)) ? before.get(key) : now);
    }
}
