package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.annotated;
import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static io.littlelb.cli.ClusterWorld.publishing;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.littlelb.core.plan.PublishPolicy;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is ours in {@code spec.externalIPs}, and what is not, on any API server. */
interface ExternalIpsContract {
    @Test
    default void mergesItsExternalIpsWithThoseOfOthers(ClusterWorld world) throws Exception {
        world.start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        world.create(
                "web",
                service -> new ServiceBuilder(asks(service, "198.18.0.9"))
                        .editSpec()
                        .withExternalIPs("203.0.113.7")
                        .endSpec()
                        .build());
        awaitTrue(() -> world.externalIps("web").equals(List.of("203.0.113.7", "198.18.0.9")));
        assertThat(world.get("web").getMetadata().getAnnotations())
                .containsEntry("littlelb.io/external-ips", "198.18.0.9");

        world.loadBalancer.close();

        assertThat(world.externalIps("web")).containsExactly("203.0.113.7");
    }

    @Test
    default void anExternalIpThatOnlyAForgedAnnotationCallsOursStays(ClusterWorld world) throws Exception {
        world.start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        world.create(
                "web",
                service -> new ServiceBuilder(
                                annotated(asks(service, "198.18.0.9"), "littlelb.io/external-ips", "203.0.113.7"))
                        .editSpec()
                        .withExternalIPs("203.0.113.7")
                        .endSpec()
                        .build());

        awaitTrue(() -> world.externalIps("web").equals(List.of("203.0.113.7", "198.18.0.9")));
        world.loadBalancer.close();
        assertThat(world.externalIps("web")).containsExactly("203.0.113.7");
    }
}
