package io.littlelb.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Shown;
import io.littlelb.k8s.AccessCheck;
import io.littlelb.k8s.ApiFailure;
import io.littlelb.k8s.ClusterLook;
import io.littlelb.k8s.ClusterScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Looks for what in a cluster would keep Little LB from serving. Changes nothing. */
final class ClusterCheck {
    private final KubernetesClient client;
    private final ClusterScope scope;
    private final boolean externalIps;
    private final List<AddressPool> pools;
    private final List<Finding> findings = new ArrayList<>();
    private List<ServiceSpec> services = List.of();

    /** @param externalIps whether they may have to be written */
    ClusterCheck(KubernetesClient client, ClusterScope scope, boolean externalIps, List<AddressPool> pools) {
        this.client = client;
        this.scope = scope;
        this.externalIps = externalIps;
        this.pools = pools;
    }

    /** What there is to say, the server first. */
    List<Finding> findings() {
        String where = "the cluster at " + client.getMasterUrl();
        try {
            boolean mayLook = rights();
            findings.add(0, Finding.ok(where + " answers, in " + scope.mode() + " mode"));
            namespaces();
            if (mayLook) {
                look(ClusterLook.at(client, scope));
            }
        } catch (KubernetesClientException e) {
            ApiFailure failure = ApiFailure.of(e);
            findings.add(Finding.fail(where + ": " + failure.what(), failure.remedy()));
        }
        return findings;
    }

    /** The Services that would be served, once {@link #findings} has found them. */
    List<ServiceSpec> services() {
        return services;
    }

    private boolean rights() {
        boolean mayLook = true;
        for (AccessCheck.Right right : AccessCheck.needed(scope, externalIps)) {
            boolean allowed = AccessCheck.isAllowed(client, right);
            mayLook &= allowed || right.use() != AccessCheck.Use.WATCH;
            findings.add(right(right, allowed));
        }
        return mayLook;
    }

    private static Finding right(AccessCheck.Right right, boolean allowed) {
        if (allowed) {
            return Finding.ok("may " + right);
        }
        String what = "may not " + right + ": " + right.use().without();
        return switch (right.use()) {
            case WATCH -> Finding.fail(what, "grant it, see deploy/rbac.yaml");
            case STATUS, EVENTS -> Finding.warn(what, "grant it, see deploy/rbac.yaml");
            case EXTERNAL_IPS ->
                Finding.warn(what, "grant it, see deploy/rbac-external-ips.yaml, or run with --publish status");
        };
    }

    private void namespaces() {
        scope.namespaces().stream().sorted().forEach(name -> namespace("--namespace " + name, name));
        for (AddressPool pool : pools) {
            new TreeSet<>(pool.namespaces())
                    .forEach(name -> namespace("--pool " + Shown.cut(pool.name()) + "@" + name, name));
        }
    }

    private void namespace(String flag, String name) {
        switch (ClusterLook.namespace(client, name)) {
            case THERE -> findings.add(Finding.ok(flag + ": the namespace is there"));
            case ABSENT ->
                findings.add(Finding.warn(
                        flag + ": there is no namespace " + name
                                + " in the cluster; nothing is served for it until there is",
                        "kubectl create namespace " + name + ", or see that it is written right"));
            case UNKNOWN ->
                findings.add(Finding.ok(flag + ": whether the namespace is there this account may not ask"));
        }
    }

    private void look(ClusterLook cluster) {
        services = cluster.services();
        if (cluster.noneToDial().isPresent()) {
            String remedy = cluster.nodesUsed() == 0
                    ? "--node-selector selects them by label, and \"\" all; kubectl get nodes --show-labels shows what they have"
                    : "--node-address-type is the other of InternalIP and ExternalIP; kubectl get nodes -o wide shows what they have";
            findings.add(Finding.fail(
                    "no traffic can go anywhere: " + cluster.noneToDial().get().detail(), remedy));
        } else if (cluster.nodesUsed() > 0) {
            findings.add(Finding.ok("nodes that take traffic: " + cluster.nodesUsed()));
        }
        pools.forEach(pool -> nodesIn(pool, cluster));
    }

    private void nodesIn(AddressPool pool, ClusterLook cluster) {
        Set<String> taken = new TreeSet<>();
        cluster.nodes().forEach((ip, node) -> {
            if (pool.contains(ip)) {
                taken.add(Addresses.print(ip) + " of node " + node);
            }
        });
        if (!taken.isEmpty()) {
            findings.add(Finding.warn(
                    "--pool " + Shown.cut(pool.name()) + " has addresses of nodes, which no Service gets: "
                            + String.join(", ", taken),
                    "leave them out of its range"));
        }
    }
}
