package io.littlelb.cli;

import java.nio.file.Path;

/** On the API server of {@code LB_TEST_KUBECONFIG}, as {@link RealClusterIT}. */
class RealTenantsIT extends TenantsContract {
    @Override
    protected TestCluster open(Path files) throws Exception {
        return new RealCluster(files);
    }
}
