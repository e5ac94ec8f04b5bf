package io.littlelb.testkit.apiserver;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Which lists of the API are maps in disguise, and by which field their elements are told apart. */
final class MergeKeys {
    private static final Map<String, List<String>> KEYS = Map.of(
            "ports", List.of("containerPort", "port"),
            "conditions", List.of("type"),
            "addresses", List.of("type"),
            "containers", List.of("name"),
            "initContainers", List.of("name"),
            "env", List.of("name"),
            "volumes", List.of("name"),
            "volumeMounts", List.of("mountPath"));

    private MergeKeys() {}

    /** The field that tells the elements of a list apart; empty when the list is one value. */
    static Optional<String> of(String field, JsonNode list) {
        return KEYS.getOrDefault(field, List.of()).stream()
                .filter(key -> list.valueStream().allMatch(element -> element.has(key)))
                .findFirst();
    }

    /** The element of a list that has the same key. */
    static Optional<JsonNode> find(JsonNode list, String key, JsonNode value) {
        return list.valueStream()
                .filter(element -> element.path(key).equals(value))
                .findFirst();
    }
}
