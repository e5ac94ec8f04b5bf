package io.littlelb.testkit.apiserver;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Objects as rows for people: what {@code kubectl get} prints. */
final class Tables {
    private static final String NONE = "<none>";

    private static final Column NAME = new Column("Name", object -> text(object.path("metadata"), "name"));
    private static final Column AGE =
            new Column("Age", object -> age(text(object.path("metadata"), "creationTimestamp")));
    private static final List<Column> ANY = List.of(NAME, AGE);
    private static final List<Column> SERVICES = List.of(
            NAME,
            new Column("Type", object -> text(object.path("spec"), "type")),
            new Column("Cluster-IP", object -> or(text(object.path("spec"), "clusterIP"), NONE)),
            new Column("External-IP", Tables::externalIps),
            new Column(
                    "Port(s)",
                    object -> object.path("spec")
                            .path("ports")
                            .valueStream()
                            .map(Tables::port)
                            .collect(joining(","))),
            AGE);
    private static final List<Column> NODES = List.of(
            NAME,
            new Column("Status", Tables::readiness),
            new Column("Roles", Tables::roles),
            AGE,
            new Column("Version", object -> text(object.path("status").path("nodeInfo"), "kubeletVersion")));
    private static final List<Column> EVENTS = List.of(
            new Column(
                    "Last Seen",
                    object -> age(Stream.of("lastTimestamp", "eventTime")
                            .map(field -> text(object, field))
                            .filter(time -> !time.isEmpty())
                            .findFirst()
                            .orElse(""))),
            new Column("Type", object -> text(object, "type")),
            new Column("Reason", object -> text(object, "reason")),
            new Column(
                    "Object",
                    object -> text(object.path("involvedObject"), "kind").toLowerCase(java.util.Locale.ROOT) + "/"
                            + text(object.path("involvedObject"), "name")),
            new Column("Message", object -> text(object, "message")));
    private static final List<Column> SLICES = List.of(
            NAME,
            new Column("AddressType", object -> text(object, "addressType")),
            new Column(
                    "Ports",
                    object -> object.path("ports")
                            .valueStream()
                            .map(port -> port.path("port").asString(""))
                            .collect(joining(","))),
            new Column(
                    "Endpoints",
                    object -> object.path("endpoints")
                            .valueStream()
                            .flatMap(endpoint -> endpoint.path("addresses").valueStream())
                            .map(address -> address.asString(""))
                            .collect(joining(","))),
            AGE);

    private Tables() {}

    private record Column(String name, Function<JsonNode, String> value) {}

    static boolean isAskedFor(Request request) {
        return request.accept().contains("as=Table");
    }

    /** One object or a list of them as a table; the objects' metadata goes along, as kubectl needs it. */
    static ObjectNode of(ResourceType type, ObjectNode object) {
        ObjectNode table = JsonNodeFactory.instance.objectNode();
        table.put("kind", "Table").put("apiVersion", "meta.k8s.io/v1");
        table.putObject("metadata")
                .set("resourceVersion", object.path("metadata").path("resourceVersion"));
        ArrayNode definitions = table.putArray("columnDefinitions");
        List<Column> columns = columns(type);
        columns.forEach(column -> definitions
                .addObject()
                .put("name", column.name())
                .put("type", "string")
                .put("format", column.name().equals("Name") ? "name" : "")
                .put("description", "")
                .put("priority", 0));
        ArrayNode rows = table.putArray("rows");
        Iterable<JsonNode> items = object.has("items") ? object.path("items") : List.of(object);
        StreamSupport.stream(items.spliterator(), false).forEach(item -> {
            ObjectNode row = rows.addObject();
            ArrayNode cells = row.putArray("cells");
            columns.forEach(column -> cells.add(column.value().apply(item)));
            ObjectNode meta = row.putObject("object");
            meta.put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/v1");
            meta.set("metadata", item.path("metadata"));
        });
        return table;
    }

    private static List<Column> columns(ResourceType type) {
        return switch (type.kind()) {
            case "Service" -> SERVICES;
            case "Node" -> NODES;
            case "Event" -> EVENTS;
            case "EndpointSlice" -> SLICES;
            default -> ANY;
        };
    }

    /** Those of the status, each once, and those of the spec: what is in both is shown twice. */
    private static String externalIps(JsonNode service) {
        Stream<String> told = service.path("status")
                .path("loadBalancer")
                .path("ingress")
                .valueStream()
                .map(ingress -> text(ingress, "ip"))
                .distinct();
        String ips = Stream.concat(
                        told,
                        service.path("spec").path("externalIPs").valueStream().map(ip -> ip.asString("")))
                .collect(joining(","));
        boolean balanced = text(service.path("spec"), "type").equals("LoadBalancer");
        return or(ips, balanced ? "<pending>" : NONE);
    }

    private static String port(JsonNode port) {
        String nodePort = port.has("nodePort") ? ":" + port.path("nodePort").asInt() : "";
        return port.path("port").asInt() + nodePort + "/" + text(port, "protocol");
    }

    private static String readiness(JsonNode node) {
        boolean ready = node.path("status")
                .path("conditions")
                .valueStream()
                .anyMatch(condition -> text(condition, "type").equals("Ready")
                        && text(condition, "status").equals("True"));
        return ready ? "Ready" : "NotReady";
    }

    private static String roles(JsonNode node) {
        String prefix = "node-role.kubernetes.io/";
        return or(
                node.path("metadata")
                        .path("labels")
                        .propertyStream()
                        .filter(label -> label.getKey().startsWith(prefix))
                        .map(label -> label.getKey().substring(prefix.length()))
                        .collect(joining(",")),
                NONE);
    }

    private static String age(String since) {
        if (since.isEmpty()) {
            return "<unknown>";
        }
        long seconds = Math.max(
                0, Duration.between(Instant.parse(since), Instant.now()).toSeconds());
        return seconds < 120 ? seconds + "s" : seconds < 7200 ? seconds / 60 + "m" : seconds / 3600 + "h";
    }

    private static String text(JsonNode parent, String field) {
        return parent.path(field).asString("");
    }

    private static String or(String text, String instead) {
        return text.isEmpty() ? instead : text;
    }
}
