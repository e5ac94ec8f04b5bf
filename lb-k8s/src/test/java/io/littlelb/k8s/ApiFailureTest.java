package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import io.littlelb.testkit.apiserver.ServerCertificate;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each thing that may be wrong between us and an API server has a sentence of its own, and a remedy. */
class ApiFailureTest {
    @TempDir
    private Path directory;

    @Test
    void aTokenThatIsNotKnown() throws Exception {
        try (EmbeddedApiServer server = EmbeddedApiServer.start()) {
            server.faults().fail(Integer.MAX_VALUE, request -> true, 401, "Unauthorized", "Unauthorized");

            assertFailure(server.kubeconfig(), "does not know who we are (401 Unauthorized)", "renew it");
        }
    }

    @Test
    void aRightThatIsMissing() throws Exception {
        try (EmbeddedApiServer server = EmbeddedApiServer.start()) {
            server.grant("us", "{kind: ClusterRole, rules: []}", "");

            assertFailure(
                    server.kubeconfig("us"), "cannot list resource \"services\"", "grant it, see deploy/rbac.yaml");
        }
    }

    @Test
    void nobodyThere() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = free.getLocalPort();
        }

        assertFailure(kubeconfig("http://127.0.0.1:" + port), "no API server listens there", "see that it runs");
    }

    @Test
    void noSuchHost() throws Exception {
        assertFailure(kubeconfig("http://nowhere.invalid:6443"), "there is no such host", "see that server is right");
    }

    @Test
    void anAuthorityThatIsNotKnown() throws Exception {
        try (EmbeddedApiServer server = EmbeddedApiServer.start(ServerCertificate.valid(directory))) {
            assertFailure(
                    kubeconfig(server.url()), "signed by an authority that is not known here", "certificate-authority");
        }
    }

    @Test
    void aCertificateThatHasExpired() throws Exception {
        try (EmbeddedApiServer server = EmbeddedApiServer.start(ServerCertificate.expired(directory))) {
            assertFailure(server.kubeconfig(), "has expired, or is not valid yet", "renew it");
        }
    }

    @Test
    void aCertificateForAnotherHost() throws Exception {
        try (EmbeddedApiServer server = EmbeddedApiServer.start(ServerCertificate.ofAnother(directory))) {
            assertFailure(server.kubeconfig(), "is for another host", "tls-server-name");
        }
    }

    @Test
    void aGoodCertificateIsTaken() throws Exception {
        try (EmbeddedApiServer server = EmbeddedApiServer.start(ServerCertificate.valid(directory));
                KubernetesClient client = open(server.kubeconfig())) {
            assertThat(client.services().inAnyNamespace().list().getItems()).isEmpty();
        }
    }

    @Test
    void httpsToAPortOfHttp() throws Exception {
        String refusal = "HTTP/1.0 400 Bad Request\r\n\r\nno TLS here"; // as Go's net/http has it
        try (TcpServer server = TcpServer.start(InetAddress.getByName("127.0.0.1"), 0, TcpServer.greeting(refusal))) {
            assertFailure(
                    kubeconfig("https://127.0.0.1:" + server.port()), "does not speak TLS", "http:// for https://");
        }
    }

    @Test
    void httpToAPortOfHttps() throws Exception {
        String refusal = "Client sent an HTTP request to an HTTPS server.\n"; // Go's net/http, and status 400
        HttpServer server = answering(400, "text/plain", refusal);
        try {
            assertFailure(kubeconfig(url(server)), "speaks TLS only does", "https:// for http://");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aProxyThatAnswersInHtml() throws Exception {
        for (int status : new int[] {200, 403, 502}) {
            HttpServer server = answering(status, "text/html", "<html><body>Log in first</body></html>");
            try {
                assertFailure(kubeconfig(url(server)), "is no API server", "a proxy");
            } finally {
                server.stop(0);
            }
        }
    }

    @Test
    void aCurrentContextThatIsMissing() throws Exception {
        String whole = kubeconfig("http://127.0.0.1:1");
        for (String part : new String[] {"current-context: here", "current-context: ''", ""}) {
            assertThatThrownBy(() -> open(whole.replace("current-context: us", part)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("current-context")
                    .hasMessageContaining("kubectl config use-context");
        }
    }

    @Test
    void anExecPluginThatIsNotInstalled() throws Exception {
        String kubeconfig = kubeconfig("http://127.0.0.1:1")
                .replace(
                        "{token: us}",
                        "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never}}");

        Throwable failure = catchThrowable(() -> {
            try (KubernetesClient client = open(kubeconfig)) {
                client.services().inAnyNamespace().list();
            }
        });

        assertThat(failure).hasMessageContaining("no-such-plugin").hasMessageContaining("install");
    }

    private static HttpServer answering(int status, String type, String text) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static String url(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void assertFailure(String kubeconfig, String what, String remedy) throws IOException {
        try (KubernetesClient client = open(kubeconfig)) {
            Throwable thrown =
                    catchThrowable(() -> client.services().inAnyNamespace().list());
            ApiFailure failure = ApiFailure.of(thrown);
            assertThat(failure.what()).as(String.valueOf(thrown)).contains(what).doesNotContain("java.");
            assertThat(failure.remedy()).contains(remedy);
        }
    }

    private KubernetesClient open(String kubeconfig) throws IOException {
        return ClusterAccess.open(Optional.of(Files.writeString(directory.resolve("kubeconfig"), kubeconfig)));
    }

    private static String kubeconfig(String server) {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: us, cluster: {server: "%s"}}]
                users: [{name: us, user: {token: us}}]
                contexts: [{name: us, context: {cluster: us, user: us}}]
                current-context: us
                """.formatted(server);
    }
}
