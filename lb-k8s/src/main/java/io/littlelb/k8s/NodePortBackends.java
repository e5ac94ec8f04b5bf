package io.littlelb.k8s;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Backends.NodePool;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** From outside of the pod network: a port of every selected node. All ports share the two pools of nodes, one per family. */
final class NodePortBackends implements ServiceBackends {
    private final NodePool ipv4;
    private final NodePool ipv6;
    private final Optional<Problem> problem;

    NodePortBackends(List<MappedNode> nodes, ClusterScope scope) {
        List<MappedNode> selected = nodes.stream().filter(MappedNode::selected).toList();
        List<MappedNode> ready = selected.stream().filter(MappedNode::ready).toList();
        List<MappedNode> used = ready.isEmpty() ? selected : ready; // a NotReady node is better than none
        ipv4 = pool(used, Family.IPV4);
        ipv6 = pool(used, Family.IPV6);
        problem = selected.isEmpty() ? Optional.of(noneSelected(nodes.size(), scope)) : lacking(used.size(), scope);
    }

    private static NodePool pool(List<MappedNode> nodes, Family family) {
        return new NodePool(nodes.stream()
                .flatMap(node -> node.dialled().stream()
                        .filter(ip -> Family.of(ip) == family)
                        .limit(1))
                .sorted(Addresses.ORDER)
                .toList());
    }

    private static Problem noneSelected(int all, ClusterScope scope) {
        String nodes = all == 1 ? "the 1 node" : "the " + all + " nodes";
        String selector = scope.nodes().toString();
        String remedy = selector.isEmpty()
                ? "none may take traffic"
                : "none matches --node-selector \"" + selector
                        + "\" and may take traffic; label some, or select others (an empty selector selects all)";
        return new Problem(Reason.NoMatchingNodes, "of " + nodes + " of the cluster " + remedy);
    }

    private Optional<Problem> lacking(int used, ClusterScope scope) {
        boolean complete = !ipv4.addresses().isEmpty() && !ipv6.addresses().isEmpty();
        Family lacking = ipv4.addresses().isEmpty() ? Family.IPV4 : Family.IPV6;
        return complete
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.NoMatchingNodes,
                        "none of the " + used + " selected nodes has an " + lacking + " address of type "
                                + scope.nodeAddress()));
    }

    @Override
    public Map<ServicePort, PortBackends> of(MappedService service) {
        Map<ServicePort, PortBackends> backends = new HashMap<>();
        service.asks().ifPresent(asks -> asks.ports().forEach(port -> backends.put(port, of(port, service))));
        return backends;
    }

    private PortBackends of(ServicePort port, MappedService service) {
        Integer nodePort = service.nodePorts().get(port);
        if (nodePort == null) {
            return PortBackends.none(new Problem(
                    Reason.NoNodePort,
                    "port " + port + " has no nodePort, without which its pods cannot be reached from outside; set"
                            + " allocateLoadBalancerNodePorts: true, or run Little LB inside the cluster"));
        }
        return new PortBackends(on(ipv4, nodePort), on(ipv6, nodePort), problem);
    }

    private static Backends on(NodePool pool, int nodePort) {
        return pool.addresses().isEmpty() ? Backends.none() : new Backends.OnNodes(pool, nodePort);
    }
}
