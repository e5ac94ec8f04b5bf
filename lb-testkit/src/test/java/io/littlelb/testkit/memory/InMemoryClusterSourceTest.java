package io.littlelb.testkit.memory;

import io.littlelb.core.model.ServedService;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.testkit.contract.EndpointSourceContract;

/** The cluster in memory keeps the contract of a source. */
class InMemoryClusterSourceTest extends EndpointSourceContract {
    private final InMemoryCluster cluster = new InMemoryCluster();

    @Override
    protected EndpointSource source() {
        return cluster;
    }

    @Override
    protected void ask(String name, String address) {
        ServedService service = ServiceSpec.named("default/" + name)
                .address(address)
                .tcp(80, "198.18.0.21:8080")
                .build();
        cluster.put(service.spec(), service.backends().values().iterator().next());
    }

    @Override
    protected void withdraw(String name) {
        cluster.delete(new ServiceKey("default", name));
    }
}
