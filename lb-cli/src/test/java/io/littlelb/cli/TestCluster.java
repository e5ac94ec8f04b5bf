package io.littlelb.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.List;

/** An API server that tests may do to as they please, with an empty namespace {@code default}. */
interface TestCluster extends AutoCloseable {
    /** A client of somebody who may do everything; it is the caller's to close. */
    KubernetesClient user() throws IOException;

    /**
     * A client of Little LB's account; it is the caller's to close.
     *
     * @param manifests the rights that the account has from now on, and no others: names of files in {@code deploy}
     */
    KubernetesClient littleLb(List<String> manifests) throws Exception;

    /** The namespaces of tenants: empty, and beside {@code default} the only ones that tests may touch. */
    List<String> TENANTS = List.of("red", "blue");

    /** What a tenant may do in its namespace, and nowhere else; not to write statuses. */
    String RIGHTS_OF_A_TENANT = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: tenant}
            rules:
              - {apiGroups: [""], resources: [services, endpoints], verbs: ["*"]}
              - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: ["*"]}
            """;

    /** A client of somebody who may write the Services and EndpointSlices of one namespace; it is the caller's to close. */
    KubernetesClient tenant(String namespace) throws Exception;

    /** Whether the cluster's own controller makes EndpointSlices for Services that have a selector. */
    boolean makesSlices() throws Exception;

    /** Breaks all connections and takes no more. */
    void goAway() throws Exception;

    /** Is there again, with everything it had. */
    void comeBack() throws Exception;

    @Override
    void close() throws IOException;
}
