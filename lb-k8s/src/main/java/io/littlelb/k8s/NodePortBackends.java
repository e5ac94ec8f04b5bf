package io.littlelb.k8s;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Backends.NodePool;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import io.littlelb.k8s.HealthChecks.Target;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * From outside of the pod network: a port of every selected node. All ports share the two pools of nodes, one per family; only a
 * Service with {@code externalTrafficPolicy: Local} has its own, of the nodes that have a ready pod of it.
 */
final class NodePortBackends implements ServiceBackends {
    private final List<MappedNode> used;
    private final Predicate<Target> isHealthy;
    private final Pools all;
    private final Optional<Problem> problem;

    NodePortBackends(List<MappedNode> nodes, ClusterScope scope, Predicate<Target> isHealthy) {
        this.isHealthy = isHealthy;
        List<MappedNode> selected = nodes.stream().filter(MappedNode::selected).toList();
        List<MappedNode> ready = selected.stream().filter(MappedNode::ready).toList();
        used = ready.isEmpty() ? selected : ready; // a NotReady node is better than none
        all = new Pools(pool(Family.IPV4, any -> true), pool(Family.IPV6, any -> true));
        problem = selected.isEmpty() ? Optional.of(noneSelected(nodes.size(), scope)) : lacking(scope);
    }

    /** Nodes to dial, by the family of their addresses. */
    private record Pools(NodePool ipv4, NodePool ipv6) {
        NodePool of(Family family) {
            return family == Family.IPV4 ? ipv4 : ipv6;
        }
    }

    private NodePool pool(Family family, Predicate<InetAddress> fit) {
        return new NodePool(used.stream()
                .flatMap(node -> address(node, family).stream())
                .filter(fit)
                .sorted(Addresses.ORDER)
                .toList());
    }

    private static Optional<InetAddress> address(MappedNode node, Family family) {
        return node.dialled().stream().filter(ip -> Family.of(ip) == family).findFirst();
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

    private Optional<Problem> lacking(ClusterScope scope) {
        boolean complete =
                !all.ipv4().addresses().isEmpty() && !all.ipv6().addresses().isEmpty();
        Family lacking = all.ipv4().addresses().isEmpty() ? Family.IPV4 : Family.IPV6;
        return complete
                ? Optional.empty()
                : Optional.of(new Problem(
                        Reason.NoMatchingNodes,
                        "none of the " + used.size() + " selected nodes has an " + lacking + " address of type "
                                + scope.nodeAddress()));
    }

    /** How many nodes take traffic. */
    int used() {
        return used.size();
    }

    /** Why no traffic can go to any node; empty when it can to one, by one family. */
    Optional<Problem> noneToDial() {
        boolean none =
                all.ipv4().addresses().isEmpty() && all.ipv6().addresses().isEmpty();
        return none ? problem : Optional.empty();
    }

    @Override
    public Set<Target> targets(MappedService service) {
        Set<Target> targets = new HashSet<>();
        service.healthCheckNodePort().ifPresent(port -> {
            for (MappedNode node : used) {
                node.dialled().forEach(ip -> targets.add(new Target(ip, port)));
            }
        });
        return targets;
    }

    @Override
    public Map<ServicePort, PortBackends> of(MappedService service) {
        Map<ServicePort, PortBackends> backends = new HashMap<>();
        Pools pools = service.healthCheckNodePort().map(this::healthy).orElse(all);
        service.asks()
                .ifPresent(asks ->
                        asks.ports().forEach(port -> backends.put(port, of(port, service, asks.families(), pools))));
        return backends;
    }

    private Pools healthy(int healthCheckNodePort) {
        Predicate<InetAddress> fit = ip -> isHealthy.test(new Target(ip, healthCheckNodePort));
        return new Pools(pool(Family.IPV4, fit), pool(Family.IPV6, fit));
    }

    private PortBackends of(ServicePort port, MappedService service, Set<Family> families, Pools pools) {
        Integer nodePort = service.nodePorts().get(port);
        if (nodePort == null) {
            return PortBackends.none(new Problem(
                    Reason.NoNodePort,
                    "port " + port + " has no nodePort, without which its pods cannot be reached from outside; set"
                            + " allocateLoadBalancerNodePorts: true, or run Little LB inside the cluster"));
        }
        return new PortBackends(
                on(dialled(Family.IPV4, families, pools), nodePort),
                on(dialled(Family.IPV6, families, pools), nodePort),
                problem(service, families, pools));
    }

    /** Why there is nobody to dial where there is nobody: what nodes lack matters only for the families that are dialled. */
    private Optional<Problem> problem(MappedService service, Set<Family> families, Pools healthy) {
        boolean unhealthy = families.stream()
                .anyMatch(family -> !all.of(family).addresses().isEmpty()
                        && healthy.of(family).addresses().isEmpty());
        return unhealthy ? service.healthCheckNodePort().map(this::noneHealthy) : problem;
    }

    /** A node opens a node port in the Service's own families only; a frontend of another one crosses over. */
    private static NodePool dialled(Family frontend, Set<Family> families, Pools pools) {
        boolean crosses = !families.contains(frontend);
        Family other = frontend == Family.IPV4 ? Family.IPV6 : Family.IPV4;
        return pools.of(crosses ? other : frontend);
    }

    private Problem noneHealthy(int healthCheckNodePort) {
        return new Problem(
                Reason.NoBackends,
                "externalTrafficPolicy is Local, and no node has a ready endpoint (healthCheckNodePort "
                        + healthCheckNodePort + "): none of the " + used.size()
                        + " selected nodes answers GET /healthz there with 200");
    }

    private static Backends on(NodePool pool, int nodePort) {
        return pool.addresses().isEmpty() ? Backends.none() : new Backends.OnNodes(pool, nodePort);
    }
}
