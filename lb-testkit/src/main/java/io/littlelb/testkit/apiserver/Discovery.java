package io.littlelb.testkit.apiserver;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the server says about itself: groups, resources, version, and as much OpenAPI as kubectl asks for before it applies. */
final class Discovery {
    private static final List<String> VERBS = List.of("create", "delete", "get", "list", "patch", "update", "watch");
    private static final List<String> STATUS_VERBS = List.of("get", "patch", "update");
    /** What {@code kubectl get all} means. */
    private static final Set<String> OF_ALL = Set.of("Service", "Pod", "Deployment", "DaemonSet");

    private Discovery() {}

    /** The answer to a discovery path; empty for any other. */
    static Optional<ObjectNode> answer(String path) {
        return switch (path) {
            case "/api" -> Optional.of(legacyVersions());
            case "/apis" -> Optional.of(groups());
            case "/version" -> Optional.of(version());
            case "/openapi/v3" -> Optional.of(openApiIndex());
            default -> {
                if (path.startsWith("/openapi/v3/")) {
                    yield versionOf(path.substring("/openapi/v3".length())).map(Discovery::openApi);
                }
                yield versionOf(path).map(Discovery::resources);
            }
        };
    }

    /** {@code v1} for {@code /api/v1}, {@code apps/v1} for {@code /apis/apps/v1}. */
    private static Optional<String> versionOf(String path) {
        return ResourceType.ALL.stream()
                .map(ResourceType::apiVersion)
                .filter(apiVersion -> path.equals(root(apiVersion)))
                .findFirst();
    }

    private static String root(String apiVersion) {
        return (apiVersion.contains("/") ? "/apis/" : "/api/") + apiVersion;
    }

    private static ObjectNode legacyVersions() {
        ObjectNode versions = object("APIVersions");
        versions.putArray("versions").add("v1");
        versions.putArray("serverAddressByClientCIDRs");
        return versions;
    }

    private static ObjectNode groups() {
        ObjectNode list = object("APIGroupList");
        list.put("apiVersion", "v1");
        ArrayNode groups = list.putArray("groups");
        ResourceType.ALL.stream()
                .filter(type -> !type.group().isEmpty())
                .map(ResourceType::apiVersion)
                .distinct()
                .forEach(apiVersion -> {
                    ObjectNode version = JsonNodeFactory.instance.objectNode();
                    version.put("groupVersion", apiVersion).put("version", apiVersion.replaceFirst(".*/", ""));
                    ObjectNode group = groups.addObject().put("name", apiVersion.replaceFirst("/.*", ""));
                    group.putArray("versions").add(version);
                    group.set("preferredVersion", version);
                });
        return list;
    }

    private static ObjectNode resources(String apiVersion) {
        ObjectNode list = object("APIResourceList");
        list.put("apiVersion", "v1").put("groupVersion", apiVersion);
        ArrayNode resources = list.putArray("resources");
        types(apiVersion).forEach(type -> {
            ObjectNode resource = addResource(resources, type, type.plural());
            resource.put("singularName", type.kind().toLowerCase(Locale.ROOT));
            VERBS.forEach(resource.putArray("verbs")::add);
            type.shortNames().forEach(resource.withArray("shortNames")::add);
            if (OF_ALL.contains(type.kind())) {
                resource.putArray("categories").add("all");
            }
            if (type.hasStatus()) {
                ObjectNode status = addResource(resources, type, type.plural() + "/status");
                STATUS_VERBS.forEach(status.putArray("verbs")::add);
            }
        });
        return list;
    }

    private static ObjectNode addResource(ArrayNode resources, ResourceType type, String name) {
        return resources
                .addObject()
                .put("name", name)
                .put("singularName", "")
                .put("namespaced", type.namespaced())
                .put("kind", type.kind());
    }

    private static ObjectNode version() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("major", "1")
                .put("minor", "32")
                .put("gitVersion", "v1.32.0+littlelb-embedded")
                .put("gitCommit", "")
                .put("gitTreeState", "clean")
                .put("buildDate", "1970-01-01T00:00:00Z")
                .put("goVersion", "")
                .put("compiler", "javac")
                .put("platform", "linux/amd64");
    }

    private static ObjectNode openApiIndex() {
        ObjectNode index = JsonNodeFactory.instance.objectNode();
        ObjectNode paths = index.putObject("paths");
        ResourceType.ALL.stream()
                .map(ResourceType::apiVersion)
                .distinct()
                .forEach(apiVersion -> paths.putObject(root(apiVersion).substring(1))
                        .put("serverRelativeURL", "/openapi/v3" + root(apiVersion)));
        return index;
    }

    /** No schemas: only that a patch takes {@code fieldValidation}, upon which kubectl leaves validation to the server. */
    private static ObjectNode openApi(String apiVersion) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("openapi", "3.0.0");
        document.putObject("info").put("title", "Kubernetes").put("version", "v1.32.0");
        ObjectNode paths = document.putObject("paths");
        types(apiVersion).forEach(type -> {
            String scope = type.namespaced() ? "/namespaces/{namespace}/" : "/";
            ObjectNode patch = paths.putObject(root(apiVersion) + scope + type.plural() + "/{name}")
                    .putObject("patch");
            ObjectNode parameter = patch.putArray("parameters").addObject();
            parameter.put("name", "fieldValidation").put("in", "query");
            parameter.putObject("schema").put("type", "string");
            patch.putObject("x-kubernetes-group-version-kind")
                    .put("group", type.group())
                    .put("version", type.version())
                    .put("kind", type.kind());
            patch.putObject("responses");
        });
        document.putObject("components").putObject("schemas");
        return document;
    }

    private static List<ResourceType> types(String apiVersion) {
        return ResourceType.ALL.stream()
                .filter(type -> type.apiVersion().equals(apiVersion))
                .toList();
    }

    private static ObjectNode object(String kind) {
        return JsonNodeFactory.instance.objectNode().put("kind", kind);
    }
}
