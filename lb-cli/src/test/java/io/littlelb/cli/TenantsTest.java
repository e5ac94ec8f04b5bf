package io.littlelb.cli;

/** On our own API server. */
class TenantsTest extends TenantsContract {
    TenantsTest() {
        super(EmbeddedCluster::new);
    }
}
