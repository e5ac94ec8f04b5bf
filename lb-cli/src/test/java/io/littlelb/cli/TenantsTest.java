package io.littlelb.cli;

import java.nio.file.Path;

/** On our own API server. */
class TenantsTest extends TenantsContract {
    @Override
    protected TestCluster open(Path files) throws Exception {
        return new EmbeddedCluster(files);
    }
}
