package io.littlelb.examples;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.memory.InMemoryForwarder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The whole core at work, without a kernel and without a cluster: {@code ./lb example ReconcileInMemory}. */
public final class ReconcileInMemory {
    private static final ServiceKey WEB = new ServiceKey("default", "web");

    private ReconcileInMemory() {}

    public static void main(String[] arguments) throws InterruptedException {
        Cidr host = Cidr.parse("198.18.0.1/24").orElseThrow();
        InMemoryAddressManager link =
                new InMemoryAddressManager(new Link("eth0", 2, Link.State.UP, List.of(host), Set.of()));
        InMemoryCluster cluster = new InMemoryCluster();
        CountDownLatch served = new CountDownLatch(1);

        try (LoadBalancer loadBalancer = LoadBalancer.builder(cluster, link, new InMemoryForwarder())
                .statuses(cluster)
                .drainTimeout(Duration.ZERO)
                .listener(pass -> {
                    pass.applied().forEach(step -> System.out.println("  " + step));
                    link.settle(); // the kernel of this world answers at once
                    if (!cluster.status(WEB).ingress().isEmpty()) {
                        served.countDown();
                    }
                })
                .build()) {
            System.out.println("A Service asks for 198.18.0.9:");
            cluster.put(web(), PortBackends.ofBoth(new Backends.Listed(List.of(backend()))));
            loadBalancer.start();
            boolean done = served.await(10, TimeUnit.SECONDS);
            System.out.println("Its status " + (done ? "is " : "is not yet ")
                    + cluster.status(WEB).ingress());
            System.out.println("The load balancer stops:");
        }
    }

    private static ServiceSpec web() {
        return new ServiceSpec(
                WEB,
                "uid-1",
                Instant.EPOCH,
                AddressRequest.parse("198.18.0.9", ""),
                Set.of(Family.IPV4),
                true,
                Optional.empty(),
                List.of(new ServicePort("http", Protocol.TCP, 80)),
                Policies.DEFAULT);
    }

    private static Backend backend() {
        return new Backend(Addresses.parse("198.18.0.21").orElseThrow(), 8080);
    }
}
