package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import com.google.common.net.InetAddresses;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.ServiceResource;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.ReservedPorts;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.plan.Publish;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.core.port.AddressManager;
import io.littlelb.core.port.Forwarder;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.KubernetesEndpointSource;
import io.littlelb.k8s.ServiceStatusWriter;
import io.littlelb.netlink.link.LinkConfig;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * A whole load balancer on a cluster: a real API over TCP, a real link, real clients.
 *
 * <p>Only the link and the traffic are in a namespace: the client library has threads that outlive a test, and with them the
 * namespace that they were born in.
 */
final class ClusterWorld {
    static final int POD_PORT = 8080;

    /** Where the rights stand that the project says it needs. */
    static final Path DEPLOY = Path.of("..", "deploy");

    /** The rights that Little LB has in most tests: those that the project says it needs, and no others. */
    static final List<String> RIGHTS = List.of("rbac.yaml");

    static final Boundaries BOUNDARIES = new Boundaries(
            new ReservedPorts(ImmutableRangeSet.of(Range.singleton(10_250)), ImmutableRangeSet.of()),
            true,
            false,
            Integer.MAX_VALUE);
    static final PublishPolicy TO_THE_STATUS = PublishPolicy.always(Publish.STATUS);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final Set<Integer> nodePorts = new HashSet<>();
    final NetworkNamespace network;
    final TestCluster cluster;
    final KubernetesClient user;
    LoadBalancer loadBalancer;

    /** @param cluster an empty one, closed with the world */
    ClusterWorld(TestCluster cluster) throws IOException {
        this.cluster = opened(cluster);
        this.network = opened(NetworkNamespace.create());
        this.user = opened(cluster.user());
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("link set veth1 up");
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
        network.ip("addr add 2001:db8::1/64 dev veth0 nodad");
        network.ip("addr add 192.0.2.254/24 dev lo"); // all of it is this host's: no API server takes 127.0.0.1 for a
        // pod's
        node("node-1", Map.of("role", "worker"), "127.0.0.1", "::1");
    }

    /** Closes what was opened, the last first. */
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    List<String> reasons(String service) {
        return events(service).stream().map(Event::getReason).sorted().toList();
    }

    static String pod(int number) {
        return "192.0.2." + (1 + number);
    }

    TcpServer startPod(int number) {
        return opened(network.call(() -> TcpServer.start(
                InetAddresses.forString(pod(number)), POD_PORT, TcpServer.greeting("pod " + pod(number)))));
    }

    void slice(String service, Collection<String> ips) {
        slice(service, service, ips);
    }

    void slice(String service, String name, Collection<String> ips) {
        slice(service, name, ips, POD_PORT);
    }

    void slice(String service, String name, Collection<String> ips, int port) {
        slice(user, service, name, ips, port);
    }

    void slice(KubernetesClient client, String service, String name, Collection<String> ips, int port) {
        EndpointSliceBuilder slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace(key(service).namespace())
                .withName(name)
                .addToLabels("kubernetes.io/service-name", key(service).name())
                .endMetadata()
                .withAddressType(ips.stream().anyMatch(ip -> ip.contains(":")) ? "IPv6" : "IPv4")
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(port)
                .endPort();
        ips.forEach(ip -> slice.addNewEndpoint()
                .withAddresses(ip)
                .withNewConditions()
                .withReady(true)
                .endConditions()
                .endEndpoint());
        client.resource(slice.build()).createOr(NonDeletingOperation::update);
    }

    /** What a load balancer is made of, as far as tests differ. */
    record Parts(
            ClusterScope scope,
            PublishPolicy publish,
            List<AddressPool> pools,
            Boundaries boundaries,
            ProxyConfig proxy) {
        Parts(ClusterScope scope) {
            this(scope, TO_THE_STATUS, List.of(), BOUNDARIES, ProxyConfig.DEFAULT);
        }

        Parts(ClusterScope.Mode mode) {
            this(ClusterScope.everything(mode));
        }

        Parts giving(AddressPool... some) {
            return new Parts(scope, publish, List.of(some), boundaries, proxy);
        }

        Parts within(Boundaries others) {
            return new Parts(scope, publish, pools, others, proxy);
        }

        Parts forwardingWith(ProxyConfig another) {
            return new Parts(scope, publish, pools, boundaries, another);
        }
    }

    static Parts publishing(PublishPolicy publish) {
        Parts plain = new Parts(ClusterScope.Mode.NODE_PORT);
        return new Parts(plain.scope(), publish, List.of(), plain.boundaries(), plain.proxy());
    }

    static Parts giving(String... ranges) {
        return new Parts(ClusterScope.Mode.NODE_PORT).giving(new AddressPool("default", ranges(ranges)));
    }

    static List<AddressRange> ranges(String... ranges) {
        return Stream.of(ranges)
                .map(range -> AddressRange.parse(range).orElseThrow())
                .toList();
    }

    void start() throws Exception {
        start(new Parts(ClusterScope.Mode.NODE_PORT));
    }

    void start(Parts parts) throws Exception {
        List<String> rights =
                parts.publish().equals(TO_THE_STATUS) ? RIGHTS : List.of("rbac.yaml", "rbac-external-ips.yaml");
        start(parts, cluster.littleLb(rights));
    }

    void start(Parts parts, KubernetesClient client) throws IOException {
        KubernetesEndpointSource source = KubernetesEndpointSource.open(client, parts.scope());
        LinkConfig link = LinkConfig.DEFAULT.withWatchedPorts(
                parts.boundaries().reservedPorts().onTheHosts());
        AddressManager addresses = network.call(() -> RtnetlinkAddressManager.open("veth0", link));
        Forwarder forwarder = network.call(() -> SpliceForwarder.open(parts.proxy()));
        loadBalancer = opened(LoadBalancer.builder(source, addresses, forwarder)
                .statuses(ServiceStatusWriter.open(client, source, "test", InstantSource.system()))
                .publish(parts.publish())
                .pools(parts.pools())
                .boundaries(parts.boundaries().withForeignBackends(parts.scope().mode() == ClusterScope.Mode.ENDPOINTS))
                .drainTimeout(Duration.ofSeconds(1))
                .build());
        network.run(loadBalancer::start); // its thread opens the listeners
    }

    String ask(String ip, int port) {
        return network.call(() -> Traffic.ask(ip, port));
    }

    void backend(String ip, int port, String says) {
        opened(network.call(() -> TcpServer.start(InetAddresses.forString(ip), port, TcpServer.greeting(says))));
    }

    <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    void node(String name, Map<String, String> labels, String... ips) {
        NodeBuilder node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .endStatus();
        for (String ip : ips) {
            node.editStatus().addNewAddress(ip, "InternalIP").endStatus();
        }
        user.nodes().resource(node.build()).create();
    }

    /** A Service's key as it is written: of namespace {@code default}, or as {@code NAMESPACE/NAME}. */
    static ServiceKey key(String name) {
        int slash = name.indexOf('/');
        return slash < 0
                ? new ServiceKey("default", name)
                : new ServiceKey(name.substring(0, slash), name.substring(slash + 1));
    }

    void create(String name, UnaryOperator<Service> change) {
        create(user, name, change);
    }

    void create(KubernetesClient client, String name, UnaryOperator<Service> change) {
        Service service = new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(key(name).namespace())
                .withName(key(name).name())
                .endMetadata()
                .withNewSpec()
                .withType("LoadBalancer")
                .addNewPort()
                .withName("http")
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
        openNodePorts(client.resource(change.apply(service)).create());
    }

    /** On each port of the node somebody says the Service's name, as a pod of it would behind a real node. */
    void openNodePorts(Service service) {
        String name = service.getMetadata().getName();
        service.getSpec().getPorts().stream()
                .filter(port -> port.getNodePort() != null && nodePorts.add(port.getNodePort()))
                .forEach(port -> {
                    backend("127.0.0.1", port.getNodePort(), name);
                    backend("::1", port.getNodePort(), name + " over IPv6");
                });
    }

    void edit(String name, UnaryOperator<Service> change) {
        service(user, name).edit(change);
    }

    static Service asks(Service service, String ip) {
        return new ServiceBuilder(service)
                .editSpec()
                .withLoadBalancerIP(ip)
                .endSpec()
                .build();
    }

    static Service asks(Service service, String ip, int port) {
        return new ServiceBuilder(asks(service, ip))
                .editSpec()
                .editFirstPort()
                .withPort(port)
                .endPort()
                .endSpec()
                .build();
    }

    static Service dualStack(Service service, String policy) {
        return new ServiceBuilder(service)
                .editSpec()
                .withIpFamilyPolicy(policy)
                .withIpFamilies("IPv4", "IPv6")
                .endSpec()
                .build();
    }

    static Service annotated(Service service, String key, String value) {
        return new ServiceBuilder(service)
                .editMetadata()
                .addToAnnotations(key, value)
                .endMetadata()
                .build();
    }

    static ServiceResource<Service> service(KubernetesClient client, String name) {
        return client.services()
                .inNamespace(key(name).namespace())
                .withName(key(name).name());
    }

    Service get(String name) {
        return service(user, name).get();
    }

    List<String> ingress(String name) {
        Service service = get(name);
        return service.getStatus() == null || service.getStatus().getLoadBalancer() == null
                ? List.of()
                : service.getStatus().getLoadBalancer().getIngress().stream()
                        .map(LoadBalancerIngress::getIp)
                        .toList();
    }

    List<String> externalIps(String name) {
        return get(name).getSpec().getExternalIPs();
    }

    List<Event> events(String service) {
        return user.events().v1().events().inNamespace(key(service).namespace()).list().getItems().stream()
                .filter(event ->
                        event.getRegarding().getName().equals(key(service).name()))
                .toList();
    }

    Optional<Condition> condition(String service, String type) {
        return get(service).getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst();
    }

    List<String> conditions(String service) {
        return get(service).getStatus().getConditions().stream()
                .map(condition -> condition.getType() + "=" + condition.getStatus() + " " + condition.getReason() + ": "
                        + condition.getMessage())
                .toList();
    }

    /** Those of global scope; the kernel's own of the link come and go at their own pace. */
    String addresses() {
        return network.ip("-o addr show dev veth0 scope global");
    }

    void awaitIngress(String service, String... ips) {
        awaitTrue(() -> ingress(service).equals(List.of(ips)));
        assertThat(ingress(service))
                .allSatisfy(ip -> assertThat(Addresses.parse(ip)).isPresent());
    }

    void awaitReason(String service, String type, String reason) {
        awaitTrue(() -> condition(service, type)
                .filter(condition -> condition.getReason().equals(reason)
                        && condition.getStatus().equals("False"))
                .isPresent());
    }

    static void awaitTrue(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(10)).until(condition);
    }
}
