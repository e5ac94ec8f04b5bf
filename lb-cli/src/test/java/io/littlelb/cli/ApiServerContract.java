package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.littlelb.cli.ClusterWorld.Parts;
import io.littlelb.k8s.ClusterScope;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What any API server does with Services, and lets Little LB do. */
interface ApiServerContract {
    @Test
    default void theApiServerRefusesANodePortThatIsTakenAndASourceRangeThatIsNone(ClusterWorld world) {
        world.create("web", service -> service);
        int taken = world.get("web").getSpec().getPorts().get(0).getNodePort();

        assertThatThrownBy(() -> world.create(
                        "second",
                        service -> new ServiceBuilder(service)
                                .editSpec()
                                .editFirstPort()
                                .withNodePort(taken)
                                .endPort()
                                .endSpec()
                                .build()))
                .hasMessageContaining("provided port is already allocated");
        assertThatThrownBy(() -> world.create(
                        "third",
                        service -> new ServiceBuilder(service)
                                .editSpec()
                                .withLoadBalancerSourceRanges("foo")
                                .endSpec()
                                .build()))
                .hasMessageContaining("must be a valid CIDR value");
    }

    @Test
    default void theApiServerCompletesAService(ClusterWorld world) {
        world.create(
                "web",
                service -> new ServiceBuilder(service)
                        .editSpec()
                        .withSessionAffinity("ClientIP")
                        .endSpec()
                        .build());

        ServiceSpec spec = world.get("web").getSpec();
        assertThat(spec.getIpFamilies()).containsExactly("IPv4");
        assertThat(spec.getIpFamilyPolicy()).isEqualTo("SingleStack");
        assertThat(spec.getExternalTrafficPolicy()).isEqualTo("Cluster");
        assertThat(spec.getInternalTrafficPolicy()).isEqualTo("Cluster");
        assertThat(spec.getAllocateLoadBalancerNodePorts()).isTrue();
        assertThat(spec.getSessionAffinityConfig().getClientIP().getTimeoutSeconds())
                .isEqualTo(10_800);
        assertThat(spec.getPorts().get(0).getProtocol()).isEqualTo("TCP");
        assertThat(spec.getPorts().get(0).getTargetPort().getIntVal()).isEqualTo(80);
        assertThat(world.get("web").getMetadata().getManagedFields())
                .anySatisfy(entry -> assertThat(entry.getFieldsV1().getAdditionalProperties())
                        .containsKey("f:spec"));
    }

    @Test
    default void inOneNamespaceItNeedsNoRightBeyondIt(ClusterWorld world) throws Exception {
        ClusterScope scope = new ClusterScope(
                ClusterScope.Mode.ENDPOINTS,
                io.littlelb.k8s.NodeSelector.ALL,
                ClusterScope.NodeAddressType.InternalIP,
                Set.of("default"),
                Optional.empty(),
                Optional.empty());
        world.start(new Parts(scope), world.cluster.littleLb(List.of("rbac-one-namespace.yaml")));
        world.create("web", service -> asks(service, "198.18.0.9"));

        world.awaitIngress("web", "198.18.0.9");
        world.create("refused", service -> asks(service, "198.18.0.9"));
        awaitTrue(() -> !world.events("refused").isEmpty());
    }
}
