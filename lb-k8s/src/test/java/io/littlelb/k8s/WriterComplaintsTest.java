package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.ServiceResource;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.model.ServiceStatus.Ingress;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import io.littlelb.testkit.apiserver.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the writer of statuses answers who asks why something does not stand on a Service: what the Event on it says, for as long as it is so. */
class WriterComplaintsTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ServiceKey OTHER = new ServiceKey("default", "other");
    private static final InetAddress ADDRESS = InetAddresses.forString("198.18.0.9");
    private static final ServiceStatus HELD =
            new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ADDRESS)), List.of());
    private static final ServiceStatus SHOWN = new ServiceStatus(
            List.of(new Ingress(ADDRESS, List.of(new Ingress.Port(80, Protocol.TCP, Optional.empty())))),
            List.of(),
            List.of(Held.exclusive(ADDRESS)),
            List.of());
    private static final ServiceStatus EXTERNAL =
            new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ADDRESS)), List.of(ADDRESS));

    private WriterWorld world;
    private EmbeddedApiServer server;
    private KubernetesClient user;
    private KubernetesEndpointSource source;
    private ServiceStatusWriter writer;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws IOException {
        world = WriterWorld.start(directory, WEB, OTHER);
        server = world.server();
        user = world.user();
        source = world.source();
        writer = world.writer();
    }

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void aStatusThatIsSomebodyElsesIsComplainedOfUntilItIsOurs() {
        live(WEB)
                .subresource("status")
                .patch("{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.113.7\"}]}}}");

        awaitComplaint(WEB, SHOWN, Reason.StatusConflict);
        assertThat(complaint(OTHER)).isEmpty();

        live(WEB).subresource("status").patch("{\"status\":{\"loadBalancer\":null}}");
        awaitNone(WEB, SHOWN);
    }

    @Test
    void soIsAnAnnotation() {
        live(WEB)
                .edit(service -> new ServiceBuilder(service)
                        .editMetadata()
                        .addToAnnotations(Annotations.ALLOCATED, "203.0.113.7")
                        .endMetadata()
                        .build());

        awaitComplaint(WEB, HELD, Reason.StatusConflict);
        assertThat(complaint(WEB).orElseThrow().detail()).contains(Annotations.ALLOCATED);

        live(WEB)
                .edit(service -> new ServiceBuilder(service)
                        .editMetadata()
                        .removeFromAnnotations(Annotations.ALLOCATED)
                        .endMetadata()
                        .build());
        awaitNone(WEB, HELD);
    }

    @Test
    void externalIpsThatAreRefusedAreMissedOnOtherServicesTooAndNotWhereNoneAreToBe() {
        server.faults()
                .fail(
                        Integer.MAX_VALUE,
                        WriterComplaintsTest::isAboutExternalIps,
                        403,
                        "Forbidden",
                        "admission says no to externalIPs");

        awaitComplaint(WEB, EXTERNAL, Reason.ExternalIPsRefused);
        wish(OTHER, EXTERNAL);
        await().until(() -> complaint(OTHER).isPresent());

        assertThat(complaint(OTHER))
                .contains(new Problem(
                        Reason.ExternalIPsRefused,
                        "not tried, for the API server refuses spec.externalIPs: admission says no to externalIPs"));
        assertThat(server.requests())
                .filteredOn(WriterComplaintsTest::isAboutExternalIps)
                .hasSize(1);
        awaitNone(WEB, HELD);
        awaitNone(OTHER, HELD);
    }

    private static boolean isAboutExternalIps(Request request) {
        return request.method().equals("PATCH") && request.body().contains("externalIPs");
    }

    /** It has the reason and the words of an Event on the Service. */
    private void awaitComplaint(ServiceKey key, ServiceStatus status, Reason reason) {
        await().untilAsserted(() -> {
            wish(key, status);
            assertThat(complaint(key).map(Problem::reason)).contains(reason);
            assertThat(user.events()
                            .v1()
                            .events()
                            .inNamespace(key.namespace())
                            .list()
                            .getItems())
                    .anyMatch(event -> event.getRegarding().getName().equals(key.name())
                            && event.getReason().equals(reason.name())
                            && event.getNote()
                                    .equals(complaint(key).orElseThrow().detail()));
        });
    }

    private void awaitNone(ServiceKey key, ServiceStatus status) {
        await().until(() -> {
            wish(key, status);
            return complaint(key).isEmpty();
        });
    }

    /** As each pass does for as long as it does not stand there. */
    private void wish(ServiceKey key, ServiceStatus status) {
        writer.write(key, uid(key), status);
    }

    private Optional<Problem> complaint(ServiceKey key) {
        return writer.complaint(key, uid(key));
    }

    private String uid(ServiceKey key) {
        return Given.uid(source.service(key).orElseThrow());
    }

    private ServiceResource<Service> live(ServiceKey key) {
        return user.services().inNamespace(key.namespace()).withName(key.name());
    }
}
