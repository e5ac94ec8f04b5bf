package io.littlelb.testkit.apiserver;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One kind of object the server keeps.
 *
 * @param group the API group; empty for the core group
 * @param plural the name in paths
 * @param storedAs the type under which objects are kept: Events are the same objects in two groups
 */
record ResourceType(
        String group,
        String version,
        String kind,
        String plural,
        boolean namespaced,
        List<String> shortNames,
        String storedAs) {
    static final ResourceType EVENT = core("Event", "events", true, "ev");

    /** All that the manifests of the examples hold, and what a load balancer watches and writes. */
    static final List<ResourceType> ALL = List.of(
            core("Namespace", "namespaces", false, "ns"),
            core("Node", "nodes", false, "no"),
            core("Service", "services", true, "svc"),
            core("Pod", "pods", true, "po"),
            core("ConfigMap", "configmaps", true, "cm"),
            core("Secret", "secrets", true),
            core("ServiceAccount", "serviceaccounts", true, "sa"),
            EVENT,
            new ResourceType("events.k8s.io", "v1", "Event", "events", true, List.of("ev"), EVENT.storedAs),
            named("apps", "Deployment", "deployments", true, "deploy"),
            named("apps", "DaemonSet", "daemonsets", true, "ds"),
            named("discovery.k8s.io", "EndpointSlice", "endpointslices", true),
            named("coordination.k8s.io", "Lease", "leases", true),
            named("rbac.authorization.k8s.io", "Role", "roles", true),
            named("rbac.authorization.k8s.io", "RoleBinding", "rolebindings", true),
            named("rbac.authorization.k8s.io", "ClusterRole", "clusterroles", false),
            named("rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings", false));

    /** Kinds whose status is a subresource: a write to the object leaves it alone, and the other way round. */
    private static final Set<String> WITH_STATUS =
            Set.of("Namespace", "Node", "Service", "Pod", "Deployment", "DaemonSet");

    private static ResourceType core(String kind, String plural, boolean namespaced, String... shortNames) {
        return new ResourceType("", "v1", kind, plural, namespaced, List.of(shortNames), plural);
    }

    private static ResourceType named(
            String group, String kind, String plural, boolean namespaced, String... shortNames) {
        return new ResourceType(group, "v1", kind, plural, namespaced, List.of(shortNames), plural + "." + group);
    }

    static Optional<ResourceType> find(String group, String version, String plural) {
        return ALL.stream()
                .filter(type -> type.group.equals(group) && type.version.equals(version) && type.plural.equals(plural))
                .findFirst();
    }

    /** {@code v1} or {@code apps/v1}. */
    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    boolean hasStatus() {
        return WITH_STATUS.contains(kind);
    }

    boolean is(String someKind) {
        return kind.equals(someKind);
    }
}
