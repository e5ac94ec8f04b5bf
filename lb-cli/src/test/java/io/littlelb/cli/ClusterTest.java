package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.RIGHTS;
import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static io.littlelb.cli.ClusterWorld.publishing;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.KubernetesEndpointSource;
import io.littlelb.testkit.apiserver.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** On our own API server, which fails when it is told to. */
class ClusterTest implements ClusterContract {
    @RegisterExtension
    final ClusterExtension worlds = new ClusterExtension(this::open);

    private EmbeddedCluster cluster;

    private TestCluster open(Path files) throws IOException {
        cluster = new EmbeddedCluster(files);
        return cluster;
    }

    @Test
    void aSettledClusterCostsNoWrite(ClusterWorld world) throws Exception {
        world.start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");
        world.create("refused", service -> asks(service, "198.18.0.9"));
        awaitTrue(() -> !world.externalIps("web").isEmpty());
        world.awaitReason("refused", "littlelb.io/Allocated", "AddressInUse");
        awaitTrue(() -> !world.events("refused").isEmpty());
        long writes = writes();

        for (int i = 0; i < 20; i++) {
            world.node("node-" + (10 + i), Map.of(), "203.0.113." + (10 + i)); // each one a reason to look again
        }
        world.awaitReason("refused", "littlelb.io/Allocated", "AddressInUse");

        assertThat(writes() - writes).as("writes of ours, beside 20 nodes").isEqualTo(20);
    }

    @Test
    void externalIpsThatAreRefusedAreToldOnceAndTheStatusIsWritten(ClusterWorld world) throws Exception {
        cluster.server()
                .faults()
                .fail(
                        Integer.MAX_VALUE,
                        request -> request.method().equals("PATCH")
                                && request.body().contains("externalIPs"),
                        403,
                        "Forbidden",
                        "admission says no to externalIPs");
        world.start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        world.create("web", service -> asks(service, "198.18.0.9"));

        world.awaitIngress("web", "198.18.0.9");
        awaitTrue(() ->
                world.events("web").stream().anyMatch(event -> event.getReason().equals("ExternalIPsRefused")));
        assertThat(cluster.server().requests().stream()
                        .filter(request -> request.body().contains("externalIPs")
                                && request.method().equals("PATCH")))
                .hasSize(1);
    }

    @Test
    void externalIpsThatMetAConflictAreWrittenOnTheNextVersion(ClusterWorld world) throws Exception {
        cluster.server()
                .faults()
                .fail(
                        1,
                        request -> request.method().equals("PATCH")
                                && request.body().contains("externalIPs"),
                        409,
                        "Conflict",
                        "the object has been modified");
        world.start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        world.create("web", service -> asks(service, "198.18.0.9"));

        awaitTrue(() -> world.externalIps("web").equals(List.of("198.18.0.9")));
    }

    @Test
    void aFailedWriteIsTriedAgain(ClusterWorld world) throws Exception {
        cluster.server().faults().fail(1, request -> request.path().endsWith("/status"), 403, "Forbidden", "not yet");
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));

        world.awaitIngress("web", "198.18.0.9");
    }

    @Test
    void expiredAndBrokenWatchesChangeNothingAndNothingIsMissed(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        cluster.server().faults().expireWatches();
        world.create("second", service -> asks(service, "198.18.0.10"));
        world.awaitIngress("second", "198.18.0.10");
        cluster.server().faults().dropWatches();
        world.create("third", service -> asks(service, "198.18.0.11"));
        world.awaitIngress("third", "198.18.0.11");

        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
    }

    /** No real server serves such an object; but what it says is kept, said on it, and taken back at a stop all the same. */
    @Test
    void aServiceThatCannotBeReadAnyMoreIsServedAndAStopTakesItBack(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");
        world.create("other", service -> asks(service, "198.18.0.10"));
        world.awaitIngress("other", "198.18.0.10");

        String json = world.user.getKubernetesSerialization().asJson(world.get("web"));
        cluster.server()
                .keep(
                        "/api/v1/namespaces/default/services/web",
                        json.replaceFirst("\"resourceVersion\":\"[0-9]+\",?", "")
                                .replace("\"port\":80,\"protocol\"", "\"port\":0,\"protocol\""));
        awaitTrue(() ->
                world.events("web").stream().anyMatch(event -> event.getReason().equals("Unreadable")));
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
        world.edit("other", service -> asks(service, "198.18.0.11"));
        world.awaitIngress("other", "198.18.0.11");

        world.loadBalancer.close();

        assertThat(world.ingress("web")).isEmpty();
        assertThat(world.addresses()).doesNotContain("198.18.0.9/");
    }

    @Test
    void nothingIsRemovedBeforeTheClusterIsKnown(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");
        world.network.ip("addr add 198.18.0.66/24 brd + dev veth0");
        String served = world.addresses();
        KubernetesEndpointSource blind = blind(world);

        assertThat(blind.snapshot()).isEmpty();

        cluster.server().faults().thaw();
        awaitTrue(() -> blind.snapshot().isPresent());
        assertThat(world.addresses()).isEqualTo(served);
    }

    /** A source whose lists are not answered. */
    private KubernetesEndpointSource blind(ClusterWorld world) throws Exception {
        cluster.server().faults().freeze();
        return world.opened(KubernetesEndpointSource.open(
                world.cluster.littleLb(RIGHTS), ClusterScope.everything(ClusterScope.Mode.NODE_PORT)));
    }

    private long writes() {
        return cluster.server().requests().stream().filter(Request::isWrite).count();
    }
}
