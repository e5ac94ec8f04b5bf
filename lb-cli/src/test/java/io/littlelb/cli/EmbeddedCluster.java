package io.littlelb.cli;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.k8s.ClusterAccess;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Our own API server, in this process. */
final class EmbeddedCluster implements TestCluster {
    private static final String NAMESPACE =
            "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"%s\", \"uid\": \"1\"}}";

    private final EmbeddedApiServer server = EmbeddedApiServer.start();
    private final Path directory;

    /** @param directory where files may be left */
    EmbeddedCluster(Path directory) throws IOException {
        this.directory = directory;
        TENANTS.forEach(tenant -> server.keep("/api/v1/namespaces/" + tenant, NAMESPACE.formatted(tenant)));
    }

    /** For its faults. */
    EmbeddedApiServer server() {
        return server;
    }

    @Override
    public KubernetesClient user() throws IOException {
        return client("somebody");
    }

    @Override
    public KubernetesClient littleLb(List<String> manifests) throws IOException {
        String account = "littlelb with " + manifests; // one of its own, since rights are only ever added to
        for (String manifest : manifests) {
            server.grant(account, Files.readString(ClusterWorld.DEPLOY.resolve(manifest)), "default");
        }
        return client(account);
    }

    @Override
    public KubernetesClient tenant(String namespace) throws IOException {
        server.grant("tenant of " + namespace, RIGHTS_OF_A_TENANT, namespace);
        return client("tenant of " + namespace);
    }

    private KubernetesClient client(String name) throws IOException {
        return ClusterAccess.open(
                Optional.of(Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig(name))));
    }

    @Override
    public boolean makesSlices() {
        return true;
    }

    @Override
    public void goAway() {
        server.goAway();
    }

    @Override
    public void comeBack() throws IOException {
        server.comeBack();
    }

    @Override
    public void close() {
        server.close();
    }
}
