package io.littlelb.k8s;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** A cluster with Services of type LoadBalancer, its user, and a writer of statuses that follows it. */
record WriterWorld(
        EmbeddedApiServer server, KubernetesClient user, KubernetesEndpointSource source, ServiceStatusWriter writer)
        implements AutoCloseable {
    /** Returns once the Services have been seen. */
    static WriterWorld start(Path directory, ServiceKey... services) throws IOException {
        EmbeddedApiServer server = EmbeddedApiServer.start();
        KubernetesClient user = client(directory, server);
        for (ServiceKey service : services) {
            user.resource(Fixtures.loadBalancer(service.namespace(), service.name()))
                    .create();
        }
        KubernetesClient client = client(directory, server);
        KubernetesEndpointSource source =
                KubernetesEndpointSource.open(client, ClusterScope.everything(Mode.NODE_PORT));
        ServiceStatusWriter writer = ServiceStatusWriter.open(client, source, "test", InstantSource.system());
        await().until(() -> source.hasSynced()
                && List.of(services).stream()
                        .allMatch(service -> source.service(service).isPresent()));
        return new WriterWorld(server, user, source, writer);
    }

    private static KubernetesClient client(Path directory, EmbeddedApiServer server) throws IOException {
        return ClusterAccess.open(Optional.of(Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig())));
    }

    @Override
    public void close() {
        writer.close();
        source.close();
        user.close();
        server.close();
    }
}
