package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServiceEventsTest {
    @TempDir
    private Path directory;

    /** With the rights of {@code deploy/} and no others: Events may be made and patched, but not read. */
    @Test
    void theSameSaidAgainIsCountedAndNotWrittenAnew() throws Exception {
        try (EmbeddedApiServer server = EmbeddedApiServer.start()) {
            server.grant("littlelb", Files.readString(Path.of("../deploy/rbac.yaml")), "");
            try (KubernetesClient user = open(server.kubeconfig(), "user");
                    KubernetesClient account = open(server.kubeconfig("littlelb"), "account")) {
                Service web =
                        user.resource(Fixtures.loadBalancer("default", "web")).create();
                ServiceEvents events = new ServiceEvents(account, "host", () -> Instant.ofEpochSecond(1));

                events.warning(web, "AddressInUse", "held by another");

                await().untilAsserted(
                                () -> { // at most ten a second are told
                                    events.warning(web, "AddressInUse", "held by another");
                                    assertThat(user.events()
                                                    .v1()
                                                    .events()
                                                    .inNamespace("default")
                                                    .list()
                                                    .getItems())
                                            .singleElement()
                                            .satisfies(event -> assertThat(
                                                            event.getSeries().getCount())
                                                    .isGreaterThan(1));
                                });
            }
        }
    }

    private KubernetesClient open(String kubeconfig, String name) throws Exception {
        return ClusterAccess.open(Optional.of(Files.writeString(directory.resolve(name), kubeconfig)));
    }
}
