package com.example.embedder;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ServedService;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The whole load balancer, with a source of one's own: {@code OwnSource LINK ADDRESS}. */
public final class OwnSource implements EndpointSource {
    private volatile Optional<ClusterSnapshot> known = Optional.empty();
    private volatile Runnable listener = () -> {};

    private OwnSource() {}

    /** Nothing is known until somebody has said what there is. */
    void know(ServedService service) {
        known = Optional.of(new ClusterSnapshot(
                Map.of(service.key(), service.spec()), Map.of(service.key(), service.backends()), Map.of(), Set.of()));
        listener.run();
    }

    @Override
    public Optional<ClusterSnapshot> snapshot() {
        return known;
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = newListener;
    }

    public static void main(String[] arguments) throws Exception {
        OwnSource source = new OwnSource();
        try (Greeter backend = new Greeter();
                LoadBalancer loadBalancer = LoadBalancer.builder(
                                source,
                                RtnetlinkAddressManager.open(arguments[0]),
                                SpliceForwarder.open(ProxyConfig.DEFAULT))
                        .drainTimeout(Duration.ofSeconds(1))
                        .build()) {
            loadBalancer.start();
            source.know(ServiceSpec.named("default/web")
                    .address(arguments[1])
                    .tcp(8080, "127.0.0.1:" + backend.port())
                    .build());
            System.out.println("the load balancer says " + Greeter.ask(arguments[1], 8080));
        }
    }
}
