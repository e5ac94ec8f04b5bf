package io.littlelb.testkit.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Splitter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What clients of a real API server rely on. */
@Timeout(60)
class EmbeddedApiServerTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String SERVICES = "/api/v1/namespaces/default/services";
    private static final String WEB = SERVICES + "/web";
    private static final String SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    private static final String LOAD_BALANCER =
            "{\"metadata\":{\"name\":\"web\"},\"spec\":{\"type\":\"LoadBalancer\",\"ports\":[{\"port\":80}]}}";

    private final HttpClient http = HttpClient.newHttpClient();
    private EmbeddedApiServer server;
    private int code;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws Exception {
        server = EmbeddedApiServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void completesAService() throws Exception {
        JsonNode service = post(SERVICES, LOAD_BALANCER);

        assertThat(code).isEqualTo(201);
        assertThat(service.at("/spec/ports/0/nodePort").asInt()).isBetween(30_000, 32_767);
        assertThat(service.at("/spec/ports/0/protocol").asString()).isEqualTo("TCP");
        assertThat(service.at("/spec/clusterIP").asString()).startsWith("10.96.0.");
        assertThat(service.at("/metadata/uid").asString()).isNotEmpty();
        assertThat(service.at("/status/loadBalancer").isObject()).isTrue();
    }

    @Test
    void refusesWhatARealServerRefusesInItsWords() throws Exception {
        post(SERVICES, LOAD_BALANCER.replace(":80}", ":80,\"nodePort\":30123}"));
        assertThat(code).isEqualTo(201);

        assertThat(refusal(":80}", ":80,\"nodePort\":30123}"))
                .isEqualTo("spec.ports[0].nodePort: Invalid value: 30123: provided port is already allocated");
        assertThat(refusal(":80}", ":80,\"nodePort\":40000}"))
                .isEqualTo("spec.ports[0].nodePort: Invalid value: 40000: provided port is not in the valid range."
                        + " The range of valid ports is 30000-32767");
        assertThat(refusal("\"spec\":{", "\"spec\":{\"loadBalancerSourceRanges\":[\" 10.0.0.0/8\",\"foo\"],"))
                .isEqualTo("spec.LoadBalancerSourceRanges[1]: Invalid value: \"foo\": must be a valid CIDR value,"
                        + " (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        assertThat(refusal(
                        "\"spec\":{\"type\":\"LoadBalancer\"",
                        "\"spec\":{\"loadBalancerSourceRanges\":[\"10.0.0.0/8\"]"))
                .isEqualTo("spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'");
        assertThat(refusal("{\"port\":80}", "{\"port\":80},{\"port\":81}"))
                .isEqualTo("spec.ports[0].name: Required value");
    }

    private String refusal(String part, String insteadOfIt) throws Exception {
        JsonNode refused =
                post(SERVICES, LOAD_BALANCER.replace("\"web\"", "\"other\"").replace(part, insteadOfIt));
        assertThat(code).isEqualTo(422);
        return refused.path("message").asString().replace("Service \"other\" is invalid: ", "");
    }

    @Test
    void aServiceWhoseSelectorMatchesNoPodHasASliceWithoutAnything() throws Exception {
        post(SERVICES, LOAD_BALANCER.replace("\"spec\":{", "\"spec\":{\"selector\":{\"app\":\"web\"},"));

        JsonNode slice = get(SLICES).path("items").get(0);
        assertThat(slice.path("endpoints").isNull()).isTrue();
        assertThat(slice.path("ports").isNull()).isTrue();
        assertThat(slice.path("addressType").asString()).isEqualTo("IPv4");
        assertThat(slice.at("/metadata/labels/kubernetes.io~1service-name").asString())
                .isEqualTo("web");
        assertThat(slice.at("/metadata/ownerReferences/0/uid").asString())
                .isEqualTo(get(WEB).at("/metadata/uid").asString());

        send("DELETE", WEB, "application/json", "");
        assertThat(get(SLICES).path("items")).isEmpty();
    }

    @Test
    void moreThanAHundredPodsAreInSeveralSlices() throws Exception {
        post(
                SERVICES,
                LOAD_BALANCER
                        .replace("\"spec\":{", "\"spec\":{\"selector\":{\"app\":\"web\"},")
                        .replace(":80}", ":80,\"targetPort\":8080}"));
        for (int i = 0; i < 101; i++) {
            post(
                    "/api/v1/namespaces/default/pods",
                    "{\"metadata\":{\"name\":\"p" + i + "\",\"labels\":{\"app\":\"web\"}},\"spec\":{}}");
            patch(
                    "/api/v1/namespaces/default/pods/p" + i + "/status",
                    "merge-patch+json",
                    "{\"status\":{\"podIP\":\"10.0.0." + i
                            + "\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}");
        }

        JsonNode slices = get(SLICES).path("items");
        assertThat(slices.valueStream().map(slice -> slice.path("endpoints").size()))
                .containsExactlyInAnyOrder(100, 1);
        assertThat(slices.at("/0/ports/0/port").asInt()).isEqualTo(8080);
        assertThat(slices.at("/0/endpoints/0/conditions/ready").asBoolean()).isTrue();
    }

    @Test
    void aTypeChangeEmptiesTheStatusAndFreesTheNodePort() throws Exception {
        post(SERVICES, LOAD_BALANCER);
        patch(
                WEB + "/status",
                "merge-patch+json",
                "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"198.18.0.9\"}]}}}");
        assertThat(get(WEB).at("/status/loadBalancer/ingress/0/ipMode").asString())
                .isEqualTo("VIP");

        JsonNode service = patch(WEB, "merge-patch+json", "{\"spec\":{\"type\":\"ClusterIP\"}}");

        assertThat(service.at("/status/loadBalancer/ingress").isMissingNode()).isTrue();
        assertThat(service.at("/spec/ports/0/nodePort").isMissingNode()).isTrue();
    }

    @Test
    void saysThatItReadsNoProtobuf() throws Exception {
        JsonNode refused = send("POST", SERVICES, "application/vnd.kubernetes.protobuf", "k8s");

        assertThat(code).isEqualTo(415);
        assertThat(refused.path("message").asString()).contains("kubectl apply");
    }

    @Test
    void aUserMayDoWhatWasGrantedAndNothingElse() throws Exception {
        server.grant(
                "reader",
                "{kind: ClusterRole, rules: [{apiGroups: [\"\"], resources: [services], verbs: [get, list]}]}",
                "");
        post(SERVICES, LOAD_BALANCER);

        assertThat(codeAs("reader", "GET", WEB)).isEqualTo(200);
        assertThat(codeAs("reader", "GET", SERVICES)).isEqualTo(200);
        assertThat(codeAs("reader", "GET", SERVICES + "?watch=true")).isEqualTo(403);
        assertThat(codeAs("reader", "DELETE", WEB)).isEqualTo(403);
        assertThat(codeAs("reader", "GET", "/api/v1/nodes")).isEqualTo(403);
        assertThat(codeAs("somebody", "DELETE", WEB)).isEqualTo(200);
    }

    @Test
    void aWriteToAnOldVersionIsAConflict() throws Exception {
        JsonNode old = post(SERVICES, LOAD_BALANCER);
        patch(WEB, "merge-patch+json", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");

        JsonNode refused = send("PUT", WEB, "application/json", old.toString());

        assertThat(code).isEqualTo(409);
        assertThat(refused.path("reason").asString()).isEqualTo("Conflict");
    }

    @Test
    void aWriteThatChangesNothingKeepsTheVersion() throws Exception {
        JsonNode created = post(SERVICES, LOAD_BALANCER);

        JsonNode patched = patch(WEB, "merge-patch+json", "{\"spec\":{\"type\":\"LoadBalancer\"}}");

        assertThat(version(patched)).isEqualTo(version(created));
    }

    @Test
    void aWriteToTheObjectLeavesTheStatusAloneAndTheOtherWayRound() throws Exception {
        post(SERVICES, LOAD_BALANCER);

        patch(WEB, "merge-patch+json", "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"198.18.0.9\"}]}}}");
        patch(WEB + "/status", "merge-patch+json", "{\"spec\":{\"externalIPs\":[\"198.18.0.9\"]}}");

        assertThat(get(WEB).at("/status/loadBalancer/ingress").isMissingNode()).isTrue();
        assertThat(get(WEB).at("/spec/externalIPs").isMissingNode()).isTrue();
    }

    @Test
    void aStrategicPatchMergesPortsByNumber() throws Exception {
        post(
                SERVICES,
                LOAD_BALANCER.replace("{\"port\":80}", "{\"name\":\"a\",\"port\":80},{\"name\":\"b\",\"port\":81}"));

        JsonNode patched = patch(
                WEB,
                "strategic-merge-patch+json",
                "{\"spec\":{\"$setElementOrder/ports\":[{\"port\":81},{\"port\":82}],\"ports\":["
                        + "{\"port\":82,\"name\":\"c\"},{\"port\":80,\"$patch\":\"delete\"}]}}");

        assertThat(patched.at("/spec/ports")
                        .valueStream()
                        .map(port -> port.path("name").asString()))
                .containsExactly("b", "c");
    }

    @Test
    void aJsonPatchIsApplied() throws Exception {
        post(SERVICES, LOAD_BALANCER);

        patch(WEB, "json-patch+json", "[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{\"a\":\"b\"}}]");

        assertThat(get(WEB).at("/metadata/labels/a").asString()).isEqualTo("b");
    }

    @Test
    void whoAppliesOwnsWhatItAppliedAndNothingElse() throws Exception {
        post(SERVICES, LOAD_BALANCER);
        apply(
                "one",
                "{status: {conditions: [{type: A, status: 'True', reason: r, message: m}, {type: B, status: 'True'}]}}");
        apply("two", "{status: {conditions: [{type: C, status: 'True'}]}}");
        String settled = version(get(WEB));
        apply("two", "{status: {conditions: [{type: C, status: 'True'}]}}");
        assertThat(version(get(WEB))).as("the same once more").isEqualTo(settled);

        apply("one", "{metadata: {annotations: {note: mine}}, status: {conditions: [{type: B, status: 'False'}]}}");

        assertThat(get(WEB).at("/status/conditions")
                        .valueStream()
                        .map(condition -> condition.path("type").asString()
                                + condition.path("status").asString()))
                .containsExactlyInAnyOrder("BFalse", "CTrue");
        assertThat(get(WEB).at("/metadata/annotations/note").asString()).isEqualTo("mine");

        apply("one", "{}");

        assertThat(get(WEB).at("/status/conditions")).hasSize(1);
        assertThat(get(WEB).at("/metadata/annotations").isMissingNode()).isTrue();
        assertThat(get(WEB).at("/metadata/managedFields").toString()).doesNotContain("\"one\"");
    }

    @Test
    void aPortThatIsNotAppliedAnyMoreGoesWithItsDefaults() throws Exception {
        String service = "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: %d}]}}";
        patch(WEB + "?fieldManager=one", "apply-patch+yaml", String.format(service, 80));

        JsonNode applied = patch(WEB + "?fieldManager=one", "apply-patch+yaml", String.format(service, 81));

        assertThat(applied.at("/spec/ports")
                        .valueStream()
                        .map(port -> port.path("port").asInt()))
                .containsExactly(81);
    }

    @Test
    void anotherValueForAFieldOfSomebodyElseIsAConflictThatNamesThem() throws Exception {
        post(SERVICES, LOAD_BALANCER);
        apply("one", "{status: {loadBalancer: {ingress: [{ip: 198.18.0.9}]}}}");

        JsonNode refused = apply("two", "{status: {loadBalancer: {ingress: [{ip: 198.18.0.10}]}}}");

        assertThat(code).isEqualTo(409);
        assertThat(refused.at("/details/causes/0/field").asString()).isEqualTo(".status.loadBalancer.ingress");
        assertThat(refused.at("/details/causes/0/message").asString())
                .isEqualTo("conflict with \"one\" with subresource \"status\"");
        assertThat(get(WEB).at("/status/loadBalancer/ingress/0/ip").asString()).isEqualTo("198.18.0.9");
    }

    @Test
    void aMapThatSomebodyHasAppliedEmptyIsTheirsAsAWhole() throws Exception {
        patch(
                WEB + "?fieldManager=one",
                "apply-patch+yaml",
                "{apiVersion: v1, kind: Service, metadata: {name: web, annotations: {}}, spec: {ports: [{port: 80}]}}");

        JsonNode refused = apply("two", "{metadata: {annotations: {a: b}}}");

        assertThat(code).isEqualTo(409);
        assertThat(refused.at("/details/causes/0/field").asString()).isEqualTo(".metadata.annotations");
        assertThat(refused.at("/details/causes/0/message").asString()).isEqualTo("conflict with \"one\"");
    }

    @Test
    void anotherUidIsRefused() throws Exception {
        post(SERVICES, LOAD_BALANCER);

        JsonNode refused = apply("one", "{metadata: {uid: another}}");

        assertThat(code).isEqualTo(422);
        assertThat(refused.path("message").asString()).contains("metadata.uid").contains("field is immutable");
    }

    @Test
    void aWatchTellsWhatHappensAfterAVersionUntilThatVersionIsForgotten() throws Exception {
        String before = version(get(SERVICES));
        post(SERVICES, LOAD_BALANCER);
        patch(WEB, "merge-patch+json", "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}");
        send("DELETE", WEB, "application/json", "");

        assertThat(watch(before, 3))
                .extracting(event -> event.path("type").asString())
                .containsExactly("ADDED", "MODIFIED", "DELETED");

        server.faults().expireWatches();
        assertThat(watch(before, 1)).singleElement().satisfies(event -> {
            assertThat(event.path("type").asString()).isEqualTo("ERROR");
            assertThat(event.at("/object/code").asInt()).isEqualTo(410);
        });
    }

    @Test
    void failsOnDemandAndNotLonger() throws Exception {
        server.faults().fail(1, request -> request.path().equals(SERVICES), 500, "InternalError", "on demand");

        assertThat(get(SERVICES).path("message").asString()).isEqualTo("on demand");
        assertThat(code).isEqualTo(500);
        get(SERVICES);
        assertThat(code).isEqualTo(200);
    }

    @Test
    void anEventIsTheSameInBothGroups() throws Exception {
        post(
                "/apis/events.k8s.io/v1/namespaces/default/events",
                "{\"metadata\":{\"name\":\"e\"},\"reason\":\"AddressInUse\",\"note\":\"held\",\"regarding\":{\"name\":\"web\"}}");

        JsonNode core = get("/api/v1/namespaces/default/events/e");

        assertThat(core.path("message").asString()).isEqualTo("held");
        assertThat(core.at("/involvedObject/name").asString()).isEqualTo("web");
        assertThat(get("/apis/events.k8s.io/v1/namespaces/default/events/e")
                        .path("note")
                        .asString())
                .isEqualTo("held");
    }

    @Test
    void whatIsMalformedIsRefused() throws Exception {
        post(SERVICES, "{\"metadata\":");
        assertThat(code).isEqualTo(400);
        post(SERVICES, LOAD_BALANCER.replace(":80}", ":0}"));
        assertThat(code).isEqualTo(422);
        post("/api/v1/namespaces/absent/services", LOAD_BALANCER);
        assertThat(code).isEqualTo(404);
        get("/apis/example.com/v1/things");
        assertThat(code).isEqualTo(404);
    }

    @Test
    void kubectlUsesItWithoutAFlag() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/kubectl")),
                "there is no kubectl here; what it would ask is tested request by request above");
        Path manifest = Files.writeString(directory.resolve("web.yaml"), """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
                """);

        assertThat(kubectl("apply -f " + manifest)).isEqualTo("service/web created");
        assertThat(kubectl("apply -f " + manifest)).isEqualTo("service/web unchanged");
        patch(WEB, "merge-patch+json", "{\"spec\":{\"externalIPs\":[\"198.18.0.9\"]}}");
        patch(
                WEB + "/status",
                "merge-patch+json",
                "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"198.18.0.9\"}]}}}");
        assertThat(kubectl("get svc web")).contains(" 198.18.0.9,198.18.0.9 ");
        patch(WEB, "merge-patch+json", "{\"spec\":{\"externalIPs\":null}}");
        Files.writeString(manifest, Files.readString(manifest).replace("LoadBalancer", "ClusterIP"));
        assertThat(kubectl("apply -f " + manifest)).isEqualTo("service/web configured");
        assertThat(kubectl("get svc web"))
                .matches("(?s)NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\\(S\\) +AGE\\s+"
                        + "web +ClusterIP +10\\.96\\.0\\.10 +<none> +80/TCP +[0-9]+s");
        assertThat(kubectl("delete -f " + manifest)).startsWith("service \"web\" deleted");
    }

    private String kubectl(String words) throws Exception {
        Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
        List<String> command = new ArrayList<>(List.of("kubectl", "--kubeconfig", kubeconfig.toString()));
        command.addAll(Splitter.on(' ').splitToList(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return output.strip();
    }

    private List<JsonNode> watch(String version, int events) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(server.url() + SERVICES + "?watch=true&resourceVersion=" + version))
                .build();
        List<JsonNode> seen = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body(), StandardCharsets.UTF_8))) {
            while (seen.size() < events) {
                seen.add(JSON.readTree(lines.readLine()));
            }
        }
        return seen;
    }

    private JsonNode apply(String manager, String yaml) throws Exception {
        String body = "{apiVersion: v1, kind: Service, " + yaml.substring(1);
        return send("PATCH", WEB + "/status?fieldManager=" + manager, "application/apply-patch+yaml", body);
    }

    private JsonNode patch(String path, String kind, String body) throws Exception {
        return send("PATCH", path, "application/" + kind, body);
    }

    private JsonNode post(String path, String body) throws Exception {
        return send("POST", path, "application/json", body);
    }

    private JsonNode get(String path) throws Exception {
        return send("GET", path, "application/json", "");
    }

    private JsonNode send(String method, String path, String type, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", type)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        code = response.statusCode();
        return JSON.readTree(response.body());
    }

    private int codeAs(String user, String method, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + user)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode();
    }

    private static String version(JsonNode object) {
        return object.at("/metadata/resourceVersion").asString();
    }
}
