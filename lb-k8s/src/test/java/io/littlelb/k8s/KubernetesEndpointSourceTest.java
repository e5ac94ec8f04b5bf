package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.k8s.ClusterScope.NodeAddressType;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KubernetesEndpointSourceTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");

    private EmbeddedApiServer server;
    private KubernetesClient user;
    private KubernetesEndpointSource source;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedApiServer.start();
        user = client();
    }

    @AfterEach
    void stop() {
        source.close();
        user.close();
        server.close();
    }

    @Test
    void knowsNothingBeforeEverythingIsListedAndThenKnowsThatThereIsNothing() throws IOException {
        server.faults().freeze();
        open(ClusterScope.everything(Mode.ENDPOINTS));
        assertThat(source.snapshot()).isEmpty();

        AtomicInteger told = new AtomicInteger();
        source.onChange(told::incrementAndGet);
        server.faults().thaw();

        await().until(() -> source.snapshot().isPresent());
        assertThat(source.snapshot().orElseThrow().services()).isEmpty();
        await().untilAtomic(told, count -> assertThat(count.intValue()).isPositive());
    }

    @Test
    void isTheSameObjectWhileNothingChangesAndSharesWhatHasNot() throws IOException {
        create("default", "web");
        open(ClusterScope.everything(Mode.NODE_PORT));
        ClusterSnapshot before = snapshotWith(1);
        assertThat(source.snapshot().orElseThrow()).isSameAs(before);

        create("default", "other");

        ClusterSnapshot after = snapshotWith(2);
        assertThat(after.services().get(WEB)).isSameAs(before.services().get(WEB));
        assertThat(after.backends().get(WEB)).isSameAs(before.backends().get(WEB));
    }

    @Test
    void followsOnlyTheNamespacesInScope() throws IOException {
        user.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("inside")
                        .endMetadata()
                        .build())
                .create();
        create("inside", "web");
        create("default", "web");
        open(new ClusterScope(
                Mode.ENDPOINTS,
                NodeSelector.ALL,
                NodeAddressType.InternalIP,
                Set.of("inside"),
                Optional.empty(),
                Optional.empty()));

        assertThat(snapshotWith(1).services()).containsOnlyKeys(new ServiceKey("inside", "web"));
    }

    @Test
    void keepsWhatItKnowsWhileTheServerIsAwayAndCatchesUpAfterwards() throws IOException {
        create("default", "web");
        open(ClusterScope.everything(Mode.NODE_PORT));
        snapshotWith(1);

        server.goAway();
        assertThat(source.snapshot().orElseThrow().services()).containsOnlyKeys(WEB);
        server.comeBack();
        create("default", "other");

        snapshotWith(2);
    }

    @Test
    void aServerErrorDelaysTheFirstListAndNoMore() throws IOException {
        create("default", "web");
        server.faults().fail(5, request -> !request.isWrite(), 500, "InternalError", "on demand");

        open(ClusterScope.everything(Mode.NODE_PORT));

        snapshotWith(1);
    }

    @Test
    void seesThatAServiceIsAnotherOneOfTheSameName() throws IOException {
        create("default", "web");
        open(ClusterScope.everything(Mode.NODE_PORT));
        String uid = snapshotWith(1).services().get(WEB).uid();

        user.services().inNamespace("default").withName("web").delete();
        create("default", "web");

        await().until(() -> Optional.ofNullable(
                        source.snapshot().orElseThrow().services().get(WEB))
                .filter(service -> !service.uid().equals(uid))
                .isPresent());
    }

    @Test
    void withTrafficPolicyLocalOnlyNodesWithAPodAreDialled() throws IOException {
        HttpServer withPod = HttpServer.create(new InetSocketAddress(Fixtures.ip("127.0.0.1"), 0), 0);
        withPod.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        withPod.start();
        user.resource(Fixtures.node("with", true, Map.of(), "127.0.0.1")).create();
        user.resource(Fixtures.node("without", true, Map.of(), "127.0.0.2")).create();
        user.resource(Fixtures.web()
                        .editMetadata()
                        .withUid(null)
                        .withResourceVersion(null)
                        .endMetadata()
                        .editSpec()
                        .withExternalTrafficPolicy("Local")
                        .withHealthCheckNodePort(withPod.getAddress().getPort())
                        .endSpec()
                        .build())
                .create();
        open(ClusterScope.everything(Mode.NODE_PORT));

        await().until(() -> source.snapshot().stream()
                .flatMap(snapshot -> snapshot.backends().getOrDefault(WEB, Map.of()).values().stream())
                .anyMatch(backends -> backends.ipv4().toString().equals("[127.0.0.1]:30080")));
        withPod.stop(0);
    }

    /** As the endpoint slice controller says of a Service whose selector matches no pod. */
    @Test
    void aServiceWithoutPodsCostsNobodyAnything() throws IOException {
        create("default", "empty");
        create("default", "web");
        apply(new EndpointSliceBuilder(slice("web-1", "web", "10.0.0.1"))
                .editFirstPort()
                .withName("")
                .endPort()
                .build());
        server.keep("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/empty-1", """
                {"kind":"EndpointSlice","apiVersion":"discovery.k8s.io/v1","addressType":"IPv4","endpoints":null,"ports":null,
                 "metadata":{"name":"empty-1","namespace":"default","labels":{"kubernetes.io/service-name":"empty"}}}""");
        open(ClusterScope.everything(Mode.ENDPOINTS));

        ClusterSnapshot cluster = snapshotWith(2);

        assertThat(cluster.backends().get(WEB).values())
                .singleElement()
                .satisfies(backends -> assertThat(backends.ipv4().isEmpty()).isFalse());
        assertThat(cluster.backends().get(new ServiceKey("default", "empty")).values())
                .singleElement()
                .satisfies(backends ->
                        assertThat(backends.problem().orElseThrow().reason()).isEqualTo(Reason.NoBackends));
    }

    /** The API server takes such a status from anybody who may write one. */
    @Test
    void aStatusThatCannotBeReadIsNotARequestForNothing() throws IOException {
        create("default", "web");
        open(ClusterScope.everything(Mode.NODE_PORT));
        snapshotWith(1);

        user.services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"198.18.0.9\",\"ports\":[{\"port\":0,\"protocol\":\"foo\"}]}]}}}");

        await().until(() -> !source.snapshot().orElseThrow().published().isEmpty());
        ClusterSnapshot cluster = source.snapshot().orElseThrow();
        assertThat(cluster.services()).containsOnlyKeys(WEB);
        assertThat(cluster.published().get(WEB).isComplete())
                .as("whatever is wished for, it is not what stands there")
                .isFalse();
    }

    /** All of these are characters that JSON may have, and YAML may not. */
    @Test
    void anyCharacterMayStandInAnAnnotationAndNoWatchBreaks() throws IOException {
        create("default", "web");
        open(ClusterScope.everything(Mode.NODE_PORT));
        snapshotWith(1);
        long reads = reads();

        for (int i = 0; i < 20; i++) {
            String number = Integer.toString(i);
            String odd = "\u007f\u0080\u0085\u009f\u20ac\ufffe\u0000\u00fc".repeat(1 + 200 * i);
            user.services()
                    .inNamespace("default")
                    .withName("web")
                    .edit(service -> new ServiceBuilder(service)
                            .editMetadata()
                            .addToAnnotations("example.com/odd", odd)
                            .addToAnnotations("example.com/number", number)
                            .endMetadata()
                            .build());
            await().until(() -> source.service(WEB)
                    .filter(service -> number.equals(
                            Given.metadata(service).getAnnotations().get("example.com/number")))
                    .isPresent());
        }

        assertThat(reads()).isEqualTo(reads);
    }

    /** Lists, and beginnings of watches, of all Services. */
    private long reads() {
        return server.requests().stream()
                .filter(request ->
                        request.method().equals("GET") && request.path().equals("/api/v1/services"))
                .count();
    }

    /** It reads again only what has changed; whoever starts anew reads everything. */
    @ParameterizedTest
    @EnumSource
    void afterManyChangesItKnowsWhatAFreshOneSees(Mode mode) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        open(ClusterScope.everything(mode));
        for (int i = 0; i < 150; i++) {
            change(random);
            if (random.nextInt(4) == 0) {
                source.snapshot();
            }
        }
        apply(service(0, "LoadBalancer", 80));
        apply(slice("e0", "s0", "10.0.0.1"));
        apply(Fixtures.node("n0", true, Map.of(), "198.18.0.20"));
        try (KubernetesEndpointSource fresh = KubernetesEndpointSource.open(client(), ClusterScope.everything(mode))) {
            await().atMost(Duration.ofMinutes(1)).until(() -> fresh.snapshot().isPresent());
            await().alias("seed " + seed)
                    .atMost(Duration.ofMinutes(1))
                    .untilAsserted(() -> assertThat(source.snapshot()).isEqualTo(fresh.snapshot()));
            ClusterSnapshot cluster = source.snapshot().orElseThrow();
            assertThat(cluster.backends().get(new ServiceKey("default", "s0")).values())
                    .as("seed " + seed)
                    .allMatch(backends -> !backends.ipv4().isEmpty());
        }
    }

    /** Somebody creates, changes or deletes one of a few objects, or the watches of all of them end. */
    private void change(Random random) {
        int number = random.nextInt(4);
        switch (random.nextInt(10)) {
            case 0 ->
                user.services().inNamespace("default").withName("s" + number).delete();
            case 1, 2, 3 ->
                apply(service(number, random.nextInt(4) == 0 ? "ClusterIP" : "LoadBalancer", 80 + random.nextInt(3)));
            case 4 -> user.nodes().withName("n" + number).delete();
            case 5 -> apply(Fixtures.node("n" + number, random.nextBoolean(), Map.of(), "198.18.0.2" + number));
            case 6 ->
                user.discovery()
                        .v1()
                        .endpointSlices()
                        .inNamespace("default")
                        .withName("e" + number)
                        .delete();
            case 7, 8 -> apply(slice("e" + number, "s" + random.nextInt(4), "10.0.0." + random.nextInt(9)));
            default -> {
                if (number == 0) {
                    server.faults().dropWatches();
                }
            }
        }
    }

    private static Service service(int number, String type, int port) {
        return Fixtures.web()
                .editMetadata()
                .withName("s" + number)
                .withUid(null)
                .withResourceVersion(null)
                .withCreationTimestamp(null)
                .endMetadata()
                .editSpec()
                .withType(type)
                .editFirstPort()
                .withNodePort(30_000 + number)
                .withPort(port)
                .endPort()
                .endSpec()
                .build();
    }

    private static EndpointSlice slice(String name, String service, String ip) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .addToLabels("kubernetes.io/service-name", service)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(8080)
                .endPort()
                .addNewEndpoint()
                .withAddresses(ip)
                .endEndpoint()
                .build();
    }

    private void apply(HasMetadata object) {
        user.resource(object).forceConflicts().serverSideApply();
    }

    private ClusterSnapshot snapshotWith(int services) {
        return await().atMost(Duration.ofSeconds(20))
                .until(
                        () -> source.snapshot().orElse(ClusterSnapshot.EMPTY),
                        snapshot -> snapshot.services().size() == services);
    }

    private void create(String namespace, String name) {
        user.resource(Fixtures.loadBalancer(namespace, name)).create();
    }

    private void open(ClusterScope scope) throws IOException {
        source = KubernetesEndpointSource.open(client(), scope);
    }

    private KubernetesClient client() throws IOException {
        return ClusterAccess.open(Optional.of(Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig())));
    }
}
