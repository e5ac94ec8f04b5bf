package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.k8s.EndpointSliceBackends.MappedSlice;
import io.littlelb.k8s.EndpointSliceBackends.Place;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kubernetes cluster: informers on Services, nodes and, inside the cluster, EndpointSlices. Owns the client.
 *
 * <p>Services of every type are followed: what we once said on one is taken back when its type changes. While the API server is
 * away the last known state stays in force.
 */
public final class KubernetesEndpointSource implements EndpointSource {
    private static final Logger log = LoggerFactory.getLogger(KubernetesEndpointSource.class);
    private static final long NO_RESYNC = 0; // the reconciler has its own

    private final KubernetesClient client;
    private final ClusterScope scope;
    private final List<SharedIndexInformer<Service>> services;
    private final List<SharedIndexInformer<EndpointSlice>> slices;
    private final List<SharedIndexInformer<Node>> nodes;
    private final Memo<Service, MappedService> mappedServices;
    private final Memo<EndpointSlice, MappedSlice> mappedSlices = new Memo<>(MappedSlice::of);
    private final Memo<Node, MappedNode> mappedNodes;
    private final AtomicLong changes = new AtomicLong();
    private final HealthChecks health = new HealthChecks(this::changed, HealthChecks.PERIOD);
    private volatile Runnable listener = () -> {};
    private ClusterSnapshot snapshot = ClusterSnapshot.EMPTY;
    private long snapshotOf = -1;

    private KubernetesEndpointSource(KubernetesClient client, ClusterScope scope) {
        this.client = client;
        this.scope = scope;
        mappedServices = new Memo<>(new ServiceMapper(scope.loadBalancerClass())::map);
        mappedNodes = new Memo<>(node -> MappedNode.of(node, scope));
        nodes = scope.followsNodes() ? List.of(informer("nodes", client.nodes())) : List.of();
        services = inScope()
                .<Informable<Service>>map(namespace -> namespace
                        .<Informable<Service>>map(name -> client.services().inNamespace(name))
                        .orElseGet(() -> client.services().inAnyNamespace()))
                .map(informable -> informer("services", informable))
                .toList();
        slices = scope.mode() == Mode.NODE_PORT
                ? List.of()
                : inScope()
                        .<Informable<EndpointSlice>>map(namespace -> namespace
                                .<Informable<EndpointSlice>>map(name ->
                                        client.discovery().v1().endpointSlices().inNamespace(name))
                                .orElseGet(() ->
                                        client.discovery().v1().endpointSlices().inAnyNamespace()))
                        .map(informable -> informer("endpointslices", informable))
                        .toList();
    }

    /** Starts to follow a cluster; returns at once, whether or not its API server can be reached. */
    public static KubernetesEndpointSource open(KubernetesClient client, ClusterScope scope) {
        KubernetesEndpointSource source = new KubernetesEndpointSource(client, scope);
        // The first list may be empty, which no event would tell.
        source.informers().forEach(informer -> informer.start().thenRun(source::changed));
        return source;
    }

    /** The namespaces to follow; one empty entry stands for all of them. */
    private Stream<Optional<String>> inScope() {
        return scope.namespaces().isEmpty()
                ? Stream.of(Optional.empty())
                : scope.namespaces().stream().sorted().map(Optional::of);
    }

    private <T extends HasMetadata> SharedIndexInformer<T> informer(String what, Informable<T> informable) {
        SharedIndexInformer<T> informer = informable.runnableInformer(NO_RESYNC);
        informer.addEventHandler(new ResourceEventHandler<T>() {
            @Override
            public void onAdd(T object) {
                changed();
            }

            @Override
            public void onUpdate(T before, T after) {
                changed();
            }

            @Override
            public void onDelete(T object, boolean unknownFinalState) {
                changed();
            }
        });
        informer.exceptionHandler((started, failure) -> {
            log.warn(
                    "Cannot follow {} at {}: {}; what is known stays in force, trying again",
                    what,
                    client.getMasterUrl(),
                    reason(failure));
            return true;
        });
        return informer;
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return Objects.requireNonNullElse(cause.getMessage(), cause.toString());
    }

    private void changed() {
        changes.incrementAndGet();
        listener.run();
    }

    /** Whether everything has been listed at least once. */
    public boolean hasSynced() {
        return informers().allMatch(SharedIndexInformer::hasSynced);
    }

    private Stream<SharedIndexInformer<?>> informers() {
        return Stream.of(nodes.stream(), services.stream(), slices.stream()).flatMap(all -> all);
    }

    @Override
    public Optional<ClusterSnapshot> snapshot() {
        return hasSynced() ? Optional.of(current()) : Optional.empty();
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    /** The Service as it is in the cache. */
    Optional<Service> service(ServiceKey key) {
        return services.stream()
                .map(informer -> informer.getIndexer().getByKey(key.toString()))
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** Synchronized because {@link #snapshot} may be called from any thread, and the memos are for one at a time. */
    private synchronized ClusterSnapshot current() {
        long now = changes.get(); // before the caches are read: a change that comes meanwhile is seen next time
        if (snapshotOf != now) {
            snapshot = read();
            snapshotOf = now;
        }
        return snapshot;
    }

    private ClusterSnapshot read() {
        List<MappedNode> allNodes = mappedNodes.map(list(nodes));
        List<MappedService> allServices = mappedServices.map(list(services));
        ServiceBackends backing = scope.mode() == Mode.NODE_PORT
                ? onNodePorts(allNodes, allServices)
                : new EndpointSliceBackends(mappedSlices.map(list(slices)), place(allNodes));
        Map<ServiceKey, ServiceSpec> asked = new HashMap<>();
        Map<ServiceKey, Map<ServicePort, PortBackends>> backends = new HashMap<>();
        Map<ServiceKey, Published> published = new HashMap<>();
        for (MappedService service : allServices) {
            service.published().ifPresent(said -> published.put(service.key(), said));
            service.asks().ifPresent(spec -> {
                asked.put(service.key(), spec);
                Map<ServicePort, PortBackends> before = snapshot.backends().getOrDefault(service.key(), Map.of());
                Map<ServicePort, PortBackends> after = backing.of(service);
                backends.put(service.key(), after.equals(before) ? before : after);
            });
        }
        Set<InetAddress> nodeAddresses = new HashSet<>();
        allNodes.forEach(node -> nodeAddresses.addAll(node.addresses()));
        return new ClusterSnapshot(asked, backends, published, nodeAddresses);
    }

    private Place place(List<MappedNode> allNodes) {
        Optional<String> zone = allNodes.stream()
                .filter(node -> scope.ownNode().filter(node.name()::equals).isPresent())
                .findFirst()
                .flatMap(MappedNode::zone);
        return new Place(scope.ownNode(), zone);
    }

    private NodePortBackends onNodePorts(List<MappedNode> allNodes, List<MappedService> allServices) {
        NodePortBackends backing = new NodePortBackends(allNodes, scope, health::isHealthy);
        Set<HealthChecks.Target> targets = new HashSet<>();
        allServices.stream()
                .filter(service -> service.asks().isPresent())
                .forEach(service -> targets.addAll(backing.targets(service)));
        health.follow(targets);
        return backing;
    }

    private static <T> List<T> list(List<SharedIndexInformer<T>> informers) {
        List<T> all = new ArrayList<>();
        informers.forEach(informer -> all.addAll(informer.getStore().list()));
        return all;
    }

    @Override
    public void close() {
        informers().forEach(SharedIndexInformer::stop);
        health.close();
        client.close();
    }
}
