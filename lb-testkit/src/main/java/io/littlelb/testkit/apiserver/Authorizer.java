package io.littlelb.testkit.apiserver;

import io.littlelb.testkit.apiserver.ResourceRequests.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Who may do what, by the rules of Roles and ClusterRoles ({@code rbac.authorization.k8s.io/v1}). Users without any rules may do
 * everything. Bindings and {@code resourceNames} are not read. From any thread.
 */
final class Authorizer {
    /** Where a user asks what the user may do. */
    static final String REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

    private static final YAMLMapper YAML = new YAMLMapper();

    private final Map<String, List<Rule>> rules = new ConcurrentHashMap<>();

    /** @param namespace where the rule holds; empty is everywhere */
    private record Rule(String namespace, JsonNode rule) {
        boolean allows(Wish wish) {
            boolean here = namespace.isEmpty() || namespace.equals(wish.namespace());
            return here
                    && names("apiGroups", wish.group())
                    && names("resources", wish.resource())
                    && names("verbs", wish.verb());
        }

        private boolean names(String list, String wanted) {
            return rule.path(list)
                    .valueStream()
                    .anyMatch(name ->
                            name.asString().equals("*") || name.asString().equals(wanted));
        }
    }

    /** @param resource its plural, and its subresource after a slash */
    private record Wish(String verb, String group, String resource, String namespace) {
        static String resource(String plural, String subresource) {
            return subresource.isEmpty() ? plural : plural + "/" + subresource;
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
        Wish wish = new Wish(
                verb(target, request),
                target.type().group(),
                Wish.resource(target.type().plural(), target.subresource()),
                target.namespace());
        if (!allows(request.user(), wish)) {
            throw new ApiException(
                    403,
                    "Forbidden",
                    target.type().plural() + " \"" + target.name() + "\" is forbidden: User \"" + request.user()
                            + "\" cannot " + wish.verb() + " resource \"" + wish.resource() + "\" in API group \""
                            + wish.group() + "\""
                            + (wish.namespace().isEmpty()
                                    ? " at the cluster scope"
                                    : " in the namespace \"" + wish.namespace() + "\""));
        }
    }

    private boolean allows(String user, Wish wish) {
        List<Rule> granted = rules.get(user);
        return granted == null || granted.stream().anyMatch(rule -> rule.allows(wish));
    }

    /** Answers a {@code SelfSubjectAccessReview} ({@code authorization.k8s.io/v1}) about a resource. */
    ObjectNode review(Request request) throws ApiException {
        ObjectNode review = ResourceRequests.parse(request);
        JsonNode asked = review.path("spec").path("resourceAttributes");
        Wish wish = new Wish(
                asked.path("verb").asString(""),
                asked.path("group").asString(""),
                Wish.resource(
                        asked.path("resource").asString(""),
                        asked.path("subresource").asString("")),
                asked.path("namespace").asString(""));
        review.putObject("status").put("allowed", allows(request.user(), wish));
        return review;
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
