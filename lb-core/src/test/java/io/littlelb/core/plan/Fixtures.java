package io.littlelb.core.plan;

import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The few Services and the one link that the tests of this package talk about. */
final class Fixtures {
    static final Cidr HOST_4 = cidr("198.18.0.1/24");
    static final Cidr HOST_6 = cidr("2001:db8::1/64");
    static final Link LINK = new Link("br0", 7, Link.State.UP, List.of(HOST_4, HOST_6), Set.of(ip("198.18.0.254")));
    static final AddressSupply SUPPLY = AddressSupply.of(LINK);
    static final ServicePort HTTP = new ServicePort("http", Protocol.TCP, 80);
    static final Backends BACKENDS = new Backends.Listed(List.of(new Backend(ip("198.18.0.21"), 8080)));

    private Fixtures() {}

    static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }

    static InetAddress ip(String text) {
        return Addresses.parse(text).orElseThrow();
    }

    static ServiceKey key(String name) {
        return new ServiceKey("default", name);
    }

    static Frontend frontend(String ip) {
        return new Frontend(ip(ip), 80, Protocol.TCP);
    }

    static FrontendConfig config(String service, Backends backends) {
        return new FrontendConfig(key(service), backends);
    }

    static AddressStatus present(String cidr, boolean owned) {
        return AddressStatus.of(cidr(cidr), owned, AddressStatus.State.PRESENT);
    }

    /** A Service with port 80, as old as {@code second} says. */
    static ServiceSpec service(String name, int second, String request, ServicePort... ports) {
        return new ServiceSpec(
                key(name),
                "uid-" + name,
                Instant.ofEpochSecond(second),
                AddressRequest.parse(request, ""),
                Set.of(Family.IPV4),
                true,
                Optional.empty(),
                ports.length == 0 ? List.of(HTTP) : List.of(ports),
                Policies.DEFAULT);
    }

    static ServiceSpec sharing(ServiceSpec service, String sharingKey) {
        return with(service, Optional.of(sharingKey), service.policies());
    }

    static ServiceSpec with(ServiceSpec service, Policies policies) {
        return with(service, service.sharingKey(), policies);
    }

    private static ServiceSpec with(ServiceSpec service, Optional<String> sharingKey, Policies policies) {
        return new ServiceSpec(
                service.key(),
                service.uid(),
                service.createdAt(),
                service.request(),
                service.families(),
                service.everyFamily(),
                sharingKey,
                service.ports(),
                policies);
    }

    /** A cluster of these Services, each port served by {@link #BACKENDS}. */
    static ClusterSnapshot cluster(ServiceSpec... services) {
        Map<ServiceKey, ServiceSpec> specs = new HashMap<>();
        Map<ServiceKey, Map<ServicePort, PortBackends>> backends = new HashMap<>();
        for (ServiceSpec service : services) {
            specs.put(service.key(), service);
            Map<ServicePort, PortBackends> ports = new HashMap<>();
            service.ports().forEach(port -> ports.put(port, PortBackends.ofBoth(BACKENDS)));
            backends.put(service.key(), ports);
        }
        return new ClusterSnapshot(specs, backends, Map.of(), Set.of(ip("198.18.0.200")));
    }

    static ClusterSnapshot withBackends(ClusterSnapshot cluster, ServiceSpec service, Backend... backends) {
        Map<ServiceKey, Map<ServicePort, PortBackends>> all = new HashMap<>(cluster.backends());
        all.put(service.key(), Map.of(HTTP, PortBackends.ofBoth(new Backends.Listed(List.of(backends)))));
        return new ClusterSnapshot(cluster.services(), all, cluster.published(), cluster.nodeAddresses());
    }
}
