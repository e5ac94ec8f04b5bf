package io.littlelb.testkit.apiserver;

import io.littlelb.testkit.apiserver.ResourceRequests.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Who may do what, by the rules of Roles and ClusterRoles ({@code rbac.authorization.k8s.io/v1}). Users without any rules may do
 * everything. Bindings and {@code resourceNames} are not read. From any thread.
 */
final class Authorizer {
    private static final YAMLMapper YAML = new YAMLMapper();

    private final Map<String, List<Rule>> rules = new ConcurrentHashMap<>();

    /** @param namespace where the rule holds; empty is everywhere */
    private record Rule(String namespace, JsonNode rule) {
        boolean allows(String verb, Target target) {
            String resource =
                    target.type().plural() + (target.subresource().isEmpty() ? "" : "/" + target.subresource());
            boolean here = namespace.isEmpty() || namespace.equals(target.namespace());
            return here
                    && names("apiGroups", target.type().group())
                    && names("resources", resource)
                    && names("verbs", verb);
        }

        private boolean names(String list, String wanted) {
            return rule.path(list)
                    .valueStream()
                    .anyMatch(name ->
                            name.asString().equals("*") || name.asString().equals(wanted));
        }
    }

    /** Lets a user do what the Roles and ClusterRoles of a manifest allow, and from now on nothing else. */
    void grant(String user, String manifest, String namespace) {
        List<Rule> granted = rules.computeIfAbsent(user, restricted -> new ArrayList<>());
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(manifest)) {
            while (documents.hasNext()) {
                JsonNode document = documents.next();
                boolean role = document.path("kind").asString("").equals("Role");
                document.path("rules").forEach(rule -> granted.add(new Rule(role ? namespace : "", rule)));
            }
        }
    }

    void check(Target target, Request request) throws ApiException {
        List<Rule> granted = rules.get(request.user());
        String verb = verb(target, request);
        if (granted != null && granted.stream().noneMatch(rule -> rule.allows(verb, target))) {
            throw new ApiException(
                    403,
                    "Forbidden",
                    target.type().plural() + " \"" + target.name() + "\" is forbidden: User \"" + request.user()
                            + "\" cannot " + verb + " resource \""
                            + target.type().plural()
                            + (target.subresource().isEmpty() ? "" : "/" + target.subresource()) + "\" in API group \""
                            + target.type().group() + "\""
                            + (target.namespace().isEmpty()
                                    ? " at the cluster scope"
                                    : " in the namespace \"" + target.namespace() + "\""));
        }
    }

    private static String verb(Target target, Request request) {
        return switch (request.method()) {
            case "GET" -> request.isWatch() ? "watch" : target.name().isEmpty() ? "list" : "get";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            default -> target.name().isEmpty() ? "deletecollection" : "delete";
        };
    }
}
