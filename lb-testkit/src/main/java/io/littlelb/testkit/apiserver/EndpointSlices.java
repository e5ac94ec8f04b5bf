package io.littlelb.testkit.apiserver;

import com.google.common.collect.Lists;
import io.littlelb.testkit.apiserver.Store.ObjectKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What kube-controller-manager's endpoint slice controller makes of Services that have a selector: slices of at most a hundred endpoints; one without
 * any, in which both lists are null, if no pod matches. Slices of others, and Services without a selector, it leaves alone.
 *
 * <p>Simpler than the real one in that it knows IPv4 only, and makes all slices of a Service anew when one is another.
 */
final class EndpointSlices {
    private static final String MANAGER = "endpointslice-controller.k8s.io";
    private static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    private static final String SERVICE_NAME = "kubernetes.io/service-name";
    private static final int MOST = 100;
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final Store store;

    EndpointSlices(Store store) {
        this.store = store;
    }

    /** Brings the slices of a Service to what its pods are now, or takes them away with it. */
    void follow(String namespace, String service) {
        ObjectNode live =
                store.get(new ObjectKey("services", namespace, service)).orElseGet(JSON::objectNode);
        List<ObjectNode> wanted = wanted(live);
        List<ObjectNode> there = managed(namespace, service);
        if (wanted.equals(there.stream().map(EndpointSlices::content).toList())) {
            return;
        }
        there.forEach(slice -> store.remove(key(namespace, slice)));
        for (ObjectNode content : wanted) {
            ObjectNode slice = named(content, live);
            store.put(key(namespace, slice), slice);
        }
    }

    /** A pod has come, changed or gone. */
    void followPods(String namespace) {
        store.list("services", namespace)
                .forEach(service ->
                        follow(namespace, service.path("metadata").path("name").asString("")));
    }

    private List<ObjectNode> managed(String namespace, String service) {
        return store.list("endpointslices.discovery.k8s.io", namespace).stream()
                .filter(slice -> label(slice, MANAGED_BY).equals(MANAGER)
                        && label(slice, SERVICE_NAME).equals(service))
                .toList();
    }

    private static String label(JsonNode object, String name) {
        return object.path("metadata").path("labels").path(name).asString("");
    }

    private static ObjectKey key(String namespace, ObjectNode slice) {
        return new ObjectKey(
                "endpointslices.discovery.k8s.io",
                namespace,
                slice.path("metadata").path("name").asString(""));
    }

    private static ObjectNode content(ObjectNode slice) {
        ObjectNode content = slice.deepCopy();
        content.remove("metadata");
        return content;
    }

    private List<ObjectNode> wanted(ObjectNode service) {
        JsonNode spec = service.path("spec");
        if (spec.path("selector").isEmpty() || spec.path("type").asString("").equals("ExternalName")) {
            return List.of();
        }
        List<ObjectNode> pods = store
                .list("pods", service.path("metadata").path("namespace").asString(""))
                .stream()
                .filter(pod -> isSelected(pod, spec.path("selector")))
                .filter(pod -> !pod.path("status").path("podIP").asString("").isEmpty())
                .toList();
        if (pods.isEmpty()) {
            ObjectNode nobody = slice();
            nobody.set("endpoints", JSON.nullNode());
            nobody.set("ports", JSON.nullNode());
            return List.of(nobody);
        }
        List<ObjectNode> slices = new ArrayList<>();
        for (List<ObjectNode> some : Lists.partition(pods, MOST)) {
            ObjectNode slice = slice();
            ArrayNode endpoints = slice.putArray("endpoints");
            some.forEach(pod -> endpoints.add(endpoint(pod)));
            slice.set("ports", ports(spec.path("ports"), some.get(0)));
            slices.add(slice);
        }
        return slices;
    }

    private static boolean isSelected(JsonNode pod, JsonNode selector) {
        return selector.propertyStream()
                .allMatch(wanted ->
                        label(pod, wanted.getKey()).equals(wanted.getValue().asString("")));
    }

    private static ObjectNode slice() {
        ObjectNode slice = JSON.objectNode();
        return slice.put("kind", "EndpointSlice")
                .put("apiVersion", "discovery.k8s.io/v1")
                .put("addressType", "IPv4");
    }

    private static ObjectNode endpoint(JsonNode pod) {
        JsonNode metadata = pod.path("metadata");
        boolean terminating = metadata.has("deletionTimestamp");
        boolean serving = pod.path("status")
                .path("conditions")
                .valueStream()
                .anyMatch(condition -> condition.path("type").asString("").equals("Ready")
                        && condition.path("status").asString("").equals("True"));
        ObjectNode endpoint = JSON.objectNode();
        endpoint.putArray("addresses").add(pod.path("status").path("podIP").asString(""));
        endpoint.putObject("conditions")
                .put("ready", serving && !terminating)
                .put("serving", serving)
                .put("terminating", terminating);
        endpoint.putObject("targetRef")
                .put("kind", "Pod")
                .put("namespace", metadata.path("namespace").asString(""))
                .put("name", metadata.path("name").asString(""))
                .put("uid", metadata.path("uid").asString(""));
        return endpoint;
    }

    private static ArrayNode ports(JsonNode ports, JsonNode pod) {
        ArrayNode all = JSON.arrayNode();
        ports.forEach(port -> all.addObject()
                .put("name", port.path("name").asString(""))
                .put("protocol", port.path("protocol").asString("TCP"))
                .put("port", number(port.path("targetPort"), pod)));
        return all;
    }

    /** A target port is a number, or the name of a port of the pod. */
    private static int number(JsonNode targetPort, JsonNode pod) {
        return pod.path("spec")
                .path("containers")
                .valueStream()
                .flatMap(container -> container.path("ports").valueStream())
                .filter(port -> port.path("name").equals(targetPort))
                .mapToInt(port -> port.path("containerPort").asInt(0))
                .findFirst()
                .orElseGet(() -> targetPort.asInt(0));
    }

    private static ObjectNode named(ObjectNode content, ObjectNode service) {
        JsonNode owner = service.path("metadata");
        String name = owner.path("name").asString("");
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        ObjectNode slice = content.deepCopy();
        ObjectNode metadata = slice.putObject("metadata");
        metadata.put("name", name + "-" + UUID.randomUUID().toString().substring(0, 5))
                .put("generateName", name + "-")
                .put("namespace", owner.path("namespace").asString(""))
                .put("uid", UUID.randomUUID().toString())
                .put("generation", 1)
                .put("creationTimestamp", now);
        metadata.putObject("labels").put(MANAGED_BY, MANAGER).put(SERVICE_NAME, name);
        metadata.putObject("annotations").put("endpoints.kubernetes.io/last-change-trigger-time", now);
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", "v1")
                .put("kind", "Service")
                .put("name", name)
                .put("uid", owner.path("uid").asString(""))
                .put("controller", true)
                .put("blockOwnerDeletion", true);
        FieldOwnership.update(JSON.objectNode(), slice, FieldOwnership.Manager.updating("kube-controller-manager", ""));
        return slice;
    }
}
