package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.annotated;
import static io.littlelb.cli.ClusterWorld.asks;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import org.junit.jupiter.api.Test;

/** What users say about ports and traffic, on any API server. */
interface PoliciesContract {
    @Test
    default void theAnnotationForSourceRangesIsHonouredAsTheFieldIs(ClusterWorld world) throws Exception {
        world.start();
        world.create(
                "web",
                service -> annotated(
                        asks(service, "198.18.0.9"),
                        "service.beta.kubernetes.io/load-balancer-source-ranges",
                        "203.0.113.0/24"));
        world.awaitIngress("web", "198.18.0.9");

        assertThat(world.ask("198.18.0.9", 80)).as("closed without data").isEmpty();
    }

    @Test
    default void whatSecurityAsksForAndMakesNoSenseClosesThePorts(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> annotated(asks(service, "198.18.0.9"), "littlelb.io/proxy-protocol", "v9"));

        world.awaitReason("web", "littlelb.io/Programmed", "InvalidAnnotation");
        assertThat(world.condition("web", "littlelb.io/Programmed")
                        .orElseThrow()
                        .getMessage())
                .contains("\"v9\"");
        assertThat(world.ingress("web")).isEmpty();
    }

    @Test
    default void aPortOfAnotherProtocolIsToldAndTheOthersAreServed(ClusterWorld world) throws Exception {
        world.start();
        world.create(
                "web",
                service -> new ServiceBuilder(asks(service, "198.18.0.9"))
                        .editSpec()
                        .addNewPort()
                        .withName("sctp")
                        .withProtocol("SCTP")
                        .withPort(9_999)
                        .endPort()
                        .endSpec()
                        .build());

        world.awaitIngress("web", "198.18.0.9");
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
        assertThat(world.condition("web", "LoadBalancerPortsError")
                        .orElseThrow()
                        .getReason())
                .isEqualTo("ProtocolNotSupported");
        assertThat(world.get("web")
                        .getStatus()
                        .getLoadBalancer()
                        .getIngress()
                        .get(0)
                        .getPorts())
                .filteredOn(port -> port.getPort() == 9_999)
                .singleElement()
                .satisfies(port -> assertThat(port.getError()).isEqualTo("ProtocolNotSupported"));
    }
}
