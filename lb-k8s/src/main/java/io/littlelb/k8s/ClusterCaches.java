package io.littlelb.k8s;

import static java.util.stream.Collectors.toSet;

import com.google.common.base.Throwables;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.k8s.EndpointSliceBackends.MappedSlice;
import java.net.ConnectException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster as its API server last told of it: informers on Services, nodes and, inside the cluster, EndpointSlices; and what has changed since
 * somebody last looked. From any thread.
 */
final class ClusterCaches implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClusterCaches.class);
    private static final long NO_RESYNC = 0; // the reconciler has its own
    private static final String BY_SERVICE = "service";

    private final KubernetesClient client;
    private final ClusterScope scope;
    private final Runnable onChange;
    private final List<SharedIndexInformer<Service>> services;
    private final List<SharedIndexInformer<EndpointSlice>> slices;
    private final List<SharedIndexInformer<Node>> nodes;

    /** Guards the two below. */
    private final Object lock = new Object();

    private Set<ServiceKey> changedServices = new HashSet<>();
    private Set<String> changedNodes = new HashSet<>();

    /** @param onChange called after every change, by whatever thread */
    ClusterCaches(KubernetesClient client, ClusterScope scope, Runnable onChange) {
        this.client = client;
        this.scope = scope;
        this.onChange = onChange;
        nodes = scope.followsNodes() ? List.of(informer("nodes", client.nodes(), this::changed)) : List.of();
        services = inScope()
                .<Informable<Service>>map(namespace -> namespace
                        .<Informable<Service>>map(name -> client.services().inNamespace(name))
                        .orElseGet(() -> client.services().inAnyNamespace()))
                .map(informable -> informer("services", informable, (Service it) -> changed(Given.key(it))))
                .toList();
        slices = scope.mode() == Mode.NODE_PORT
                ? List.of()
                : inScope()
                        .<Informable<EndpointSlice>>map(namespace -> namespace
                                .<Informable<EndpointSlice>>map(name ->
                                        client.discovery().v1().endpointSlices().inNamespace(name))
                                .orElseGet(() ->
                                        client.discovery().v1().endpointSlices().inAnyNamespace()))
                        .map(informable -> informer(
                                        "endpointslices",
                                        informable,
                                        (EndpointSlice it) -> changed(MappedSlice.service(it)))
                                .addIndexers(Map.of(
                                        BY_SERVICE,
                                        slice -> List.of(
                                                MappedSlice.service(slice).toString()))))
                        .toList();
    }

    /** The namespaces to follow; one empty entry stands for all of them. */
    private Stream<Optional<String>> inScope() {
        return scope.namespaces().isEmpty()
                ? Stream.of(Optional.empty())
                : scope.namespaces().stream().sorted().map(Optional::of);
    }

    private <T extends HasMetadata> SharedIndexInformer<T> informer(
            String what, Informable<T> informable, Consumer<T> changed) {
        SharedIndexInformer<T> informer = informable.runnableInformer(NO_RESYNC);
        informer.addEventHandler(new ResourceEventHandler<T>() {
            @Override
            public void onAdd(T object) {
                changed.accept(object);
            }

            @Override
            public void onUpdate(T before, T after) {
                changed.accept(before); // which may have been another's: a slice changes hands by its label
                changed.accept(after);
            }

            @Override
            public void onDelete(T object, boolean unknownFinalState) {
                changed.accept(object);
            }
        });
        informer.exceptionHandler((started, failure) -> {
            log.warn(
                    "Cannot follow {} at {}: {}; what is known stays in force, trying again",
                    what,
                    client.getMasterUrl(),
                    ApiFailure.of(failure));
            return true;
        });
        return informer;
    }

    /** What went wrong below all that is wrapped around it. */
    static String reason(Throwable failure) {
        Throwable cause = Throwables.getRootCause(failure);
        if (cause instanceof UnresolvedAddressException) {
            return "there is no such host";
        }
        boolean refused = cause instanceof ClosedChannelException
                && Throwables.getCausalChain(failure).stream().anyMatch(ConnectException.class::isInstance);
        return refused ? "connection refused" : Objects.requireNonNullElse(cause.getMessage(), cause.toString());
    }

    /** Begins to follow; returns at once. */
    void start() {
        // The first list may be empty, which no event would tell.
        informers().forEach(informer -> informer.start().thenRun(onChange));
    }

    /** Whether everything has been listed at least once. */
    boolean hasSynced() {
        return informers().allMatch(SharedIndexInformer::hasSynced);
    }

    private Stream<SharedIndexInformer<?>> informers() {
        return Stream.of(nodes.stream(), services.stream(), slices.stream()).flatMap(all -> all);
    }

    private void changed(ServiceKey service) {
        synchronized (lock) {
            changedServices.add(service);
        }
        onChange.run();
    }

    private void changed(Node node) {
        synchronized (lock) {
            changedNodes.add(Given.name(node));
        }
        onChange.run();
    }

    /** All that is there. What changes from now on is in the next {@link #takeChanges}. */
    Changes everything() {
        takeChanges();
        return new Changes(
                list(services).map(Given::key).collect(toSet()),
                list(nodes).map(Given::name).collect(toSet()));
    }

    private static <T> Stream<T> list(List<SharedIndexInformer<T>> informers) {
        return informers.stream().flatMap(informer -> informer.getStore().list().stream());
    }

    /** What has changed since this was last asked; to be asked before the caches are. */
    Changes takeChanges() {
        synchronized (lock) {
            Changes changes = new Changes(changedServices, changedNodes);
            changedServices = new HashSet<>();
            changedNodes = new HashSet<>();
            return changes;
        }
    }

    /**
     * What has come, gone or become another.
     *
     * @param services Services, and those of which an EndpointSlice has
     * @param nodes the names of nodes
     */
    record Changes(Set<ServiceKey> services, Set<String> nodes) {
        boolean isEmpty() {
            return services.isEmpty() && nodes.isEmpty();
        }
    }

    Optional<Service> service(ServiceKey key) {
        return find(services, key.toString());
    }

    Optional<Node> node(String name) {
        return find(nodes, name);
    }

    private static <T> Optional<T> find(List<SharedIndexInformer<T>> informers, String key) {
        return informers.stream()
                .map(informer -> informer.getIndexer().getByKey(key))
                .filter(Objects::nonNull)
                .findFirst();
    }

    List<EndpointSlice> slicesOf(ServiceKey service) {
        return slices.stream()
                .flatMap(informer -> informer.getIndexer().byIndex(BY_SERVICE, service.toString()).stream())
                .toList();
    }

    @Override
    public void close() {
        informers().forEach(SharedIndexInformer::stop);
    }
}
