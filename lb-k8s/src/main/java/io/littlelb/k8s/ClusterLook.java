package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceSpec;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A cluster as it is at one moment, for somebody who wants to know what would be served; nothing is followed.
 *
 * @param services those that are ours
 * @param nodesUsed how many nodes take traffic; zero where pods are dialled
 * @param noneToDial why no node does, where traffic goes to nodes
 * @param nodes whose an address is, by the node's name
 */
public record ClusterLook(
        List<ServiceSpec> services, int nodesUsed, Optional<Problem> noneToDial, Map<InetAddress, String> nodes) {
    private static final int FORBIDDEN = 403;

    public ClusterLook {
        services = List.copyOf(services);
        nodes = Map.copyOf(nodes);
    }

    /** Whether a namespace is there. */
    public enum Namespace {
        THERE,
        ABSENT,
        /** This account may not ask. */
        UNKNOWN
    }

    /**
     * Asks the API server.
     *
     * @throws KubernetesClientException when it cannot be asked, or refuses to say
     */
    public static ClusterLook at(KubernetesClient client, ClusterScope scope) {
        List<MappedNode> nodes = scope.followsNodes() ? nodes(client, scope) : List.of();
        Map<InetAddress, String> names = new HashMap<>();
        nodes.forEach(node -> node.addresses().forEach(ip -> names.put(ip, node.name())));
        if (scope.mode() == ClusterScope.Mode.ENDPOINTS) {
            return new ClusterLook(services(client, scope), 0, Optional.empty(), names);
        }
        NodePortBackends dialled = new NodePortBackends(nodes, scope, any -> true);
        return new ClusterLook(services(client, scope), dialled.used(), dialled.noneToDial(), names);
    }

    private static List<MappedNode> nodes(KubernetesClient client, ClusterScope scope) {
        return client.nodes().list().getItems().stream()
                .flatMap(node -> readable(() -> Optional.of(MappedNode.of(node, scope))).stream())
                .toList();
    }

    private static List<ServiceSpec> services(KubernetesClient client, ClusterScope scope) {
        ServiceMapper mapper = new ServiceMapper(scope.loadBalancerClass());
        Stream<Service> all = scope.namespaces().isEmpty()
                ? client.services().inAnyNamespace().list().getItems().stream()
                : scope.namespaces().stream()
                        .sorted()
                        .flatMap(name -> client.services().inNamespace(name).list().getItems().stream());
        return all.flatMap(service -> readable(() -> mapper.map(service).asks()).stream())
                .toList();
    }

    /** What cannot be read is left out, as by who follows the cluster, and says so. */
    private static <T> Optional<T> readable(Supplier<Optional<T>> reading) {
        try {
            return reading.get();
        } catch (RuntimeException unreadable) {
            return Optional.empty();
        }
    }

    /**
     * Asks whether a namespace is there.
     *
     * @throws KubernetesClientException when the API server cannot be asked
     */
    public static Namespace namespace(KubernetesClient client, String name) {
        try {
            return client.namespaces().withName(name).get() == null ? Namespace.ABSENT : Namespace.THERE;
        } catch (KubernetesClientException refused) {
            if (refused.getCode() == FORBIDDEN) {
                return Namespace.UNKNOWN;
            }
            throw refused;
        }
    }
}
