package io.littlelb.testkit.apiserver;

import io.littlelb.core.model.Cidr;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
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
        checkSourceRanges(service);
        completePorts(service, before.path("spec").path("ports"), others);
        if (spec.path("sessionAffinity").asString("").equals("ClientIP")) {
            ObjectNode byClient = spec.withObject("sessionAffinityConfig").withObject("clientIP");
            byClient.putIfAbsent("timeoutSeconds", spec.numberNode(10_800));
        }
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
        checkNames(service);
        Set<Integer> taken = nodePortsOf(service, others);
        if (numbered || isType(spec, "LoadBalancer")) {
            checkNodePorts(service, taken);
        }
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

    private static Set<Integer> nodePortsOf(ObjectNode service, List<ObjectNode> all) {
        Set<Integer> taken = new HashSet<>();
        all.stream()
                .filter(other -> !isSame(service, other))
                .forEach(other -> other.path("spec")
                        .path("ports")
                        .forEach(port -> taken.add(port.path("nodePort").asInt(0))));
        return taken;
    }

    private static boolean isSame(ObjectNode service, ObjectNode other) {
        return Stream.of("namespace", "name")
                .allMatch(field -> service.path("metadata")
                        .path(field)
                        .equals(other.path("metadata").path(field)));
    }

    /** One node port may serve two protocols of one Service; nothing else shares one. */
    private static void checkNodePorts(ObjectNode service, Set<Integer> taken) throws ApiException {
        Set<String> own = new HashSet<>();
        int index = 0;
        for (JsonNode port : service.path("spec").path("ports")) {
            int nodePort = port.path("nodePort").asInt(0);
            String field = "spec.ports[" + index++ + "].nodePort";
            if (nodePort != 0 && (nodePort < FIRST_NODE_PORT || nodePort > LAST_NODE_PORT)) {
                throw invalid(
                        service,
                        field,
                        "Invalid value: " + nodePort + ": provided port is not in the valid range. The range of valid"
                                + " ports is " + FIRST_NODE_PORT + "-" + LAST_NODE_PORT);
            }
            boolean again = !own.add(nodePort + "/" + port.path("protocol").asString("TCP"));
            if (nodePort != 0 && (again || taken.contains(nodePort))) {
                throw invalid(service, field, "Invalid value: " + nodePort + ": provided port is already allocated");
            }
        }
    }

    private static void checkNames(ObjectNode service) throws ApiException {
        JsonNode ports = service.path("spec").path("ports");
        Set<String> numbers = new HashSet<>();
        for (int i = 0; ports.size() > 1 && i < ports.size(); i++) {
            JsonNode port = ports.get(i);
            if (port.path("name").asString("").isEmpty()) {
                throw invalid(service, "spec.ports[" + i + "].name", "Required value");
            }
            if (!numbers.add(port.path("port") + "/" + port.path("protocol").asString("TCP"))) {
                throw invalid(service, "spec.ports[" + i + "]", "Duplicate value: " + port);
            }
        }
    }

    private static void checkSourceRanges(ObjectNode service) throws ApiException {
        JsonNode ranges = service.path("spec").path("loadBalancerSourceRanges");
        if (!ranges.isEmpty() && !isType(service.path("spec"), "LoadBalancer")) {
            throw invalid(
                    service,
                    "spec.LoadBalancerSourceRanges",
                    "Forbidden: may only be used when `type` is 'LoadBalancer'");
        }
        for (int i = 0; i < ranges.size(); i++) {
            String range = ranges.get(i).asString("");
            if (Cidr.parse(range.strip()).isEmpty()) {
                throw invalid(
                        service,
                        "spec.LoadBalancerSourceRanges[" + i + "]",
                        "Invalid value: \"" + range
                                + "\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
            }
        }
    }

    private static boolean isType(JsonNode spec, String type) {
        return spec.path("type").asString("").equals(type);
    }

    private static ApiException invalid(ObjectNode service, String field, String why) {
        String name = service.path("metadata").path("name").asString("");
        return ApiException.invalid(ResourceType.find("", "v1", "services").orElseThrow(), name, field, why);
    }
}
