package io.littlelb.testkit.apiserver;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the API server itself fills in, keeps and clears on a Service; see the Kubernetes API's ServiceSpec. */
final class ServiceDefaults {
    private static final int FIRST_NODE_PORT = 30_000;
    private static final int LAST_NODE_PORT = 32_767;

    private ServiceDefaults() {}

    /**
     * Completes a Service that is created or replaced.
     *
     * @param before the Service as it was; empty when it is new
     * @param others all Services: no node port and no cluster IP is given twice
     */
    static void complete(ObjectNode service, ObjectNode before, List<ObjectNode> others) throws ApiException {
        ObjectNode spec = service.withObject("spec");
        spec.putIfAbsent("type", spec.stringNode("ClusterIP"));
        spec.putIfAbsent("sessionAffinity", spec.stringNode("None"));
        spec.putIfAbsent("internalTrafficPolicy", spec.stringNode("Cluster"));
        completeClusterIp(spec, before.path("spec"), others);
        completePorts(service, before.path("spec").path("ports"), others);
        boolean balanced = isType(spec, "LoadBalancer");
        boolean reachable = balanced || isType(spec, "NodePort");
        if (reachable) {
            spec.putIfAbsent("externalTrafficPolicy", spec.stringNode("Cluster"));
        } else {
            spec.remove("externalTrafficPolicy");
        }
        if (balanced) {
            spec.putIfAbsent("allocateLoadBalancerNodePorts", spec.booleanNode(true));
            boolean changed = isType(before.path("spec"), "LoadBalancer")
                    && !spec.path("loadBalancerClass")
                            .equals(before.path("spec").path("loadBalancerClass"));
            if (changed) {
                throw invalid(service, "spec.loadBalancerClass", "may not change once set");
            }
        } else {
            spec.remove(List.of("allocateLoadBalancerNodePorts", "loadBalancerClass"));
        }
        completeStatus(service, balanced);
    }

    /** A type change empties the status of the load balancer in the same write; an address is a VIP unless it says otherwise. */
    static void completeStatus(ObjectNode service, boolean balanced) {
        ObjectNode status = service.withObject("status");
        if (!balanced) {
            status.putObject("loadBalancer");
        }
        status.withObject("loadBalancer").path("ingress").forEach(ingress -> {
            if (ingress.has("ip")) {
                ObjectNode entry = (ObjectNode) ingress;
                entry.putIfAbsent("ipMode", entry.stringNode("VIP"));
            }
        });
    }

    private static void completeClusterIp(ObjectNode spec, JsonNode before, List<ObjectNode> others) {
        if (isType(spec, "ExternalName")) {
            return;
        }
        if (!spec.has("clusterIP")) {
            String kept = before.path("clusterIP").asString("");
            Set<String> taken = new HashSet<>();
            others.forEach(
                    other -> taken.add(other.path("spec").path("clusterIP").asString("")));
            int host = 10;
            while (kept.isEmpty() && taken.contains("10.96.0." + host)) {
                host++;
            }
            spec.put("clusterIP", kept.isEmpty() ? "10.96.0." + host : kept);
        }
        spec.putArray("clusterIPs").add(spec.path("clusterIP"));
        if (!spec.has("ipFamilies")) {
            spec.putArray("ipFamilies").add("IPv4");
        }
        spec.putIfAbsent("ipFamilyPolicy", spec.stringNode("SingleStack"));
    }

    private static void completePorts(ObjectNode service, JsonNode before, List<ObjectNode> others)
            throws ApiException {
        ObjectNode spec = (ObjectNode) service.path("spec");
        if (spec.path("ports").isEmpty() && !isType(spec, "ExternalName")) {
            throw invalid(service, "spec.ports", "Required value");
        }
        boolean numbered = isType(spec, "NodePort")
                || (isType(spec, "LoadBalancer")
                        && spec.path("allocateLoadBalancerNodePorts").asBoolean(true));
        Set<Integer> taken = new HashSet<>();
        others.forEach(other -> other.path("spec")
                .path("ports")
                .forEach(port -> taken.add(port.path("nodePort").asInt(0))));
        spec.path("ports").forEach(port -> taken.add(port.path("nodePort").asInt(0)));
        for (JsonNode each : spec.path("ports")) {
            ObjectNode port = (ObjectNode) each;
            int number = port.path("port").asInt(0);
            if (number < 1 || number > 65_535) {
                throw invalid(service, "spec.ports.port", "Invalid value: " + number + ": must be between 1 and 65535");
            }
            port.putIfAbsent("protocol", port.stringNode("TCP"));
            port.putIfAbsent("targetPort", port.numberNode(number));
            if (!numbered && !isType(spec, "LoadBalancer")) {
                port.remove("nodePort");
            } else if (numbered && !port.has("nodePort")) {
                int nodePort = keptNodePort(port, before);
                for (int free = FIRST_NODE_PORT; nodePort == 0 && free <= LAST_NODE_PORT; free++) {
                    nodePort = taken.add(free) ? free : 0;
                }
                port.put("nodePort", nodePort);
            }
        }
    }

    private static int keptNodePort(ObjectNode port, JsonNode before) {
        return before.valueStream()
                .filter(old -> old.path("port").equals(port.path("port"))
                        && old.path("protocol").equals(port.path("protocol")))
                .mapToInt(old -> old.path("nodePort").asInt(0))
                .findFirst()
                .orElse(0);
    }

    private static boolean isType(JsonNode spec, String type) {
        return spec.path("type").asString("").equals(type);
    }

    private static ApiException invalid(ObjectNode service, String field, String why) {
        String name = service.path("metadata").path("name").asString("");
        return ApiException.invalid(ResourceType.find("", "v1", "services").orElseThrow(), name, field, why);
    }
}
