package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.k8s.ClusterScope.NodeAddressType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A node of the cluster.
 *
 * @param addresses all of its own
 * @param zone its {@code topology.kubernetes.io/zone}
 * @param dialled those of the type that traffic is sent to
 * @param selected whether it matches the selector and is not excluded from load balancing
 */
record MappedNode(
        String name,
        Optional<String> zone,
        List<InetAddress> addresses,
        List<InetAddress> dialled,
        boolean ready,
        boolean selected) {
    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final String EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";
    private static final String GOING = "ToBeDeletedByClusterAutoscaler";

    /** Reads a node ({@code core/v1}). */
    static MappedNode of(Node node, ClusterScope scope) {
        WireObjects.check(node);
        List<InetAddress> all = new ArrayList<>();
        List<InetAddress> dialled = new ArrayList<>();
        for (NodeAddress address : list(node.getStatus(), NodeStatus::getAddresses)) {
            Addresses.parse(Given.text(address.getAddress())).ifPresent(ip -> {
                all.add(ip);
                if (isOfType(address.getType(), scope.nodeAddress())) {
                    dialled.add(ip);
                }
            });
        }
        return new MappedNode(
                Given.name(node),
                Optional.ofNullable(Given.labels(node).get(ZONE)),
                List.copyOf(all),
                List.copyOf(dialled),
                isReady(node),
                isSelected(node, scope));
    }

    private static boolean isOfType(String text, NodeAddressType type) {
        return type.name().equals(text);
    }

    private static boolean isReady(Node node) {
        return list(node.getStatus(), NodeStatus::getConditions).stream()
                .anyMatch(condition -> "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private static boolean isSelected(Node node, ClusterScope scope) {
        Map<String, String> labels = Given.labels(node);
        boolean excluded = labels.containsKey(EXCLUDED) && !isFalse(labels.get(EXCLUDED));
        boolean going =
                list(node.getSpec(), NodeSpec::getTaints).stream().anyMatch(taint -> GOING.equals(taint.getKey()));
        return scope.nodes().selects(labels) && !excluded && !going;
    }

    private static <W, T> List<T> list(W whole, Function<W, List<T>> part) {
        return Given.part(whole, part).map(Given::list).orElse(List.of());
    }

    /** What Go's {@code strconv.ParseBool}, with which Kubernetes reads such labels, takes for false. */
    private static boolean isFalse(String text) {
        return List.of("0", "f", "F", "false", "FALSE", "False").contains(text);
    }
}
