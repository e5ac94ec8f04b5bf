package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which a kubeconfig says who one is; on the embedded server a token is a user's name. */
class ClusterAccessTest {
    @TempDir
    private Path directory;

    private EmbeddedApiServer server;

    /** Where a token comes from. */
    enum Credential {
        TOKEN,
        TOKEN_FILE,
        EXEC
    }

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedApiServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void aTokenThatIsReplacedIsReadAgainWhenTheOldOneIsNotTakenAnyMore(Credential credential) throws Exception {
        Path kubeconfig = write(credential, "old");
        try (KubernetesEndpointSource source = KubernetesEndpointSource.open(
                ClusterAccess.open(Optional.of(kubeconfig)), ClusterScope.everything(Mode.NODE_PORT))) {
            await().until(source::hasSynced);
            assertThat(server.requests()).allMatch(request -> request.user().equals("old"));

            write(credential, "new");
            server.faults()
                    .fail(
                            Integer.MAX_VALUE,
                            request -> request.user().equals("old"),
                            401,
                            "Unauthorized",
                            "the token has expired");
            server.faults().dropWatches();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> server.requests().stream()
                            .anyMatch(request ->
                                    request.isWatch() && request.user().equals("new")));
        }
    }

    @Test
    void whatCannotBeReadIsNamed() {
        assertThatThrownBy(() -> ClusterAccess.open(Optional.of(directory.resolve("none"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none cannot be read");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:secret:/:/bin/sh\n",
                "secret",
                "[secret]",
                "clusters: secret",
                "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n",
                "users: [{name: us, user: {token: {secret: secret}}}]",
            })
    void nothingIsRepeatedOfAFileThatIsNoKubeconfig(String content) throws Exception {
        Path file = Files.writeString(directory.resolve("text"), content);

        assertThatThrownBy(() -> ClusterAccess.open(Optional.of(file)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("text is no kubeconfig")
                .hasMessageNotContaining("secret")
                .hasNoCause();
    }

    @Test
    void tellsWrongCredentialsFromAServerThatIsNotThere() throws Exception {
        server.faults().fail(Integer.MAX_VALUE, request -> true, 401, "Unauthorized", "Unauthorized");
        try (KubernetesClient client = ClusterAccess.open(Optional.of(write(Credential.TOKEN, "wrong")))) {
            assertThat(failure(client).what()).contains("does not know who we are (401 Unauthorized)");
            assertThat(failure(client).remedy()).contains("token");
            server.goAway();
            assertThat(failure(client).what()).contains("no API server listens there");
            server.comeBack();
        }
    }

    private static ApiFailure failure(KubernetesClient client) {
        return ApiFailure.of(catchThrowableOfType(
                KubernetesClientException.class, () -> client.services().list()));
    }

    @Test
    void whatIsNoKubeconfigIsSaidToBeNone() throws Exception {
        Path file = Files.writeString(directory.resolve("text"), "clusters: {");

        assertThatThrownBy(() -> ClusterAccess.open(Optional.of(file)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("text is no kubeconfig");
    }

    @Test
    void talksToTheServerOfTheFile() throws Exception {
        try (KubernetesClient client = ClusterAccess.open(Optional.of(write(Credential.TOKEN, "somebody")))) {
            client.namespaces()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName("made")
                            .endMetadata()
                            .build())
                    .create();

            assertThat(client.namespaces().withName("made").get()).isNotNull();
        }
    }

    private Path write(Credential credential, String token) throws IOException {
        return switch (credential) {
            case TOKEN -> kubeconfig("token: \"" + token + "\"");
            case TOKEN_FILE ->
                kubeconfig("tokenFile: \"" + Files.writeString(directory.resolve("token"), token) + "\"");
            case EXEC -> {
                Path plugin = Files.writeString(directory.resolve("plugin"), """
                        #!/bin/sh
                        echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}'
                        """.formatted(token));
                Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwx------"));
                yield kubeconfig("exec: {apiVersion: client.authentication.k8s.io/v1, command: \"" + plugin
                        + "\", interactiveMode: Never}");
            }
        };
    }

    private Path kubeconfig(String user) throws IOException {
        return Files.writeString(directory.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: embedded, cluster: {server: "%s"}}]
                users: [{name: us, user: {%s}}]
                contexts: [{name: embedded, context: {cluster: embedded, user: us}}]
                current-context: embedded
                """.formatted(server.url(), user));
    }
}
