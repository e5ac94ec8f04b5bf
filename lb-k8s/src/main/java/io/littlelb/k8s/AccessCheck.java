package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which rights are needed, and whether the API server grants them: {@code SelfSubjectAccessReview}, authorization.k8s.io/v1. */
public final class AccessCheck {
    private static final String REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    private static final String EVERYWHERE = "";

    private AccessCheck() {}

    /** What a right is for. */
    public enum Use {
        WATCH("nothing can be served"),
        STATUS("no Service will show its address"),
        EVENTS("no Event will say why a Service is not served"),
        EXTERNAL_IPS("no address becomes an external IP");

        private final String without;

        Use(String without) {
            this.without = without;
        }

        /** What is not done without it. */
        public String without() {
            return without;
        }
    }

    /**
     * To do something with the objects of a resource.
     *
     * @param resource its plural, perhaps with a subresource: {@code services/status}
     * @param namespace where; empty means everywhere
     */
    public record Right(Use use, String verb, String group, String resource, String namespace) {
        @Override
        public String toString() {
            return verb + " " + resource + (group.isEmpty() ? "" : "." + group)
                    + (namespace.isEmpty() ? "" : " in namespace " + namespace);
        }
    }

    /** The rights that serving a part of a cluster takes. */
    public static List<Right> needed(ClusterScope scope, boolean externalIps) {
        List<Right> rights = new ArrayList<>();
        for (String namespace : scope.namespaces().isEmpty() ? Set.of(EVERYWHERE) : scope.namespaces()) {
            for (String verb : List.of("list", "watch")) {
                rights.add(new Right(Use.WATCH, verb, "", "services", namespace));
                if (scope.mode() == ClusterScope.Mode.ENDPOINTS) {
                    rights.add(new Right(Use.WATCH, verb, "discovery.k8s.io", "endpointslices", namespace));
                }
            }
            rights.add(new Right(Use.STATUS, "patch", "", "services/status", namespace));
            if (externalIps) {
                rights.add(new Right(Use.EXTERNAL_IPS, "patch", "", "services", namespace));
            }
            for (String verb : List.of("create", "patch")) {
                rights.add(new Right(Use.EVENTS, verb, "events.k8s.io", "events", namespace));
            }
        }
        if (scope.followsNodes()) {
            for (String verb : List.of("list", "watch")) {
                rights.add(new Right(Use.WATCH, verb, "", "nodes", EVERYWHERE));
            }
        }
        return rights;
    }

    /**
     * Asks the API server whether we may.
     *
     * @throws io.fabric8.kubernetes.client.KubernetesClientException when it cannot be asked
     */
    public static boolean isAllowed(KubernetesClient client, Right right) {
        int slash = right.resource().indexOf('/');
        Map<String, String> attributes = Map.of(
                "verb", right.verb(),
                "group", right.group(),
                "resource", slash < 0 ? right.resource() : right.resource().substring(0, slash),
                "subresource", slash < 0 ? "" : right.resource().substring(slash + 1),
                "namespace", right.namespace());
        Map<String, Object> review = Map.of(
                "apiVersion", "authorization.k8s.io/v1",
                "kind", "SelfSubjectAccessReview",
                "spec", Map.of("resourceAttributes", attributes));
        GenericKubernetesResource answer = client.getKubernetesSerialization()
                .unmarshal(client.raw(REVIEWS, "POST", review), GenericKubernetesResource.class);
        return Boolean.TRUE.equals(answer.<Object>get("status", "allowed"));
    }
}
