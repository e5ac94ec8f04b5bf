package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.KubernetesEndpointSource;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import io.littlelb.testkit.apiserver.Request;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** On our own API server, which fails when it is told to. */
class ClusterTest extends ClusterContract {
    private EmbeddedApiServer server;

    @Override
    protected TestCluster open(Path files) throws Exception {
        EmbeddedCluster opened = new EmbeddedCluster(files);
        server = opened.server();
        return opened;
    }

    @Test
    void aSettledClusterCostsNoWrite() throws Exception {
        start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");
        create("refused", service -> asks(service, "198.18.0.9"));
        awaitTrue(() -> !externalIps("web").isEmpty());
        awaitReason("refused", "littlelb.io/Allocated", "AddressInUse");
        awaitTrue(() -> !events("refused").isEmpty());
        long writes = writes();

        for (int i = 0; i < 20; i++) {
            node("node-" + (10 + i), Map.of(), "203.0.113." + (10 + i)); // each one a reason to look again
        }
        awaitReason("refused", "littlelb.io/Allocated", "AddressInUse");

        assertThat(writes() - writes).as("writes of ours, beside 20 nodes").isEqualTo(20);
    }

    @Test
    void externalIpsThatAreRefusedAreToldOnceAndTheStatusIsWritten() throws Exception {
        server.faults()
                .fail(
                        Integer.MAX_VALUE,
                        request -> request.method().equals("PATCH")
                                && request.body().contains("externalIPs"),
                        403,
                        "Forbidden",
                        "admission says no to externalIPs");
        start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        create("web", service -> asks(service, "198.18.0.9"));

        awaitIngress("web", "198.18.0.9");
        awaitTrue(
                () -> events("web").stream().anyMatch(event -> event.getReason().equals("ExternalIPsRefused")));
        assertThat(server.requests().stream()
                        .filter(request -> request.body().contains("externalIPs")
                                && request.method().equals("PATCH")))
                .hasSize(1);
    }

    @Test
    void externalIpsThatMetAConflictAreWrittenOnTheNextVersion() throws Exception {
        server.faults()
                .fail(
                        1,
                        request -> request.method().equals("PATCH")
                                && request.body().contains("externalIPs"),
                        409,
                        "Conflict",
                        "the object has been modified");
        start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        create("web", service -> asks(service, "198.18.0.9"));

        awaitTrue(() -> externalIps("web").equals(List.of("198.18.0.9")));
    }

    @Test
    void aFailedWriteIsTriedAgain() throws Exception {
        server.faults().fail(1, request -> request.path().endsWith("/status"), 403, "Forbidden", "not yet");
        start();
        create("web", service -> asks(service, "198.18.0.9"));

        awaitIngress("web", "198.18.0.9");
    }

    @Test
    void expiredAndBrokenWatchesChangeNothingAndNothingIsMissed() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        server.faults().expireWatches();
        create("second", service -> asks(service, "198.18.0.10"));
        awaitIngress("second", "198.18.0.10");
        server.faults().dropWatches();
        create("third", service -> asks(service, "198.18.0.11"));
        awaitIngress("third", "198.18.0.11");

        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
    }

    /** No real server serves such an object; but what it says is kept, said on it, and taken back at a stop all the same. */
    @Test
    void aServiceThatCannotBeReadAnyMoreIsServedAndAStopTakesItBack() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");
        create("other", service -> asks(service, "198.18.0.10"));
        awaitIngress("other", "198.18.0.10");

        String json = user.getKubernetesSerialization().asJson(get("web"));
        server.keep(
                "/api/v1/namespaces/default/services/web",
                json.replaceFirst("\"resourceVersion\":\"[0-9]+\",?", "")
                        .replace("\"port\":80,\"protocol\"", "\"port\":0,\"protocol\""));
        awaitTrue(
                () -> events("web").stream().anyMatch(event -> event.getReason().equals("Unreadable")));
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
        edit("other", service -> asks(service, "198.18.0.11"));
        awaitIngress("other", "198.18.0.11");

        loadBalancer.close();

        assertThat(ingress("web")).isEmpty();
        assertThat(addresses()).doesNotContain("198.18.0.9/");
    }

    @Test
    void nothingIsRemovedBeforeTheClusterIsKnown() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");
        network.ip("addr add 198.18.0.66/24 brd + dev veth0");
        String served = addresses();
        KubernetesEndpointSource blind = blind();

        assertThat(blind.snapshot()).isEmpty();

        server.faults().thaw();
        awaitTrue(() -> blind.snapshot().isPresent());
        assertThat(addresses()).isEqualTo(served);
    }

    /** A source whose lists are not answered. */
    private KubernetesEndpointSource blind() throws Exception {
        server.faults().freeze();
        return opened(KubernetesEndpointSource.open(
                cluster.littleLb(RIGHTS), ClusterScope.everything(ClusterScope.Mode.NODE_PORT)));
    }

    private long writes() {
        return server.requests().stream().filter(Request::isWrite).count();
    }
}
