package io.littlelb.testkit.memory;

import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.ServiceList;
import io.littlelb.testkit.contract.EndpointSourceContract;

/** What embedders put their Services in keeps the contract of a source. */
class ServiceListSourceTest extends EndpointSourceContract {
    private final ServiceList list = new ServiceList();

    @Override
    protected EndpointSource source() {
        return list;
    }

    @Override
    protected void ask(String name, String address) {
        list.put(ServiceSpec.named("default/" + name)
                .address(address)
                .tcp(80, "198.18.0.21:8080")
                .build());
    }

    @Override
    protected void withdraw(String name) {
        list.remove(new ServiceKey("default", name));
    }
}
