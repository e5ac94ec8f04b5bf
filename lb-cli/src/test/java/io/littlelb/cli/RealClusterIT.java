package io.littlelb.cli;

import org.junit.jupiter.api.extension.RegisterExtension;

/** On the API server of {@code LB_TEST_KUBECONFIG}, by {@code mvn -Preal-cluster}; no other build runs it. */
class RealClusterIT implements ClusterContract {
    @RegisterExtension
    final ClusterExtension worlds = new ClusterExtension(RealCluster::new);
}
