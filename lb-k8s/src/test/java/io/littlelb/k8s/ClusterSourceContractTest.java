package io.littlelb.k8s;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import io.littlelb.testkit.contract.EndpointSourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A cluster keeps the contract of a source. */
class ClusterSourceContractTest extends EndpointSourceContract {
    private EmbeddedApiServer server;
    private KubernetesClient user;
    private KubernetesEndpointSource source;

    @TempDir
    private Path directory;

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedApiServer.start();
        user = client();
        source = KubernetesEndpointSource.open(client(), ClusterScope.everything(Mode.NODE_PORT));
        await().until(source::hasSynced);
    }

    @AfterEach
    void stop() {
        source.close();
        user.close();
        server.close();
    }

    private KubernetesClient client() throws IOException {
        return ClusterAccess.open(Optional.of(Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig())));
    }

    @Override
    protected EndpointSource source() {
        return source;
    }

    @Override
    protected void ask(String name, String address) {
        Service service = new ServiceBuilder(Fixtures.loadBalancer("default", name))
                .editSpec()
                .withLoadBalancerIP(address)
                .endSpec()
                .build();
        user.resource(service).createOr(NonDeletingOperation::patch);
    }

    @Override
    protected void withdraw(String name) {
        user.services().inNamespace("default").withName(name).delete();
    }
}
