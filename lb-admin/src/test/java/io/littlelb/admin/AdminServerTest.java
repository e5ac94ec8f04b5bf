package io.littlelb.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.littlelb.admin.view.AddressesView;
import io.littlelb.admin.view.ExplanationView;
import io.littlelb.admin.view.Json;
import io.littlelb.admin.view.OrderView;
import io.littlelb.admin.view.ServicesView;
import io.littlelb.admin.view.StatusView;
import io.littlelb.admin.view.ViewSchema;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.loop.PassLog;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.news.EndedConnections;
import io.littlelb.core.news.Journal;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.memory.InMemoryForwarder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class AdminServerTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final InetAddress IP = Addresses.parse("198.18.0.9").orElseThrow();

    @TempDir
    private Path directory;

    private final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryAddressManager addresses = new InMemoryAddressManager(new Link(
            "br0", 7, Link.State.UP, List.of(Cidr.parse("198.18.0.1/24").orElseThrow()), Set.of()));
    private final InMemoryForwarder forwarder = new InMemoryForwarder();
    private final Tallies tallies = new Tallies();
    private final Journal journal = new Journal();
    private final EndedConnections ended = new EndedConnections();
    private final HttpClient http = HttpClient.newHttpClient();
    private LoadBalancer loadBalancer;
    private AdminServer server;
    private Path socket;

    /** Whatever a program can do beside its load balancer. */
    private static final class Program implements Controls {
        private String level = "info";

        @Override
        public List<Manifest> read(String text) {
            if (!text.contains("kind: Service")) {
                throw new IllegalArgumentException("this is no Service");
            }
            return List.of(
                    new Manifest(WEB, Optional.empty(), "it is of type ClusterIP"),
                    new Manifest(
                            new ServiceKey("default", "new"),
                            Optional.of(ServiceSpec.named("default/new")
                                    .address("198.18.0.9")
                                    .tcp(443)
                                    .build()
                                    .spec()),
                            ""));
        }

        @Override
        public OrderView reload() {
            return new OrderView(true, "read again");
        }

        @Override
        public String logLevel() {
            return level;
        }

        @Override
        public void logLevel(String now) {
            if (now.equals("loud")) {
                throw new IllegalArgumentException("\"loud\" is none of error, warn, info, debug");
            }
            level = now;
        }
    }

    @BeforeEach
    void open() {
        socket = directory.resolve("lb.sock");
        loadBalancer = LoadBalancer.builder(cluster, addresses, forwarder)
                .statuses(cluster)
                .listener(new PassLog(journal).andThen(tallies))
                .drainTimeout(Duration.ofMillis(100))
                .build();
        Instance instance = new Instance(
                "0.1 (abc)",
                "file",
                loadBalancer,
                cluster,
                addresses,
                forwarder,
                tallies,
                journal,
                ended,
                new Program());
        server = AdminServer.open(
                instance,
                Optional.of(socket),
                Optional.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                ErrorHandler.LOG);
        await().until(() -> server.address().isPresent() && Files.exists(socket));
    }

    @AfterEach
    void close() {
        loadBalancer.close();
        server.close();
    }

    private void serve() {
        loadBalancer.start();
        cluster.put(
                ServiceSpec.named("default/web")
                        .address("198.18.0.9")
                        .tcp(80)
                        .build()
                        .spec(),
                PortBackends.ofBoth(new Backends.Listed(
                        List.of(Backend.parse("198.18.0.21:8080").orElseThrow()))));
        await().until(addresses::isPending);
        addresses.settle();
        cluster.put(
                ServiceSpec.named("default/mail")
                        .address("198.18.0.9")
                        .createdAt(Instant.now())
                        .tcp(25)
                        .build()
                        .spec(),
                PortBackends.NONE);
        await().until(() ->
                loadBalancer.explain(WEB).filter(known -> known.isServed()).isPresent());
        await().until(() -> get("/v1/services", ServicesView.class).services().size() == 2);
        ended.accept(new EndedConnection(
                Instant.now(),
                "0-1",
                new InetSocketAddress(Addresses.parse("198.18.0.90").orElseThrow(), 4000),
                new Frontend(IP, 80, Protocol.TCP),
                WEB,
                Backend.parse("198.18.0.21:8080"),
                1,
                Duration.ofSeconds(3),
                10,
                20,
                Ending.BACKEND_RESET,
                "after 20 bytes"));
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/status, StatusView",
        "/v1/services, ServicesView",
        "/v1/services?service=default/web, ServicesView",
        "/v1/addresses, AddressesView",
        "/v1/backends, BackendsView",
        "/v1/connections, ConnectionsView",
        "/v1/connections/ended, EndedView",
        "/v1/explain/default/web, ExplanationView",
        "/v1/explain/default/mail, ExplanationView",
        "/v1/explain/no/such, ExplanationView",
        "/v1/events, EventsView",
        "/v1/log-level, OrderView",
        "/v1/connections?sort=loud, ErrorView",
        "/v1/nothing, ErrorView"
    })
    void everyAnswerIsAsTheSchemaHasIt(String path, String view) throws IOException {
        serve();

        String answer = ask("GET", path, "");

        assertThat(violations(answer.substring(answer.indexOf("\r\n\r\n") + 4), view))
                .isEmpty();
        assertThat(violations("{\"error\": 1}", view)).isNotEmpty();
    }

    private static List<String> violations(String json, String view) {
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemas(uri -> uri.equals("https://littlelb.io/v1") ? ViewSchema.text() : null));
        Schema schema = registry.getSchema(SchemaLocation.of("https://littlelb.io/v1#/$defs/" + view));
        return schema.validate(json, InputFormat.JSON).stream()
                .map(Object::toString)
                .toList();
    }

    @Test
    void tellsOfTheInstanceAndItsServices() throws IOException {
        serve();

        StatusView status = get("/v1/status", StatusView.class);
        assertThat(status.state()).isEqualTo(StatusView.State.degraded);
        assertThat(status.problems()).containsExactly("1 of 2 Services is not served as asked");
        assertThat(status.services()).isEqualTo(new StatusView.OfServices(2, 1, 0));
        assertThat(status.complaints())
                .anyMatch(each -> each.service().equals("default/mail")
                        && each.reason().equals("AddressInUse")
                        && each.message().contains("default/web"));
        assertThat(status.process().pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(status.process().descriptors()).isPositive();
        assertThat(status.process().resident()).isGreaterThan(10_000_000);
        assertThat(status.link().ours()).isEqualTo(1);

        ServicesView services = get("/v1/services", ServicesView.class);
        assertThat(services.services())
                .extracting(each -> each.service())
                .containsExactly("default/mail", "default/web");
        assertThat(services.services().get(1).served()).isTrue();
        assertThat(services.services().get(1).ports())
                .singleElement()
                .matches(port -> port.state().equals("open") && port.frontend().equals(Optional.of("198.18.0.9:80")));

        AddressesView all = get("/v1/addresses", AddressesView.class);
        assertThat(all.addresses())
                .anyMatch(each -> each.ip().equals("198.18.0.9")
                        && each.owner().equals("ours")
                        && each.holders().equals(List.of("default/web")))
                .anyMatch(each -> each.ip().equals("198.18.0.1") && each.owner().equals("host"));
        assertThat(ask("GET", "/v1/connections/ended?ending=backend_reset&client=198.18.0.0/24&since=60", ""))
                .contains("after 20 bytes");
        assertThat(ask("GET", "/v1/connections/ended?ending=client_closed", "")).contains("\"ended\":[]");
        assertThat(ask("GET", "/v1/connections/ended?since=99999999999999999", ""))
                .contains("after 20 bytes");
        assertThat(ask("GET", "/v1/events?service=default/mail", ""))
                .contains("AddressInUse")
                .doesNotContain("default/web: ");
    }

    @Test
    void takesOrders() throws IOException {
        serve();

        assertThat(ask("POST", "/v1/drain/default/web", "")).contains("\"done\":true");
        await().until(() -> get("/v1/explain/default/web", ExplanationView.class)
                .problem()
                .filter(problem -> problem.reason().equals("Drained"))
                .isPresent());
        assertThat(ask("POST", "/v1/drain/default/web", "")).contains("\"done\":false");
        assertThat(ask("POST", "/v1/undrain/default/web", "")).contains("\"done\":true");
        await().until(() ->
                get("/v1/explain/default/web", ExplanationView.class).served());
        assertThat(ask("POST", "/v1/drain/default/wbe", "")).contains(" 404 ").contains("no Service default/wbe");
        assertThat(ask("POST", "/v1/undrain/default/wbe", "")).contains(" 404 ");
        assertThat(loadBalancer.orders().drained()).isEmpty();
        assertThat(ask("POST", "/v1/disconnect?client=198.18.0.90", "")).contains("0 connections");
        assertThat(ask("POST", "/v1/log-level?level=debug", "")).contains("debug");
        assertThat(ask("GET", "/v1/log-level", "")).contains("debug");
        assertThat(ask("POST", "/v1/reload", "")).contains("read again");
        assertThat(ask("POST", "/v1/explain", "kind: Service"))
                .contains("it is of type ClusterIP")
                .contains("\"service\":\"default/new\"")
                .contains("AddressInUse");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/services?service=web",
                "GET /v1/services?service=a/b/c",
                "GET /v1/connections?limit=-1",
                "GET /v1/connections?client=localhost",
                "GET /v1/connections?backend=198.18.0.1:99999",
                "GET /v1/connections/ended?ending=loud",
                "GET /v1/events?after=x",
                "POST /v1/disconnect",
                "POST /v1/disconnect?client=evil",
                "POST /v1/disconnect?service=default/web&clinet=198.18.0.90",
                "POST /v1/log-level",
                "POST /v1/log-level?level=loud",
                "POST /v1/explain"
            })
    void aWrongQuestionIsToldWhatIsWrongAndChangesNothing(String question) throws IOException {
        serve();

        String answer =
                ask(question.substring(0, question.indexOf(' ')), question.substring(question.indexOf(' ') + 1), "");

        assertThat(answer).contains(" 400 ").contains("\"error\":\"");
        assertThat(ask("GET", "/v1/log-level", "")).contains("info");
    }

    @Test
    void theAddressIsForReadingAndNamesNoClient() throws Exception {
        serve();

        for (String path : List.of(
                "/",
                "/v1/status",
                "/v1/services",
                "/v1/addresses",
                "/v1/backends",
                "/v1/events",
                "/v1/explain/default/web",
                "/metrics")) {
            HttpResponse<String> answer = overTcp("GET", path);
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(answer.body()).as(path).doesNotContain("198.18.0.90");
        }
        assertThat(overTcp("GET", "/v1/connections").statusCode()).isEqualTo(404);
        assertThat(overTcp("GET", "/v1/connections/ended").statusCode()).isEqualTo(404);
        assertThat(overTcp("POST", "/v1/drain/default/web").statusCode()).isEqualTo(404);
        assertThat(overTcp("POST", "/v1/status").statusCode()).isEqualTo(405);
        assertThat(overTcp("DELETE", "/v1/services").statusCode()).isEqualTo(405);
        assertThat(loadBalancer.orders().drained()).isEmpty();
    }

    @Test
    void isReadyOnceAllIsKnownAndHealthyBefore() throws Exception {
        cluster.synced(false);
        loadBalancer.start();

        assertThat(overTcp("GET", "/healthz").statusCode()).isEqualTo(200);
        assertThat(overTcp("GET", "/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/v1/status", StatusView.class).state()).isEqualTo(StatusView.State.starting);
        assertThat(ask("POST", "/v1/drain/default/web", "")).contains(" 503 ").contains("waiting until all Services");
        assertThat(ask("GET", "/v1/explain/default/web", "")).contains(" 503 ");
        cluster.synced(true);
        loadBalancer.trigger();
        await().until(() -> overTcp("GET", "/readyz").statusCode() == 200);
    }

    @Test
    void metricsAreThereInBothFormats() throws Exception {
        serve();

        HttpResponse<String> text = overTcp("GET", "/metrics");
        assertThat(text.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain; version=0.0.4");
        assertThat(text.body())
                .contains("littlelb_service_served{namespace=\"default\",service=\"mail\"} 0.0")
                .contains("littlelb_service_served{namespace=\"default\",service=\"web\"} 1.0")
                .contains("littlelb_addresses{state=\"present\"} 1.0")
                .contains("littlelb_link_up{link=\"br0\"} 1.0")
                .contains("littlelb_pass_steps_total{result=\"ok\",step=\"add_address\"} 1.0")
                .contains("process_resident_memory_bytes");
        HttpResponse<String> open = http.send(
                HttpRequest.newBuilder(uri("/metrics"))
                        .header("Accept", "application/openmetrics-text; version=1.0.0")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(open.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/openmetrics-text");
        assertThat(open.body()).endsWith("# EOF\n");
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().orElseThrow().getPort() + path);
    }

    private HttpResponse<String> overTcp(String method, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(uri(path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private <V> V get(String path, Class<V> view) throws IOException {
        String answer = ask("GET", path, "");
        assertThat(answer).contains(" 200 ");
        return Json.read(answer.substring(answer.indexOf("\r\n\r\n") + 4).getBytes(StandardCharsets.UTF_8), view);
    }

    private String ask(String method, String path, String body) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            String request = method + " " + path + " HTTP/1.0\r\nHost: lb\r\nContent-Length: " + body.length()
                    + "\r\n\r\n" + body;
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
