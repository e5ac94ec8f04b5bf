package io.littlelb.testkit.memory;

import io.littlelb.core.model.ServedService;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.StatusWriter;
import io.littlelb.testkit.contract.StatusWriterContract;
import org.junit.jupiter.api.BeforeEach;

/** The cluster in memory keeps the contract of a writer. */
class InMemoryClusterStatusTest extends StatusWriterContract {
    private final InMemoryCluster cluster = new InMemoryCluster();

    @BeforeEach
    void makeServices() {
        for (ServiceKey key : new ServiceKey[] {WEB, OTHER}) {
            ServedService service = ServiceSpec.named(key.toString())
                    .tcp(80, "198.18.0.21:8080")
                    .build();
            cluster.put(service.spec(), service.backends().values().iterator().next());
        }
    }

    @Override
    protected StatusWriter writer() {
        return cluster;
    }

    @Override
    protected EndpointSource source() {
        return cluster;
    }

    @Override
    protected String uid(ServiceKey key) {
        return cluster.snapshot().orElseThrow().services().get(key).uid();
    }
}
