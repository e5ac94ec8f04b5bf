package io.littlelb.testkit.apiserver;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who owns which field: server-side apply, and the book-keeping in {@code metadata.managedFields} that it rests on.
 *
 * <p>A field is a path of steps as {@code FieldsV1} spells them: {@code f:name} for a property, {@code k:{"type":"Ready"}} for an
 * element of a list that is a map in disguise. Every other list, and every scalar, is one value.
 */
final class FieldOwnership {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> NOBODYS = Set.of("apiVersion", "kind");
    private static final Set<String> SERVERS_METADATA = Set.of(
            "name",
            "namespace",
            "uid",
            "resourceVersion",
            "creationTimestamp",
            "generation",
            "managedFields",
            "selfLink");

    /** Maps of texts, which are absent when they are empty; all else in braces is a structure, and nobody's as a whole. */
    private static final Set<List<String>> MAPS =
            Set.of(List.of("f:metadata", "f:annotations"), List.of("f:metadata", "f:labels"));

    private FieldOwnership() {}

    /** One who writes: by name, by how (Apply or Update), and through which subresource. */
    record Manager(String name, String operation, String subresource) {
        static Manager applying(String name, String subresource) {
            return new Manager(name, "Apply", subresource);
        }

        static Manager updating(String name, String subresource) {
            return new Manager(name, "Update", subresource);
        }

        @Override
        public String toString() {
            return "\"" + name + "\"" + (subresource.isEmpty() ? "" : " with subresource \"" + subresource + "\"");
        }
    }

    /**
     * The object after a manager has said which values it wants, and that it wants no others any more.
     *
     * @throws ApiException 409 when it wants another value than one that somebody else owns, unless it insists
     */
    static ObjectNode apply(ObjectNode live, ObjectNode wish, Manager manager, boolean force) throws ApiException {
        Map<Manager, Set<List<String>>> owners = read(live);
        Set<List<String>> wanted = leaves(wish);
        Set<List<String>> before = owners.getOrDefault(manager, Set.of());
        refuseConflicts(live, wish, wanted, manager, owners, force);
        ObjectNode merged = live.deepCopy();
        owners.put(manager, wanted);
        for (List<String> field : keysLast(before)) {
            if (owners.values().stream().noneMatch(owned -> owned.contains(field))) {
                boolean element = isKey(field); // of a list, which goes with what the server has added to it
                remove(merged, element ? field.subList(0, field.size() - 1) : field);
            }
        }
        for (List<String> field : wanted) {
            set(merged, field, find(wish, field).orElseThrow());
        }
        write(merged, live, owners);
        return merged;
    }

    private static void refuseConflicts(
            ObjectNode live,
            ObjectNode wish,
            Set<List<String>> wanted,
            Manager manager,
            Map<Manager, Set<List<String>>> owners,
            boolean force)
            throws ApiException {
        List<ApiException.Cause> conflicts = new ArrayList<>();
        owners.forEach((other, owned) -> {
            if (other.equals(manager)) {
                return;
            }
            for (List<String> field : new ArrayList<>(owned)) {
                boolean differs = (wanted.contains(field) && !find(live, field).equals(find(wish, field)))
                        || (MAPS.contains(field)
                                && isEmpty(live, field)
                                && wanted.stream().anyMatch(leaf -> isWithin(leaf, field)));
                if (differs && force) {
                    owned.remove(field);
                } else if (differs) {
                    conflicts.add(
                            new ApiException.Cause("FieldManagerConflict", print(field), "conflict with " + other));
                }
            }
        });
        if (!conflicts.isEmpty()) {
            String what = conflicts.size() == 1 ? "1 conflict" : conflicts.size() + " conflicts";
            StringBuilder text = new StringBuilder("Apply failed with " + what + ":");
            conflicts.forEach(conflict ->
                    text.append(' ').append(conflict.message()).append(": ").append(conflict.field()));
            throw new ApiException(409, "Conflict", text.toString(), conflicts);
        }
    }

    /** A map that somebody has applied as empty is his as a whole: whoever puts something into it makes another of it. */
    private static boolean isWithin(List<String> leaf, List<String> map) {
        return leaf.size() > map.size() && leaf.subList(0, map.size()).equals(map);
    }

    private static boolean isEmpty(ObjectNode object, List<String> field) {
        return find(object, field).filter(value -> !value.isEmpty()).isEmpty();
    }

    /**
     * The object after a write of another kind: whatever it changed belongs to the writer alone. Of what it did not change, the writer may say
     * whose it is: the real server takes his {@code managedFields}, if there are any, as it takes the rest of his object.
     */
    static void update(ObjectNode before, ObjectNode after, Manager manager) {
        boolean told = !after.path("metadata").path("managedFields").isEmpty();
        Map<Manager, Set<List<String>>> owners = read(told ? after : before);
        Set<List<String>> now = leaves(after);
        Set<List<String>> changed = new HashSet<>();
        for (List<String> field : now) {
            if (!find(before, field).equals(find(after, field))) {
                changed.add(field);
            }
        }
        owners.forEach((other, owned) -> owned.removeIf(field -> changed.contains(field) || !now.contains(field)));
        owners.computeIfAbsent(manager, made -> new HashSet<>()).addAll(changed);
        write(after, before, owners);
    }

    /** Every value of an object that somebody can own. */
    private static Set<List<String>> leaves(ObjectNode object) {
        Set<List<String>> leaves = new LinkedHashSet<>(); // elements of lists stay in their order
        object.forEachEntry((field, value) -> {
            if (field.equals("metadata")) {
                value.forEachEntry((name, inner) -> {
                    if (!SERVERS_METADATA.contains(name)) {
                        collect(List.of("f:metadata"), name, inner, leaves);
                    }
                });
            } else if (!NOBODYS.contains(field)) {
                collect(List.of(), field, value, leaves);
            }
        });
        return leaves;
    }

    private static void collect(List<String> parent, String field, JsonNode value, Set<List<String>> leaves) {
        List<String> path = append(parent, "f:" + field);
        if (value.isObject() && !value.isEmpty()) {
            value.forEachEntry((name, inner) -> collect(path, name, inner, leaves));
            return;
        }
        Optional<String> key = value.isArray() ? MergeKeys.of(field, value) : Optional.empty();
        if (key.isPresent() && !value.isEmpty()) {
            for (JsonNode element : value) {
                List<String> inner = append(path, step(key.get(), element));
                element.forEachEntry((name, part) -> collect(inner, name, part, leaves));
            }
            return;
        }
        leaves.add(path);
    }

    private static String step(String key, JsonNode element) {
        return "k:" + JsonNodeFactory.instance.objectNode().set(key, element.path(key));
    }

    private static List<String> append(List<String> path, String step) {
        List<String> longer = new ArrayList<>(path);
        longer.add(step);
        return List.copyOf(longer);
    }

    private static Optional<JsonNode> find(JsonNode object, List<String> path) {
        JsonNode found = object;
        for (String step : path) {
            found = descend(found, step);
        }
        return found.isMissingNode() ? Optional.empty() : Optional.of(found);
    }

    private static JsonNode descend(JsonNode parent, String step) {
        if (step.startsWith("f:")) {
            return parent.path(step.substring(2));
        }
        ObjectNode key = (ObjectNode) JSON.readTree(step.substring(2));
        String field = key.propertyNames().iterator().next();
        return MergeKeys.find(parent, field, key.path(field)).orElse(JsonNodeFactory.instance.missingNode());
    }

    private static void set(ObjectNode object, List<String> path, JsonNode value) {
        JsonNode parent = object;
        for (int i = 0; i < path.size() - 1; i++) {
            JsonNode next = descend(parent, path.get(i));
            parent = next.isMissingNode() || next.isNull() ? make(parent, path.get(i), path.get(i + 1)) : next;
        }
        ((ObjectNode) parent).set(path.get(path.size() - 1).substring(2), value);
    }

    private static JsonNode make(JsonNode parent, String step, String next) {
        if (step.startsWith("k:")) {
            JsonNode element = JSON.readTree(step.substring(2));
            ((ArrayNode) parent).add(element);
            return element;
        }
        String field = step.substring(2);
        return next.startsWith("k:") ? ((ObjectNode) parent).putArray(field) : ((ObjectNode) parent).putObject(field);
    }

    /** The field that tells an element of a list from the others goes last: without it the rest could not be found. */
    private static List<List<String>> keysLast(Set<List<String>> fields) {
        return fields.stream()
                .sorted(Comparator.comparing(FieldOwnership::isKey))
                .toList();
    }

    private static boolean isKey(List<String> field) {
        String element = field.size() < 2 ? "" : field.get(field.size() - 2);
        String name = field.get(field.size() - 1).substring(2);
        return element.startsWith("k:") && JSON.readTree(element.substring(2)).has(name);
    }

    /** Removes a value, and whatever is empty without it. */
    private static void remove(ObjectNode object, List<String> path) {
        for (int length = path.size(); length > 0; length--) {
            Optional<JsonNode> parent = find(object, path.subList(0, length - 1));
            String step = path.get(length - 1);
            if (parent.isEmpty()) {
                continue;
            }
            JsonNode value = descend(parent.get(), step);
            boolean onlyItsKey = step.startsWith("k:") && value.equals(JSON.readTree(step.substring(2)));
            boolean empty = length == path.size() || (value.isContainer() && value.isEmpty()) || onlyItsKey;
            if (!empty) {
                return;
            }
            if (parent.get() instanceof ObjectNode fields) {
                fields.remove(step.substring(2));
            } else if (parent.get() instanceof ArrayNode list) {
                list.removeIf(value::equals);
            }
        }
    }

    private static String print(List<String> path) {
        StringBuilder text = new StringBuilder();
        path.forEach(step -> text.append(
                step.startsWith("f:")
                        ? "." + step.substring(2)
                        : step.substring(2).replace('{', '[').replace('}', ']')));
        return text.toString();
    }

    private static Map<Manager, Set<List<String>>> read(ObjectNode object) {
        Map<Manager, Set<List<String>>> owners = new LinkedHashMap<>();
        object.path("metadata").path("managedFields").forEach(entry -> {
            Set<List<String>> owned = new HashSet<>();
            readFields(List.of(), entry.path("fieldsV1"), owned);
            owners.put(
                    new Manager(
                            entry.path("manager").asString(""),
                            entry.path("operation").asString(""),
                            entry.path("subresource").asString("")),
                    owned);
        });
        return owners;
    }

    private static void readFields(List<String> path, JsonNode fields, Set<List<String>> owned) {
        fields.forEachEntry((step, inner) -> {
            List<String> longer = append(path, step);
            if (inner.isEmpty()) {
                owned.add(longer);
            } else {
                readFields(longer, inner, owned);
            }
        });
    }

    private static void write(ObjectNode object, ObjectNode before, Map<Manager, Set<List<String>>> owners) {
        ObjectNode metadata = object.withObject("metadata");
        ArrayNode entries = metadata.putArray("managedFields");
        owners.forEach((manager, owned) -> {
            if (owned.isEmpty()) {
                return;
            }
            ObjectNode entry = entries.addObject();
            entry.put("manager", manager.name()).put("operation", manager.operation());
            entry.put("apiVersion", object.path("apiVersion").asString(""));
            if (!manager.subresource().isEmpty()) {
                entry.put("subresource", manager.subresource());
            }
            entry.put("fieldsType", "FieldsV1");
            ObjectNode fields = entry.putObject("fieldsV1");
            new TreeSet<>(owned.stream().map(path -> String.join("\0", path)).toList()).forEach(joined -> {
                ObjectNode at = fields;
                for (String step : joined.split("\0", -1)) {
                    at = at.withObjectProperty(step);
                }
            });
            entry.put("time", timeOf(entry, before));
        });
    }

    /** When the entry last changed; the server's clock, for people only. */
    private static String timeOf(ObjectNode entry, ObjectNode before) {
        for (JsonNode old : before.path("metadata").path("managedFields")) {
            if (((ObjectNode) old).deepCopy().without("time").equals(entry)) {
                return old.path("time").asString("");
            }
        }
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
