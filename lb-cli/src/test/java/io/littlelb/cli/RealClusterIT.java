package io.littlelb.cli;

import java.nio.file.Path;

/** On the API server of {@code LB_TEST_KUBECONFIG}, by {@code mvn -Preal-cluster}; no other build runs it. */
class RealClusterIT extends ClusterContract {
    @Override
    protected TestCluster open(Path files) throws Exception {
        return new RealCluster(files);
    }
}
