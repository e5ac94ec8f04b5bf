package io.littlelb.admin.view;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON schema (draft 2020-12) of views, as their records have it. */
public final class ViewSchema {
    /** Every answer of {@code /v1/}. */
    private static final List<Class<?>> ANSWERS = List.of(
            StatusView.class,
            ServicesView.class,
            AddressesView.class,
            BackendsView.class,
            ConnectionsView.class,
            EndedView.class,
            ExplanationView.class,
            ExplanationsView.class,
            EventsView.class,
            OrderView.class,
            ErrorView.class);

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private final Deque<Class<?>> toDo = new ArrayDeque<>(ANSWERS);
    private final Set<Class<?>> done = new LinkedHashSet<>();

    private ViewSchema() {}

    /** As it is published. */
    public static String text() {
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(new ViewSchema().whole()) + "\n";
    }

    private ObjectNode whole() {
        ObjectNode schema = MAPPER.createObjectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Little LB, /v1/: one definition for each answer; members are only ever added");
        ObjectNode definitions = schema.putObject("$defs");
        while (!toDo.isEmpty()) {
            Class<?> next = toDo.removeFirst();
            if (done.add(next)) {
                definitions.set(name(next), ofRecord(next));
            }
        }
        return schema;
    }

    private static String name(Class<?> type) {
        return type.getName().substring(type.getPackageName().length() + 1).replace('$', '.');
    }

    private ObjectNode ofRecord(Class<?> type) {
        ObjectNode object = MAPPER.createObjectNode().put("type", "object");
        ObjectNode properties = object.putObject("properties");
        ArrayNode required = MAPPER.createArrayNode();
        for (RecordComponent component : type.getRecordComponents()) {
            boolean optional = component.getType() == Optional.class;
            properties.set(
                    component.getName(),
                    of(optional ? argument(component.getGenericType()) : component.getGenericType()));
            if (!optional) {
                required.add(component.getName());
            }
        }
        object.set("required", required);
        return object;
    }

    private ObjectNode of(Type type) {
        ObjectNode node = MAPPER.createObjectNode();
        if (type instanceof ParameterizedType) {
            node.put("type", "array").set("items", of(argument(type)));
        } else if (type == String.class) {
            node.put("type", "string");
        } else if (type == Instant.class) {
            node.put("type", "string").put("format", "date-time");
        } else if (type == boolean.class || type == Boolean.class) {
            node.put("type", "boolean");
        } else if (type == int.class || type == long.class) {
            node.put("type", "integer");
        } else if (type == double.class || type == Double.class) {
            node.put("type", "number");
        } else if (type instanceof Class<?> constants && constants.isEnum()) {
            ArrayNode words = node.put("type", "string").putArray("enum");
            Arrays.stream(constants.getEnumConstants()).forEach(constant -> words.add(constant.toString()));
        } else if (type instanceof Class<?> nested && nested.isRecord()) {
            toDo.addLast(nested);
            node.put("$ref", "#/$defs/" + name(nested));
        } else {
            throw new IllegalArgumentException("no schema for " + type);
        }
        return node;
    }

    private static Type argument(Type type) {
        return ((ParameterizedType) type).getActualTypeArguments()[0];
    }
}
