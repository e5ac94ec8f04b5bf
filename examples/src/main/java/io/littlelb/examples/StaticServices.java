package io.littlelb.examples;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.netlink.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The load balancer inside a program of one's own, with Services that never change:
 * {@code ./lb example StaticServices veth0 198.18.0.9}.
 */
public final class StaticServices {
    private StaticServices() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            System.err.println("usage: StaticServices LINK ADDRESS");
            System.exit(2);
        }
        EndpointSource source = new Fixed(snapshot(arguments[1]));
        try (LoadBalancer loadBalancer = LoadBalancer.builder(
                        source, RtnetlinkAddressManager.open(arguments[0]), SpliceForwarder.open(ProxyConfig.DEFAULT))
                .drainTimeout(Duration.ofSeconds(5))
                .build()) {
            loadBalancer.start();
            awaitEnter("Serving " + arguments[1] + ":8080 from 127.0.0.1:9001; press Enter to stop");
        }
    }

    private static void awaitEnter(String prompt) throws IOException {
        System.out.println(prompt);
        int key = System.in.read();
        System.out.println(key < 0 ? "No more input; stopping" : "Stopping");
    }

    /** A source that knows everything from the start. */
    private record Fixed(ClusterSnapshot cluster) implements EndpointSource {
        @Override
        public Optional<ClusterSnapshot> snapshot() {
            return Optional.of(cluster);
        }

        @Override
        public void onChange(Runnable listener) {}
    }

    private static ClusterSnapshot snapshot(String address) {
        ServiceKey key = new ServiceKey("default", "web");
        ServicePort port = new ServicePort("http", Protocol.TCP, 8080);
        ServiceSpec service = new ServiceSpec(
                key,
                "static",
                Instant.EPOCH,
                AddressRequest.parse(address, ""),
                Set.of(Family.IPV4),
                true,
                Optional.empty(),
                List.of(port),
                Policies.DEFAULT);
        Backend backend = new Backend(Addresses.parse("127.0.0.1").orElseThrow(), 9001);
        PortBackends backends = PortBackends.ofBoth(new Backends.Listed(List.of(backend)));
        return new ClusterSnapshot(Map.of(key, service), Map.of(key, Map.of(port, backends)), Map.of(), Set.of());
    }
}
