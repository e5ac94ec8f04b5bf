package io.littlelb.cli;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.littlelb.k8s.ClusterAccess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.json.JsonMapper;

/**
 * The throw-away cluster of {@code LB_TEST_KUBECONFIG}; an API server alone is enough, for tests bring nodes and endpoints, the latter for Services without
 * a selector, which a kube-controller-manager leaves alone. {@code LB_TEST_API_STOP}
 * and {@code LB_TEST_API_START} are shell commands that do to it what they say.
 */
final class RealCluster implements TestCluster {
    private static final String ACCOUNT_NAMESPACE = "kube-system";
    private static final String ACCOUNT = "littlelb";
    private static final String NAMESPACE = "default";
    private static final String RBAC = "rbac.authorization.k8s.io/v1";

    private final Path kubeconfig;
    private final Path directory;
    private final KubernetesClient user;

    /** @param directory where files may be left */
    RealCluster(Path directory) throws IOException {
        this.directory = directory;
        this.kubeconfig = Path.of(setting("LB_TEST_KUBECONFIG")
                .orElseThrow(() -> new IllegalStateException("LB_TEST_KUBECONFIG names no cluster to test on")));
        this.user = user();
        clean();
    }

    private static Optional<String> setting(String name) {
        return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
    }

    @Override
    public KubernetesClient user() throws IOException {
        return ClusterAccess.open(Optional.of(kubeconfig));
    }

    /** By a token of the ServiceAccount, as a pod would have one. */
    @Override
    public KubernetesClient littleLb(List<String> manifests) throws IOException {
        takeRights();
        for (String manifest : manifests) {
            try (var text = Files.newInputStream(ClusterWorld.DEPLOY.resolve(manifest))) {
                for (HasMetadata object : user.load(text).items()) {
                    boolean namespaced = List.of("Role", "RoleBinding").contains(object.getKind());
                    (namespaced ? user.resource(object).inNamespace(NAMESPACE) : user.resource(object))
                            .serverSideApply();
                }
            }
        }
        String token = new JsonMapper()
                .readTree(user.raw(
                        "/api/v1/namespaces/" + ACCOUNT_NAMESPACE + "/serviceaccounts/" + ACCOUNT + "/token",
                        "POST",
                        Map.of(
                                "apiVersion", "authentication.k8s.io/v1",
                                "kind", "TokenRequest",
                                "spec", Map.of("expirationSeconds", 3_600))))
                .at("/status/token")
                .asString();
        return ClusterAccess.open(Optional.of(
                Files.writeString(directory.resolve("account"), kubeconfig(user.getConfiguration(), token))));
    }

    @Override
    public KubernetesClient tenant(String namespace) {
        String name = "tenant-of-" + namespace;
        try (KubernetesClient plain = new KubernetesClientBuilder()
                .withConfig(user.getConfiguration())
                .build()) {
            plain.load(new ByteArrayInputStream(
                            (RIGHTS_OF_A_TENANT + """
                    ---
                    apiVersion: rbac.authorization.k8s.io/v1
                    kind: RoleBinding
                    metadata: {name: tenant}
                    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: tenant}
                    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
                    """.formatted(name)).getBytes(StandardCharsets.UTF_8)))
                    .inNamespace(namespace)
                    .serverSideApply();
        }
        return new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(user.getConfiguration())
                        .withImpersonateUsername(name)
                        .withNamespace(namespace)
                        .build())
                .build();
    }

    private static String kubeconfig(Config reached, String token) {
        String authority = reached.getCaCertData() != null
                ? ", certificate-authority-data: \"" + reached.getCaCertData() + "\""
                : reached.getCaCertFile() != null
                        ? ", certificate-authority: \"" + reached.getCaCertFile() + "\""
                        : ", insecure-skip-tls-verify: " + reached.isTrustCerts();
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: real, cluster: {server: "%s"%s}}]
                users: [{name: littlelb, user: {token: "%s"}}]
                contexts: [{name: real, context: {cluster: real, user: littlelb}}]
                current-context: real
                """.formatted(reached.getMasterUrl(), authority, token);
    }

    /** By trying: an API server alone makes none. */
    @Override
    public boolean makesSlices() {
        user.resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace(NAMESPACE)
                        .withName("probe")
                        .endMetadata()
                        .withNewSpec()
                        .addToSelector("app", "probe")
                        .addNewPort()
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        try {
            await().atMost(Duration.ofSeconds(5)).until(this::hasSliceOfAController);
            return true;
        } catch (ConditionTimeoutException nobodyMadeOne) {
            return false;
        } finally {
            user.services().inNamespace(NAMESPACE).withName("probe").delete();
        }
    }

    private boolean hasSliceOfAController() {
        return !user.discovery()
                .v1()
                .endpointSlices()
                .inNamespace(NAMESPACE)
                .withLabel("kubernetes.io/service-name", "probe")
                .withLabel("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io")
                .list()
                .getItems()
                .isEmpty();
    }

    @Override
    public void goAway() throws Exception {
        run("LB_TEST_API_STOP");
    }

    @Override
    public void comeBack() throws Exception {
        run("LB_TEST_API_START");
        await().atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .until(() -> user.namespaces().withName(NAMESPACE).get() != null);
    }

    private static void run(String name) throws Exception {
        Optional<String> command = setting(name);
        Assumptions.assumeTrue(
                command.isPresent(), "not run: " + name + " does not say how to do that to the API server");
        int exit = new ProcessBuilder("sh", "-c", command.get())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException(name + " ended with " + exit + ": " + command.get());
        }
    }

    private void takeRights() {
        for (String name : List.of("littlelb", "littlelb-external-ips")) {
            user.genericKubernetesResources(RBAC, "ClusterRoleBinding")
                    .withName(name)
                    .delete();
        }
        user.genericKubernetesResources(RBAC, "RoleBinding")
                .inNamespace(NAMESPACE)
                .withName("littlelb")
                .delete();
        user.serviceAccounts()
                .inNamespace(ACCOUNT_NAMESPACE)
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName(ACCOUNT)
                        .withNamespace(ACCOUNT_NAMESPACE)
                        .endMetadata()
                        .build())
                .serverSideApply();
    }

    /** What earlier tests have left. */
    private void clean() {
        TENANTS.forEach(tenant -> user.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(tenant)
                        .endMetadata()
                        .build())
                .serverSideApply());
        namespaces()
                .flatMap(namespace -> user.services().inNamespace(namespace).list().getItems().stream())
                .filter(service -> !service.getMetadata().getName().equals("kubernetes"))
                .forEach(service -> user.resource(service).delete());
        user.nodes().list().getItems().stream()
                .filter(node -> node.getMetadata().getName().startsWith("node-"))
                .forEach(node -> user.resource(node).delete());
        clean("events.k8s.io/v1", "Event");
        clean("discovery.k8s.io/v1", "EndpointSlice");
    }

    private static Stream<String> namespaces() {
        return Stream.concat(Stream.of(NAMESPACE), TENANTS.stream());
    }

    private void clean(String version, String kind) {
        if (!user.supports(version, kind)) {
            return; // an old server
        }
        namespaces()
                .flatMap(namespace ->
                        user
                                .genericKubernetesResources(version, kind)
                                .inNamespace(namespace)
                                .list()
                                .getItems()
                                .stream())
                .filter(object -> !object.getMetadata().getName().equals("kubernetes"))
                .forEach(object -> user.resource(object).delete());
    }

    @Override
    public void close() {
        clean();
        user.close();
    }
}
