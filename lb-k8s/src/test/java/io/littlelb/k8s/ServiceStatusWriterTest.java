package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import io.littlelb.testkit.apiserver.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceStatusWriterTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final String PATH = "/api/v1/namespaces/default/services/web";
    private static final InetAddress ADDRESS = InetAddresses.forString("198.18.0.9");

    private WriterWorld world;
    private EmbeddedApiServer server;
    private KubernetesClient user;
    private KubernetesEndpointSource source;
    private ServiceStatusWriter writer;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws IOException {
        world = WriterWorld.start(directory, WEB);
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
    void mergesExternalIpsIntoTheServiceAsItIsAndNotAsItWasLastSeen() {
        server.faults().silenceWatches();
        user.services()
                .inNamespace(WEB.namespace())
                .withName(WEB.name())
                .edit(service -> new ServiceBuilder(service)
                        .editSpec()
                        .withExternalIPs("203.0.113.7")
                        .endSpec()
                        .build());

        writer.write(WEB, live().getMetadata().getUid(), told(ADDRESS));

        await().until(() -> live().getSpec().getExternalIPs().equals(List.of("203.0.113.7", "198.18.0.9")));
    }

    @Test
    void writesExternalIpsOnTheNextVersionAfterAConflict() {
        server.faults().fail(1, ServiceStatusWriterTest::isAboutExternalIps, 409, "Conflict", "it has been modified");

        writer.write(WEB, live().getMetadata().getUid(), told(ADDRESS));
        await().until(() -> seen().getMetadata().getAnnotations().containsKey(Annotations.ALLOCATED));
        assertThat(live().getSpec().getExternalIPs()).isEmpty();
        writer.write(
                WEB, live().getMetadata().getUid(), told(ADDRESS)); // as the next pass does, which sees that they lack

        await().until(() -> live().getSpec().getExternalIPs().equals(List.of("198.18.0.9")));
    }

    @Test
    void saysNothingOnAServiceThatOnlyHasTheNameOfTheOneMeant() {
        writer.write(WEB, "the uid of another", told(ADDRESS));
        writer.write(WEB, live().getMetadata().getUid(), ServiceStatus.NONE);

        await().until(() -> server.requests().stream().anyMatch(ServiceStatusWriterTest::isAboutStatus));
        assertThat(server.requests())
                .filteredOn(ServiceStatusWriterTest::isAboutStatus)
                .hasSize(1);
        assertThat(live().getMetadata().getAnnotations()).doesNotContainKey(Annotations.ALLOCATED);
    }

    @Test
    void doesNotSayLateWhatIsNotSoAnyMore() {
        user.resource(Fixtures.loadBalancer("default", "other")).create();
        ServiceKey other = new ServiceKey("default", "other");
        await().until(() -> source.service(other).isPresent());
        server.faults().fail(2, ServiceStatusWriterTest::isAboutStatus, 403, "Forbidden", "on demand");
        String uid = live().getMetadata().getUid();
        writer.write(WEB, uid, told(ADDRESS));
        await().until(() -> server.requests().stream().anyMatch(ServiceStatusWriterTest::isAboutStatus));

        writer.forget(WEB, uid);
        writer.write(other, source.service(other).orElseThrow().getMetadata().getUid(), told(ADDRESS));

        await().until(() -> source.service(other) // whose second attempt is due later than that of the first
                .filter(service -> service.getMetadata().getAnnotations().containsKey(Annotations.ALLOCATED))
                .isPresent());
        assertThat(live().getMetadata().getAnnotations()).doesNotContainKey(Annotations.ALLOCATED);
    }

    @Test
    void saysOnAServiceThatItCannotBeReadAndThatItCanAgain() {
        source.snapshot();
        Service good = live();
        server.keep(PATH, json(good).replace("\"LoadBalancer\"", "[]"));
        awaitEvent("Unreadable", "Warning", "spec");

        server.keep(PATH, json(good));
        awaitEvent("Readable", "Normal", "can be read again");
    }

    private void awaitEvent(String reason, String type, String note) {
        await().until(() -> source.snapshot().isPresent()
                && user.events().v1().events().inNamespace(WEB.namespace()).list().getItems().stream()
                        .anyMatch(event -> event.getReason().equals(reason)
                                && event.getType().equals(type)
                                && event.getNote().contains(note)));
    }

    /** What it may find in the cache: an object of another version of the server, or one that a webhook has had in its hands. */
    @Test
    void writesOnAServiceOfWhichMostIsNull() {
        server.keep(PATH, """
                {"kind": "Service", "apiVersion": "v1",
                 "metadata": {"name": "web", "namespace": "default", "uid": "uid-1", "annotations": null, "labels": null, "managedFields": null},
                 "spec": {"type": "LoadBalancer", "ports": [{"port": 80}], "externalIPs": null},
                 "status": {"loadBalancer": null, "conditions": null}}""");
        await().until(() -> Given.uid(seen()).equals("uid-1"));

        writer.write(WEB, "uid-1", told(ADDRESS));

        await().until(() -> List.of("198.18.0.9").equals(live().getSpec().getExternalIPs()));
        assertThat(live().getMetadata().getAnnotations()).containsEntry(Annotations.ALLOCATED, "198.18.0.9");
    }

    private String json(Service service) {
        return user.getKubernetesSerialization()
                .asJson(new ServiceBuilder(service)
                        .editMetadata()
                        .withResourceVersion(null)
                        .endMetadata()
                        .build());
    }

    @Test
    void writesOnSeveralServicesAtATimeAndOnEachInOrder() {
        List<ServiceKey> keys = IntStream.range(0, 20)
                .mapToObj(number -> new ServiceKey("default", "web-" + number))
                .toList();
        keys.forEach(key -> user.resource(Fixtures.loadBalancer(key.namespace(), key.name()))
                .create());
        await().until(() -> keys.stream().allMatch(key -> source.service(key).isPresent()));
        server.faults().freeze();
        keys.forEach(key -> writer.write(key, uid(key), allocated("198.18.0.8")));
        await().until(() -> statusWrites().size() == 8);
        keys.forEach(key -> writer.write(key, uid(key), allocated("198.18.0.9")));
        assertThat(statusWrites())
                .as("no Service is written on twice at a time")
                .doesNotHaveDuplicates();
        server.faults().thaw();

        await().until(() -> keys.stream()
                .allMatch(key -> "198.18.0.9"
                        .equals(Annotations.get(
                                user.services()
                                        .inNamespace(key.namespace())
                                        .withName(key.name())
                                        .require(),
                                Annotations.ALLOCATED))));
    }

    private List<String> statusWrites() {
        return server.requests().stream()
                .filter(ServiceStatusWriterTest::isAboutStatus)
                .map(Request::path)
                .toList();
    }

    private String uid(ServiceKey key) {
        return Given.uid(source.service(key).orElseThrow());
    }

    private static ServiceStatus allocated(String ip) {
        return new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(InetAddresses.forString(ip))), List.of());
    }

    private static ServiceStatus told(InetAddress ip) {
        return new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ip)), List.of(ip));
    }

    private static boolean isAboutExternalIps(Request request) {
        return request.isWrite() && request.body().contains("externalIPs");
    }

    private static boolean isAboutStatus(Request request) {
        return request.isWrite() && request.path().endsWith("/status");
    }

    private Service live() {
        return user.services().inNamespace(WEB.namespace()).withName(WEB.name()).require();
    }

    private Service seen() {
        return source.service(WEB).orElseThrow();
    }
}
