package io.littlelb.cli;

/** On the API server of {@code LB_TEST_KUBECONFIG}, as {@link RealClusterIT}. */
class RealTenantsIT extends TenantsContract {
    RealTenantsIT() {
        super(RealCluster::new);
    }
}
