package io.littlelb.testkit.apiserver;

import io.littlelb.testkit.apiserver.FieldOwnership.Manager;
import io.littlelb.testkit.apiserver.Store.ObjectKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What each verb does to the objects of a type: get, list, create, replace, patch, delete. */
final class ResourceRequests {
    private static final JsonMapper JSON = new JsonMapper();
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final String APPLY = "application/apply-patch+yaml";

    private final Store store;
    private final EndpointSlices slices;

    ResourceRequests(Store store) {
        this.store = store;
        this.slices = new EndpointSlices(store);
        namespace("default");
        namespace("kube-system");
    }

    /** What a path names: a collection, an object of it, or a subresource of that. Parts that are not named are empty. */
    record Target(ResourceType type, String namespace, String name, String subresource) {
        ObjectKey key() {
            return new ObjectKey(type.storedAs(), namespace, name);
        }

        boolean isStatus() {
            return subresource.equals("status");
        }
    }

    /** An answer and its HTTP status. */
    record Answer(int code, ObjectNode body) {}

    Answer answer(Target target, Request request) throws ApiException {
        synchronized (store) { // one request decides on what it has read
            return switch (request.method()) {
                case "GET" ->
                    new Answer(200, target.name().isEmpty() ? list(target, request) : shown(target, existing(target)));
                case "POST" -> new Answer(201, create(target, request, parse(request)));
                case "PUT" -> new Answer(200, replace(target, request, existing(target), parse(request)));
                case "PATCH" -> patch(target, request);
                case "DELETE" -> new Answer(200, delete(target, request));
                default ->
                    throw new ApiException(
                            405, "MethodNotAllowed", request.method() + " is not something this server does");
            };
        }
    }

    /** Which objects a list or a watch is about. */
    Predicate<ObjectNode> selected(Target target, Request request) {
        Predicate<JsonNode> labels = Selector.labels(request.parameter("labelSelector"));
        Predicate<JsonNode> fields = Selector.fields(request.parameter("fieldSelector"));
        return object -> labels.test(object)
                && fields.test(object)
                && (target.name().isEmpty()
                        || object.path("metadata").path("name").asString("").equals(target.name()));
    }

    /** An object in the shape of the group it was asked of. */
    static ObjectNode shown(Target target, ObjectNode object) {
        return target.type().group().equals("events.k8s.io") ? EventShapes.toEventsGroup(object) : object;
    }

    private ObjectNode list(Target target, Request request) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("kind", target.type().kind() + "List")
                .put("apiVersion", target.type().apiVersion());
        list.putObject("metadata").put("resourceVersion", Long.toString(store.version()));
        List<ObjectNode> items = store.list(target.type().storedAs(), target.namespace()).stream()
                .map(object -> shown(target, object))
                .filter(selected(target, request))
                .toList();
        list.putArray("items").addAll(items);
        return list;
    }

    private ObjectNode create(Target collection, Request request, ObjectNode object) throws ApiException {
        ObjectNode metadata = object.withObject("metadata");
        String generated = metadata.path("generateName").asString("");
        if (!metadata.has("name") && !generated.isEmpty()) {
            metadata.put("name", generated + UUID.randomUUID().toString().substring(0, 5));
        }
        String name = metadata.path("name").asString("");
        if (!name.matches("[a-z0-9]([-a-z0-9.:]*[a-z0-9])?")) {
            throw ApiException.invalid(
                    collection.type(),
                    name,
                    "metadata.name",
                    name.isEmpty() ? "Required value" : "Invalid value: \"" + name + "\"");
        }
        Target target = new Target(collection.type(), collection.namespace(), name, "");
        if (target.type().namespaced()
                && store.get(new ObjectKey("namespaces", "", target.namespace()))
                        .isEmpty()) {
            throw new ApiException(404, "NotFound", "namespaces \"" + target.namespace() + "\" not found");
        }
        if (store.get(target.key()).isPresent()) {
            throw new ApiException(409, "AlreadyExists", target.type().plural() + " \"" + name + "\" already exists");
        }
        if (target.type().hasStatus() && !target.type().is("Node")) {
            object.remove("status"); // as the strategies of the real server do; a node is registered with its own
        }
        ObjectNode none = JsonNodeFactory.instance.objectNode();
        return save(target, request, none, object);
    }

    private ObjectNode replace(Target target, Request request, ObjectNode before, ObjectNode object)
            throws ApiException {
        JsonNode version = object.path("metadata").path("resourceVersion");
        if (!version.asString("").isEmpty()
                && !version.equals(before.path("metadata").path("resourceVersion"))) {
            throw ApiException.conflict(
                    target.type(),
                    target.name(),
                    "the object has been modified; please apply your changes to the latest version and try again");
        }
        return save(target, request, before, object);
    }

    private Answer patch(Target target, Request request) throws ApiException {
        boolean apply = request.contentType().startsWith(APPLY);
        if (apply && store.get(target.key()).isEmpty() && target.subresource().isEmpty()) {
            ObjectNode wish = parse(request);
            refuseAnotherUid(target, JsonNodeFactory.instance.objectNode(), wish);
            return new Answer(201, create(target, request, wish));
        }
        ObjectNode stored = existing(target);
        ObjectNode before = shown(target, stored);
        ObjectNode patch = request.contentType().startsWith("application/json-patch+json") ? before : parse(request);
        ObjectNode after;
        if (apply) {
            after = applied(target, request, before, patch);
        } else if (request.contentType().startsWith("application/strategic-merge-patch+json")) {
            after = Patches.strategic(before, patch);
        } else if (request.contentType().startsWith("application/merge-patch+json")) {
            after = (ObjectNode) Patches.merge(before, patch);
        } else if (request.contentType().startsWith("application/json-patch+json")) {
            after = Patches.json(before, JSON.readTree(request.body()));
        } else {
            throw new ApiException(415, "UnsupportedMediaType", "no patch of type " + request.contentType());
        }
        return new Answer(200, replace(target, request, stored, after));
    }

    private static ObjectNode applied(Target target, Request request, ObjectNode before, ObjectNode wish)
            throws ApiException {
        String manager = request.parameter("fieldManager");
        if (manager.isEmpty()) {
            throw ApiException.badRequest(
                    "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }
        refuseAnotherUid(target, before, wish);
        ObjectNode own = wish.deepCopy();
        own.remove(target.isStatus() ? "spec" : "status");
        boolean force = request.parameter("force").equals("true");
        return FieldOwnership.apply(before, own, Manager.applying(manager, target.subresource()), force);
    }

    private ObjectNode delete(Target target, Request request) throws ApiException {
        ObjectNode before = existing(target);
        if (!request.body().isBlank()) {
            JsonNode uid = parse(request).path("preconditions").path("uid");
            if (uid.isString() && !uid.equals(before.path("metadata").path("uid"))) {
                throw ApiException.conflict(target.type(), target.name(), "the UID in the precondition is another");
            }
        }
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        status.put("status", "Success");
        status.putObject("details")
                .put("name", target.name())
                .put("kind", target.type().plural())
                .set("uid", before.path("metadata").path("uid"));
        store.remove(target.key());
        control(target);
        return status;
    }

    /** What controllers do about a change; the real ones take a moment. */
    private void control(Target target) {
        if (target.type().is("Service")) {
            slices.follow(target.namespace(), target.name());
        } else if (target.type().is("Pod")) {
            slices.followPods(target.namespace());
        }
    }

    /** Defaults, validates and keeps an object; one that has not changed keeps its version. */
    private ObjectNode save(Target target, Request request, ObjectNode before, ObjectNode wished) throws ApiException {
        ObjectNode after = wished.deepCopy();
        refuseAnotherUid(target, before, after);
        separate(target, before, after);
        boolean isNew = before.isEmpty();
        ObjectNode metadata = after.withObject("metadata");
        metadata.put("name", target.name());
        if (target.type().namespaced()) {
            metadata.put("namespace", target.namespace());
        }
        JsonNode old = before.path("metadata");
        metadata.put(
                "uid", isNew ? UUID.randomUUID().toString() : old.path("uid").asString(""));
        metadata.put(
                "creationTimestamp",
                isNew
                        ? Instant.now().truncatedTo(ChronoUnit.SECONDS).toString()
                        : old.path("creationTimestamp").asString(""));
        after.put("kind", target.type().kind()).put("apiVersion", target.type().apiVersion());
        boolean applied = request.contentType().startsWith(APPLY);
        ObjectNode shaped = target.type().is("Event") ? EventShapes.toCore(after) : after;
        if (target.type().is("Service") && target.isStatus()) {
            ServiceDefaults.completeStatus(
                    shaped, shaped.path("spec").path("type").asString("").equals("LoadBalancer"));
        } else if (target.type().is("Service")) {
            ServiceDefaults.complete(shaped, before, store.list(target.type().storedAs(), ""));
        }
        if (!applied || isNew) {
            FieldOwnership.update(before, shaped, managerOf(target, request, applied));
        }
        boolean unchanged = !isNew && withoutVersion(shaped).equals(withoutVersion(before));
        boolean dry = request.parameter("dryRun").equals("All");
        if (unchanged || dry) {
            return shown(target, unchanged ? before : shaped);
        }
        ObjectNode stored = store.put(target.key(), shaped);
        control(target);
        return shown(target, stored);
    }

    private static ObjectNode withoutVersion(ObjectNode object) {
        ObjectNode copy = object.deepCopy();
        copy.withObject("metadata").remove("resourceVersion");
        return copy;
    }

    /** A write to the object leaves its status alone; a write to the status leaves everything but it and the metadata alone. */
    private static void separate(Target target, ObjectNode before, ObjectNode after) {
        if (!target.type().hasStatus() || (before.isEmpty() && !target.isStatus())) {
            return;
        }
        String kept = target.isStatus() ? "spec" : "status";
        after.remove(kept);
        if (before.has(kept)) {
            after.set(kept, before.path(kept).deepCopy());
        }
    }

    private static void refuseAnotherUid(Target target, ObjectNode before, ObjectNode after) throws ApiException {
        String uid = after.path("metadata").path("uid").asString("");
        String is = before.path("metadata").path("uid").asString("");
        if (is.isEmpty() && !uid.isEmpty()) {
            throw ApiException.conflict(
                    target.type(),
                    target.name(),
                    "uid mismatch: the provided object specified uid " + uid + ", and no existing object was found");
        }
        if (!uid.isEmpty() && !uid.equals(is)) {
            throw ApiException.invalid(
                    target.type(), target.name(), "metadata.uid", "Invalid value: \"" + uid + "\": field is immutable");
        }
    }

    private static Manager managerOf(Target target, Request request, boolean applied) {
        String given = request.parameter("fieldManager");
        String agent = request.userAgent().replaceFirst("[/ ].*", "");
        String name = given.isEmpty() ? agent : given;
        return applied ? Manager.applying(name, target.subresource()) : Manager.updating(name, target.subresource());
    }

    private ObjectNode existing(Target target) throws ApiException {
        return store.get(target.key()).orElseThrow(() -> ApiException.notFound(target.type(), target.name()));
    }

    static ObjectNode parse(Request request) throws ApiException {
        if (request.contentType().contains("protobuf")) {
            throw new ApiException(
                    415,
                    "UnsupportedMediaType",
                    "this server reads JSON and YAML, not protobuf; write a manifest and use kubectl apply");
        }
        try {
            JsonNode body = (request.contentType().contains("yaml") ? YAML : JSON).readTree(request.body());
            if (body instanceof ObjectNode object) {
                return object;
            }
            throw ApiException.badRequest("the body is no object");
        } catch (JacksonException malformed) {
            throw ApiException.badRequest("the body cannot be read: " + malformed.getOriginalMessage());
        }
    }

    private void namespace(String name) {
        ObjectNode namespace = JsonNodeFactory.instance.objectNode();
        namespace.put("apiVersion", "v1").put("kind", "Namespace");
        namespace
                .putObject("metadata")
                .put("name", name)
                .put("uid", UUID.randomUUID().toString())
                .put(
                        "creationTimestamp",
                        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        namespace.putObject("status").put("phase", "Active");
        store.put(new ObjectKey("namespaces", "", name), namespace);
    }
}
