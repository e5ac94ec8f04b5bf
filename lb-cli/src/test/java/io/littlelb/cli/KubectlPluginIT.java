package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** deploy/kubectl-lb with the kubectl that is on the PATH, on objects as Little LB leaves them. Without one all of them fail. */
@Timeout(120)
final class KubectlPluginIT {
    private static final Path PLUGIN = Path.of("..", "deploy", "kubectl-lb").toAbsolutePath();

    /** The owner of a Service against whoever looks at it: a tab would begin a column, a line feed a row, and the rest is for the terminal. */
    private static final String FORGED = "x\\t1\\nshop/web\\u001b[2J\\u001b]0;title\\u0007\\u009b1m\\u202e";

    private static final String TAMED = "x\\t1\\nshop/web\\x1b[2J\\x1b]0;title\\a\\u009b1m\\u202e";

    @TempDir
    private Path directory;

    private EmbeddedApiServer server;

    private record Said(int status, String out, String err) {}

    @BeforeEach
    void begin() throws IOException {
        server = EmbeddedApiServer.start();
        Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
    }

    @AfterEach
    void end() {
        server.close();
    }

    private Said kubectlLb(String words) throws Exception {
        List<String> command = new ArrayList<>(List.of("sh", PLUGIN.toString()));
        command.addAll(Splitter.on(' ').splitToList(words));
        Path err = directory.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().put("KUBECONFIG", directory.resolve("kubeconfig").toString());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), out, Files.readString(err));
    }

    private void service(String namespace, String name, String spec, String status) {
        server.keep("/api/v1/namespaces/" + namespace + "/services/" + name, """
                {"apiVersion": "v1", "kind": "Service",
                 "metadata": {"namespace": "%s", "name": "%s", "uid": "%s", "annotations": {"littlelb.io/pool": "gold"}},
                 "spec": %s, "status": %s}""".formatted(
                        namespace, name, name, spec, status));
    }

    private static String condition(String type, String status, String reason, String message) {
        return "{\"type\": \"littlelb.io/%s\", \"status\": \"%s\", \"reason\": \"%s\", \"message\": \"%s\"}"
                .formatted(type, status, reason, message);
    }

    private void services() {
        service(
                "default",
                "web",
                "{\"type\": \"LoadBalancer\", \"ports\": [{\"port\": 80, \"protocol\": \"TCP\"}, {\"port\": 53, \"protocol\": \"UDP\"}]}",
                "{\"loadBalancer\": {\"ingress\": [{\"ip\": \"198.18.0.9\"}, {\"ip\": \"fd00::9\"}]}, \"conditions\": ["
                        + condition("Allocated", "True", "Allocated", "has 198.18.0.9") + ","
                        + condition("Programmed", "True", "Programmed", "is open") + "]}");
        service(
                "shop",
                "mail",
                "{\"type\": \"LoadBalancer\", \"loadBalancerIP\": \"198.18.0.9\", \"ports\": [{\"port\": 25, \"protocol\": \"TCP\"}]}",
                "{\"loadBalancer\": {}, \"conditions\": [{\"type\": \"Other\", \"status\": \"False\", \"reason\": \"No\", \"message\": \"\"},"
                        + condition(
                                "Allocated", "False", "AddressInUse", "held by \\\"web\\\"\\u001b[31m\\n\\tso there")
                        + "]}");
        service("shop", "inside", "{\"type\": \"ClusterIP\", \"ports\": [{\"port\": 1, \"protocol\": \"TCP\"}]}", "{}");
        service("shop", "new", "{\"type\": \"LoadBalancer\", \"ports\": [{\"port\": 1, \"protocol\": \"TCP\"}]}", "{}");
    }

    private void event(String name, String controller, String reason, String note) {
        server.keep("/api/v1/namespaces/shop/events/" + name, """
                {"apiVersion": "v1", "kind": "Event", "metadata": {"namespace": "shop", "name": "%s", "uid": "%s"},
                 "involvedObject": {"kind": "Service", "namespace": "shop", "name": "mail"}, "type": "Warning",
                 "eventTime": "2026-11-24T12:00:00.000000Z", "reportingComponent": "%s", "reason": "%s", "message": "%s"}""".formatted(name, name, controller, reason, note));
    }

    @Test
    void showsServices() throws Exception {
        services();

        assertThat(kubectlLb("services")).isEqualTo(new Said(0, """
                SERVICE      ADDRESS             PORTS      STATE
                default/web  198.18.0.9,fd00::9  80,53/UDP  served
                shop/mail    -                   25         AddressInUse: held by "web"\\x1b[31m\\n\\tso there
                shop/new     -                   1          no word of Little LB
                """, ""));
        assertThat(kubectlLb("services -n shop").out()).doesNotContain("web  ").hasLineCount(3);
    }

    @Test
    void showsAddresses() throws Exception {
        services();

        assertThat(kubectlLb("addresses")).isEqualTo(new Said(0, """
                ADDRESS     HOLDER       STATE
                198.18.0.9  default/web  published
                fd00::9     default/web  published
                """, ""));
    }

    @Test
    void explains() throws Exception {
        services();

        assertThat(kubectlLb("explain shop/mail")).isEqualTo(new Said(1, """
                shop/mail is not served: AddressInUse: held by "web"\\x1b[31m\\n\\tso there
                asks for               198.18.0.9, port 25/TCP
                annotation             littlelb.io/pool: gold
                Other                  False  No:\s
                littlelb.io/Allocated  False  AddressInUse: held by "web"\\x1b[31m\\n\\tso there
                published              nothing
                """, ""));
        assertThat(kubectlLb("explain web").out()).startsWith("default/web is served.\n");
    }

    @Test
    void showsEventsOfOurs() throws Exception {
        event("one", "littlelb.io/lb", "AddressInUse", "held by \\u202eweb");
        event("two", "kubelet", "Other", "not ours");

        assertThat(kubectlLb("events")).isEqualTo(new Said(0, """
                TIME                         LEVEL    SERVICE    WHAT
                2026-11-24T12:00:00.000000Z  Warning  shop/mail  AddressInUse: held by \\u202eweb
                """, ""));
    }

    @Test
    void showsOfWhatServicesKeepOnlyAddresses() throws Exception {
        keeping("one", FORGED);
        keeping("two", "198.18.0.9\\t");
        keeping("three", "fd00::9".repeat(20));
        assertThat(kubectlLb("addresses").out()).isEqualTo("no addresses\n");
        keeping("four", "198.18.0.9,fd00::9");

        assertThat(kubectlLb("addresses").out()).isEqualTo("""
                ADDRESS             HOLDER     STATE
                198.18.0.9,fd00::9  shop/four  kept for it
                """);
    }

    private void keeping(String name, String address) {
        server.keep("/api/v1/namespaces/shop/services/" + name, """
                {"apiVersion": "v1", "kind": "Service",
                 "metadata": {"namespace": "shop", "name": "%s", "uid": "%s", "annotations": {"littlelb.io/allocated": "%s"}},
                 "spec": {"type": "LoadBalancer", "ports": [{"port": 1, "protocol": "TCP"}]}, "status": {}}""".formatted(name, name, address));
    }

    @Test
    void noTextOfOthersIsObeyedByATerminal() throws Exception {
        keeping("kept", FORGED);
        service(
                "shop",
                "bad",
                "{\"type\": \"LoadBalancer\", \"loadBalancerIP\": \"%s\", \"ports\": [{\"port\": 1, \"protocol\": \"TCP\"}]}"
                        .formatted(FORGED),
                "{\"loadBalancer\": {\"ingress\": [{\"hostname\": \"%s\"}]}, \"conditions\": [".formatted(FORGED)
                        + condition("Allocated", "False", FORGED, FORGED) + ","
                        + condition(FORGED, FORGED, FORGED, FORGED)
                        + "]}");
        event("one", "littlelb.io/lb", FORGED, FORGED);

        assertThat(kubectlLb("services").out())
                .contains("  " + TAMED + ": " + TAMED + "\n")
                .hasLineCount(3);
        assertThat(kubectlLb("addresses").out())
                .contains("\n" + TAMED + "  shop/bad")
                .hasLineCount(2);
        assertThat(kubectlLb("events").out())
                .contains("  " + TAMED + ": " + TAMED + "\n")
                .hasLineCount(2);
        assertThat(kubectlLb("explain shop/kept").out())
                .contains("littlelb.io/allocated: " + TAMED)
                .hasLineCount(4);
        assertThat(kubectlLb("explain shop/bad").out())
                .contains("littlelb.io/" + TAMED + "  " + TAMED + "  " + TAMED + ": " + TAMED + "\n")
                .hasLineCount(6);
        for (String command : List.of("services", "addresses", "events", "explain shop/kept", "explain shop/bad")) {
            assertThat(kubectlLb(command).out()).doesNotContainPattern("[\\p{Cc}\\p{Cf}&&[^\n]]");
        }
    }

    @Test
    void whatIsLongIsCut() throws Exception {
        keeping("kept", "é".repeat(100_000));
        event("one", "littlelb.io/lb", "R".repeat(101), "é".repeat(1001));

        assertThat(kubectlLb("explain shop/kept").out())
                .contains("annotation  littlelb.io/allocated: " + "é".repeat(77) + "…\n");
        assertThat(kubectlLb("events").out()).contains("  " + "R".repeat(100) + "…: " + "é".repeat(1000) + "…\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--help               | 0 |",
                "explain web          | 0 |",
                "explain -n shop mail | 1 |",
                "explain none         | 4 | there is no Service none of type LoadBalancer",
                "explain shop/inside  | 4 | there is no Service shop/inside of type LoadBalancer",
                "explain              | 2 | explain needs the name of a Service",
                "explain a/b/c        | 2 | 'a/b/c' is no name of a Service such as default/web",
                "nonsense             | 2 | 'nonsense' is not known",
                "services -x          | 2 | '-x' is not known",
                "services -n          | 2 | -n needs a value",
            })
    void theStatusTellsHowItWent(String words, int status, String error) throws Exception {
        services();

        Said said = kubectlLb(words);

        assertThat(said.status()).isEqualTo(status);
        assertThat(said.err()).startsWith(error == null ? "" : "kubectl lb: " + error);
    }

    @Test
    void aClusterThatDoesNotAnswerIsAStatusOfItsOwnAndSoIsARightThatIsMissing() throws Exception {
        server.faults().fail(1, request -> request.path().endsWith("/services"), 403, "Forbidden", "not for you");
        assertThat(kubectlLb("services").status()).isEqualTo(1);

        server.goAway();
        Said said = kubectlLb("services");

        assertThat(said.status()).isEqualTo(3);
        assertThat(said.err()).contains("refused");
    }
}
