package io.littlelb.k8s;

import static io.littlelb.k8s.Fixtures.ip;
import static io.littlelb.k8s.Fixtures.map;
import static io.littlelb.k8s.Fixtures.node;
import static io.littlelb.k8s.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Backends.NodePool;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.k8s.ClusterScope.NodeAddressType;
import io.littlelb.k8s.HealthChecks.Target;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodePortBackendsTest {
    private static final ServicePort HTTP = new ServicePort("http", Protocol.TCP, 80);
    private static final Map<String, String> WORKER = Map.of("role", "worker");
    private static final ClusterScope WORKERS = new ClusterScope(
            Mode.NODE_PORT,
            NodeSelector.parse("role=worker"),
            NodeAddressType.InternalIP,
            Set.of(),
            Optional.empty(),
            Optional.empty());

    @Test
    void isThePortOfEverySelectedNodeInTheFrontendsFamily() {
        PortBackends backends = backends(
                node("a", true, WORKER, "198.18.0.21", "2001:db8::21"),
                node("b", true, WORKER, "198.18.0.22"),
                node("c", true, Map.of(), "198.18.0.23"));

        assertThat(backends.ipv4()).isEqualTo(on("198.18.0.21", "198.18.0.22"));
        assertThat(backends.ipv6()).isEqualTo(on("2001:db8::21"));
        assertThat(backends.problem()).isEmpty();
    }

    @Test
    void usesANodeThatIsNotReadyOnlyWhenNoReadyOneMatches() {
        Node lost = node("a", false, WORKER, "198.18.0.21");

        assertThat(backends(lost, node("b", true, WORKER, "198.18.0.22")).ipv4())
                .isEqualTo(on("198.18.0.22"));
        assertThat(backends(lost, node("c", true, Map.of(), "198.18.0.23")).ipv4())
                .isEqualTo(on("198.18.0.21"));
    }

    @ParameterizedTest
    @CsvSource({"'',false", "true,false", "anything,false", "false,true", "0,true"})
    void leavesOutANodeThatIsExcludedUnlessTheLabelIsFalse(String label, boolean used) {
        Map<String, String> labels =
                Map.of("role", "worker", "node.kubernetes.io/exclude-from-external-load-balancers", label);

        assertThat(backends(node("a", true, labels, "198.18.0.21")).ipv4().isEmpty())
                .isEqualTo(!used);
    }

    @Test
    void leavesOutANodeThatTheAutoscalerIsAboutToDelete() {
        Node going = new NodeBuilder(node("a", true, WORKER, "198.18.0.21"))
                .withNewSpec()
                .addNewTaint("NoSchedule", "ToBeDeletedByClusterAutoscaler", null, "1")
                .endSpec()
                .build();

        assertThat(backends(going, node("b", true, WORKER, "198.18.0.22")).ipv4())
                .isEqualTo(on("198.18.0.22"));
    }

    @Test
    void saysWhichSelectorMatchesNone() {
        PortBackends backends = backends(node("a", true, Map.of(), "198.18.0.21"), node("b", true, Map.of()));

        assertThat(backends.problem()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.NoMatchingNodes);
            assertThat(problem.detail()).contains("of the 2 nodes").contains("--node-selector \"role=worker\"");
        });
    }

    @Test
    void saysThatThereIsNoNodePort() {
        MappedService service = map(web().editSpec()
                .editFirstPort()
                .withNodePort(null)
                .endPort()
                .endSpec()
                .build());
        NodePortBackends backing = new NodePortBackends(
                List.of(MappedNode.of(node("a", true, WORKER, "198.18.0.21"), WORKERS)), WORKERS, any -> true);

        assertThat(backing.of(service).get(HTTP).problem())
                .hasValueSatisfying(problem -> assertThat(problem.reason()).isEqualTo(Reason.NoNodePort));
    }

    @Test
    void aFrontendOfAFamilyThatTheServiceLacksCrossesOverToTheOther() {
        PortBackends backends = new NodePortBackends(
                        List.of(MappedNode.of(node("a", true, WORKER, "198.18.0.21", "2001:db8::21"), WORKERS)),
                        WORKERS,
                        any -> true)
                .of(map(web().build()))
                .get(HTTP);

        assertThat(backends.ipv6()).isEqualTo(on("198.18.0.21"));
    }

    @Test
    void withTrafficPolicyLocalItIsTheNodesThatSayTheyHaveAPod() {
        MappedService local = map(web().editSpec()
                .withExternalTrafficPolicy("Local")
                .withHealthCheckNodePort(31_000)
                .endSpec()
                .build());
        List<MappedNode> nodes = Stream.of("198.18.0.21", "198.18.0.22")
                .map(address -> MappedNode.of(node(address, true, WORKER, address), WORKERS))
                .toList();
        Target second = new Target(ip("198.18.0.22"), 31_000);

        NodePortBackends one = new NodePortBackends(nodes, WORKERS, second::equals);
        assertThat(one.targets(local)).containsExactlyInAnyOrder(new Target(ip("198.18.0.21"), 31_000), second);
        assertThat(one.of(local).get(HTTP).ipv4()).isEqualTo(on("198.18.0.22"));
        NodePortBackends none = new NodePortBackends(nodes, WORKERS, any -> false);
        assertThat(none.of(local).get(HTTP).ipv4().isEmpty()).isTrue();
        assertThat(none.of(local).get(HTTP).problem()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.NoBackends);
            assertThat(problem.detail()).contains("no node has a ready endpoint (healthCheckNodePort 31000)");
        });
        assertThat(new NodePortBackends(nodes, WORKERS, any -> false).targets(map(web().build())))
                .isEmpty();
    }

    private static ServiceBuilder dualStack() {
        return web().editSpec().withIpFamilies("IPv4", "IPv6").endSpec();
    }

    private static PortBackends backends(Node... nodes) {
        List<MappedNode> mapped =
                Stream.of(nodes).map(node -> MappedNode.of(node, WORKERS)).toList();
        return new NodePortBackends(mapped, WORKERS, any -> true)
                .of(map(dualStack().build()))
                .get(HTTP);
    }

    private static Backends on(String... ips) {
        return new Backends.OnNodes(
                new NodePool(Stream.of(ips).map(Fixtures::ip).toList()), 30_080);
    }

    @Test
    void allAddressesOfANodeAreItsOwn() {
        Node node = new NodeBuilder(node("a", true, WORKER, "198.18.0.21"))
                .editStatus()
                .addNewAddress("203.0.113.21", "ExternalIP")
                .addNewAddress("a.example.com", "Hostname")
                .endStatus()
                .build();

        assertThat(MappedNode.of(node, WORKERS).addresses()).containsExactly(ip("198.18.0.21"), ip("203.0.113.21"));
    }
}
