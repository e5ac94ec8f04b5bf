package io.littlelb.k8s;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** How a cluster is reached. */
public final class ClusterAccess {
    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    private ClusterAccess() {}

    /** Whether this process runs in a pod that may talk to its cluster. */
    public static boolean isInCluster() {
        return Files.isReadable(SERVICE_ACCOUNT) && System.getenv("KUBERNETES_SERVICE_HOST") != null;
    }

    /**
     * A client for a cluster; nothing is connected yet.
     *
     * @param kubeconfig the file that says how; otherwise the pod's own account, otherwise {@code ~/.kube/config}
     * @throws IOException naming the file that cannot be read, or saying that there is none
     */
    public static KubernetesClient open(Optional<Path> kubeconfig) throws IOException {
        if (kubeconfig.isEmpty() && isInCluster()) {
            return open(new ConfigBuilder().withAutoConfigure().build());
        }
        Path file = kubeconfig.orElse(Path.of(System.getProperty("user.home"), ".kube", "config"));
        if (!Files.isReadable(file)) {
            throw new IOException(
                    kubeconfig.isPresent()
                            ? file + " cannot be read"
                            : "no cluster is named: there is no pod account and no " + file);
        }
        Kubeconfig given = Kubeconfig.read(file);
        try {
            Config config = Config.fromKubeconfig(file.toFile());
            given.tokenFile().ifPresent(token -> config.setOauthTokenProvider(() -> read(token)));
            return open(config);
        } catch (RuntimeException malformed) {
            throw Kubeconfig.isNone(file, malformed);
        }
    }

    private static String read(Path token) {
        try {
            return Files.readString(token).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the token file " + token + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static KubernetesClient open(Config config) {
        Config tuned = new ConfigBuilder(config)
                .withOnlyHttpWatches(true) // a web socket can hang where a proxy stands between
                .withRequestRetryBackoffLimit(2) // more would hide errors, and delay recovery by seconds
                .build();
        RequestCounts counts = new RequestCounts();
        return new KubernetesClientBuilder()
                .withConfig(tuned)
                .withHttpClientBuilderConsumer(http -> {
                    http.addOrReplaceInterceptor(RequestCounts.class.getName(), counts);
                    http.tag(counts);
                })
                .withKubernetesSerialization(WireObjects.serialization())
                .build();
    }
}
