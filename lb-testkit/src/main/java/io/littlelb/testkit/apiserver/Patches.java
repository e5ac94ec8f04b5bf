package io.littlelb.testkit.apiserver;

import io.fabric8.zjsonpatch.JsonPatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The patches that name their changes: JSON patch, JSON merge patch, and Kubernetes' strategic merge patch. */
final class Patches {
    private Patches() {}

    /** RFC 6902. */
    static ObjectNode json(ObjectNode object, JsonNode patch) throws ApiException {
        try {
            return (ObjectNode) JsonPatch.apply(patch, object.deepCopy());
        } catch (RuntimeException refused) {
            throw new ApiException(
                    422,
                    "Invalid",
                    "the server rejected our request due to an error in our request: " + refused.getMessage());
        }
    }

    /** RFC 7396. */
    static JsonNode merge(JsonNode target, JsonNode patch) {
        if (!patch.isObject()) {
            return patch;
        }
        ObjectNode merged =
                target.isObject() ? ((ObjectNode) target).deepCopy() : JsonNodeFactory.instance.objectNode();
        patch.forEachEntry((field, value) -> {
            if (value.isNull()) {
                merged.remove(field);
            } else {
                merged.set(field, merge(merged.path(field), value));
            }
        });
        return merged;
    }

    /** As a merge patch, but lists that are maps in disguise are merged element by element, and directives are obeyed. */
    static ObjectNode strategic(ObjectNode target, ObjectNode patch) {
        ObjectNode merged = target.deepCopy();
        if (patch.path("$patch").asString("").equals("replace")) {
            return patch.deepCopy().without("$patch");
        }
        patch.forEachEntry((field, value) -> {
            if (field.startsWith("$")) {
                return; // obeyed below
            }
            if (value.isNull()) {
                merged.remove(field);
            } else if (value.isObject() && value.path("$patch").asString("").equals("delete")) {
                merged.remove(field);
            } else if (value.isObject()) {
                ObjectNode before = merged.path(field).isObject()
                        ? (ObjectNode) merged.path(field)
                        : JsonNodeFactory.instance.objectNode();
                merged.set(field, strategic(before, (ObjectNode) value));
            } else if (value.isArray()) {
                merged.set(field, strategicList(field, merged.path(field), value));
            } else {
                merged.set(field, value);
            }
        });
        retainKeys(merged, patch);
        patch.forEachEntry((directive, order) -> {
            if (directive.startsWith("$setElementOrder/")) {
                reorder(merged, directive.substring(directive.indexOf('/') + 1), order);
            }
        });
        return merged;
    }

    private static JsonNode strategicList(String field, JsonNode before, JsonNode patch) {
        Optional<String> key = MergeKeys.of(field, patch);
        if (key.isEmpty() || !before.isArray()) {
            return patch;
        }
        List<JsonNode> elements = new ArrayList<>(before.values());
        for (JsonNode change : patch) {
            JsonNode id = change.path(key.get());
            int index = indexOf(elements, key.get(), id);
            boolean delete = change.path("$patch").asString("").equals("delete");
            if (delete && index >= 0) {
                elements.remove(index);
            } else if (index >= 0) {
                elements.set(index, strategic((ObjectNode) elements.get(index), (ObjectNode) change));
            } else if (!delete) {
                elements.add(change);
            }
        }
        return JsonNodeFactory.instance.arrayNode().addAll(elements);
    }

    private static int indexOf(List<JsonNode> elements, String key, JsonNode id) {
        for (int i = 0; i < elements.size(); i++) {
            if (elements.get(i).path(key).equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private static void retainKeys(ObjectNode merged, ObjectNode patch) {
        if (patch.has("$retainKeys")) {
            merged.retain(patch.path("$retainKeys")
                    .valueStream()
                    .map(JsonNode::asString)
                    .toList());
        }
    }

    private static void reorder(ObjectNode merged, String field, JsonNode order) {
        JsonNode list = merged.path(field);
        Optional<String> key = MergeKeys.of(field, order);
        if (!list.isArray() || key.isEmpty()) {
            return;
        }
        ArrayNode sorted = JsonNodeFactory.instance.arrayNode();
        order.forEach(wanted ->
                MergeKeys.find(list, key.get(), wanted.path(key.get())).ifPresent(sorted::add));
        list.valueStream()
                .filter(element -> sorted.valueStream().noneMatch(element::equals))
                .forEach(sorted::add);
        merged.set(field, sorted);
    }
}
