package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Shown;
import java.util.Optional;
import java.util.Set;

/**
 * Which part of a cluster is served, and by which way to its pods.
 *
 * @param namespaces whose Services; empty means all
 * @param loadBalancerClass the class of Services that are ours; empty means those without a class
 * @param ownNode the node that this process runs on, for the sake of Services that prefer what is near; empty when it is none
 */
public record ClusterScope(
        Mode mode,
        NodeSelector nodes,
        NodeAddressType nodeAddress,
        Set<String> namespaces,
        Optional<String> loadBalancerClass,
        Optional<String> ownNode) {
    /** Where traffic for a Service goes. */
    public enum Mode {
        /** To a port of the nodes: works from outside of the pod network. */
        NODE_PORT,
        /** To the pods themselves. */
        ENDPOINTS;

        /** As {@code --mode} has it. */
        @Override
        public String toString() {
            return Shown.word(this);
        }
    }

    /** Which address of a node is dialled; {@code core/v1 NodeAddress.type}. */
    public enum NodeAddressType {
        InternalIP,
        ExternalIP
    }

    public ClusterScope {
        requireNonNull(mode, "mode");
        requireNonNull(nodes, "nodes");
        requireNonNull(nodeAddress, "nodeAddress");
        namespaces = Set.copyOf(namespaces);
        requireNonNull(loadBalancerClass, "loadBalancerClass");
        requireNonNull(ownNode, "ownNode");
    }

    /**
     * Whether nodes have to be known: to send traffic to them, and to keep Services from their addresses. Inside the cluster and with
     * namespaces of one's own, the second is not worth a right beyond the namespaces.
     */
    boolean followsNodes() {
        return mode == Mode.NODE_PORT || namespaces.isEmpty();
    }

    /** All Services without a class, reached as {@code mode} says over all nodes. */
    public static ClusterScope everything(Mode mode) {
        return new ClusterScope(
                mode, NodeSelector.ALL, NodeAddressType.InternalIP, Set.of(), Optional.empty(), Optional.empty());
    }
}
