package io.littlelb.k8s;

import io.fabric8.kubernetes.api.model.NamedAuthInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a cluster is reached. */
public final class ClusterAccess {
    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    private static final Logger log = LoggerFactory.getLogger(ClusterAccess.class);

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
        try {
            Config config = Config.fromKubeconfig(file.toFile());
            tokenFile(file, config).ifPresent(token -> config.setOauthTokenProvider(() -> read(token)));
            return open(config);
        } catch (RuntimeException malformed) {
            // Its own words may hold all of a file that has secrets in it.
            log.debug(
                    "{} cannot be read as a kubeconfig: {}",
                    file,
                    malformed.getClass().getName());
            throw new IOException(
                    file + " is no kubeconfig: that is a YAML file with clusters, users, contexts and current-context");
        }
    }

    /** The {@code tokenFile} of the current user, which the client library does not look at; it is read for every request, for it may be replaced. */
    private static Optional<Path> tokenFile(Path kubeconfig, Config config) throws IOException {
        String user = config.getCurrentContext() == null
                ? ""
                : config.getCurrentContext().getContext().getUser();
        return Serialization.unmarshal(Files.readString(kubeconfig), io.fabric8.kubernetes.api.model.Config.class)
                .getUsers()
                .stream()
                .filter(named -> user.equals(named.getName()))
                .map(NamedAuthInfo::getUser)
                .filter(Objects::nonNull)
                .flatMap(auth -> Stream.ofNullable(auth.getTokenFile()))
                .map(kubeconfig::resolveSibling)
                .findFirst();
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
        return new KubernetesClientBuilder()
                .withConfig(tuned)
                .withKubernetesSerialization(WireObjects.serialization())
                .build();
    }
}
