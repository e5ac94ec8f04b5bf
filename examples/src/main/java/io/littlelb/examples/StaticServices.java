package io.littlelb.examples;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import java.io.IOException;
import java.time.Duration;

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
        EndpointSource source = EndpointSource.fixed(ServiceSpec.named("default/web")
                .address(arguments[1])
                .tcp(8080, "127.0.0.1:9001")
                .build());
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
}
