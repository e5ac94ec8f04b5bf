package io.littlelb.k8s;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Documents with one or two of their values replaced by something else: nothing, too much, or something of another kind. */
final class Mutations {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /** By these, an object is known; without them it is no mutation but another one. */
    private static final Set<String> KEPT = Set.of(
            "/kind", "/apiVersion", "/metadata", "/metadata/name", "/metadata/namespace", "/metadata/resourceVersion");

    private static final int HUGE_TEXT = 200_000;
    private static final int HUGE_LIST = 5_000;

    private final Random random;

    Mutations(Random random) {
        this.random = random;
    }

    /** A place in a document: a property or element of a container. */
    private record Place(JsonNode container, String property, int index) {
        JsonNode value() {
            return container.isObject() ? container.path(property) : container.path(index);
        }

        void set(JsonNode value) {
            if (container instanceof ObjectNode object) {
                object.set(property, value);
            } else {
                ((ArrayNode) container).set(index, value);
            }
        }

        void remove() {
            if (container instanceof ObjectNode object) {
                object.remove(property);
            } else {
                ((ArrayNode) container).remove(index);
            }
        }
    }

    /** A copy with one or two values replaced. */
    ObjectNode of(ObjectNode good) {
        ObjectNode copy = good.deepCopy();
        for (int left = 1 + random.nextInt(2); left > 0; left--) {
            List<Place> places = new ArrayList<>();
            collect(copy, "", places);
            replace(places.get(random.nextInt(places.size())));
        }
        return copy;
    }

    private static void collect(JsonNode container, String path, List<Place> places) {
        if (container.isObject()) {
            container.forEachEntry((property, value) -> {
                String inner = path + "/" + property;
                if (!KEPT.contains(inner)) {
                    places.add(new Place(container, property, 0));
                }
                collect(value, inner, places);
            });
        }
        for (int i = 0; container.isArray() && i < Math.min(container.size(), 10); i++) {
            places.add(new Place(container, "", i));
            collect(container.get(i), path + "/" + i, places);
        }
    }

    private void replace(Place place) {
        switch (random.nextInt(12)) {
            case 0 -> place.remove();
            case 1, 2 -> place.set(JSON.nullNode());
            case 3 -> place.set(JSON.arrayNode());
            case 4 -> place.set(JSON.objectNode());
            case 5, 6 -> place.set(text());
            case 7 -> place.set(number());
            case 8 -> place.set(JSON.booleanNode(random.nextBoolean()));
            case 9 ->
                place.set(
                        JSON.arrayNode().add(JSON.nullNode()).add(place.value().deepCopy()));
            case 10 -> place.set(JSON.objectNode().set("x", JSON.nullNode()));
            default -> place.set(more(place.value()));
        }
    }

    private JsonNode text() {
        return JSON.stringNode(
                switch (random.nextInt(8)) {
                    case 0 -> "";
                    case 1 -> "foo";
                    case 2 -> "198.18.0.300";
                    case 3 -> "::ffff:198.18.0.1";
                    case 4 -> "2026-13-32T25:61:61Z";
                    case 5 -> "\u0000\u001b[31m\u007f\u0085\ud800 \"}";
                    case 6 -> "-1";
                    default -> "x".repeat(random.nextInt(20) == 0 ? HUGE_TEXT : 300);
                });
    }

    private JsonNode number() {
        return switch (random.nextInt(5)) {
            case 0 -> JSON.numberNode(0);
            case 1 -> JSON.numberNode(-1);
            case 2 -> JSON.numberNode(65_536);
            case 3 -> JSON.numberNode(1L << 40);
            default -> JSON.numberNode(1.5);
        };
    }

    /** The same, several times over. */
    private JsonNode more(JsonNode value) {
        ArrayNode list = JSON.arrayNode();
        int times = random.nextInt(20) == 0 ? HUGE_LIST : 2;
        List<JsonNode> elements = value.isArray() ? value.valueStream().toList() : List.of(value);
        for (int i = 0; i < times; i++) {
            elements.forEach(element -> list.add(element.deepCopy()));
        }
        return list;
    }
}
