package io.littlelb.k8s;

import static java.util.Objects.requireNonNullElse;

import io.fabric8.kubernetes.api.model.Node;
import io.littlelb.core.model.Addresses;
import io.littlelb.k8s.ClusterScope.NodeAddressType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
        List<InetAddress> all = new ArrayList<>();
        List<InetAddress> dialled = new ArrayList<>();
        if (node.getStatus() != null) {
            node.getStatus()
                    .getAddresses()
                    .forEach(address -> Addresses.parse(address.getAddress()).ifPresent(ip -> {
                        all.add(ip);
                        if (isOfType(address.getType(), scope.nodeAddress())) {
                            dialled.add(ip);
                        }
                    }));
        }
        return new MappedNode(
                node.getMetadata().getName(),
                Optional.ofNullable(labels(node).get(ZONE)),
                List.copyOf(all),
                List.copyOf(dialled),
                isReady(node),
                isSelected(node, scope));
    }

    private static boolean isOfType(String text, NodeAddressType type) {
        return type.name().equals(text);
    }

    private static boolean isReady(Node node) {
        return node.getStatus() != null
                && node.getStatus().getConditions().stream()
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus()));
    }

    private static boolean isSelected(Node node, ClusterScope scope) {
        Map<String, String> labels = labels(node);
        boolean excluded = labels.containsKey(EXCLUDED) && !isFalse(labels.get(EXCLUDED));
        boolean going = node.getSpec() != null
                && node.getSpec().getTaints().stream().anyMatch(taint -> GOING.equals(taint.getKey()));
        return scope.nodes().selects(labels) && !excluded && !going;
    }

    private static Map<String, String> labels(Node node) {
        return requireNonNullElse(node.getMetadata().getLabels(), Map.of());
    }

    /** What Go's {@code strconv.ParseBool}, with which Kubernetes reads such labels, takes for false. */
    private static boolean isFalse(String text) {
        return List.of("0", "f", "F", "false", "FALSE", "False").contains(text);
    }
}
