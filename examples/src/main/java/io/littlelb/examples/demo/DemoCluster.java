package io.littlelb.examples.demo;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.littlelb.k8s.ClusterAccess;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The embedded API server, and what a user does with it. */
final class DemoCluster implements AutoCloseable {
    private static final String NAMESPACE = "default";

    private final EmbeddedApiServer server = EmbeddedApiServer.start();
    private final Path kubeconfig;
    private final KubernetesClient user;

    DemoCluster(Path directory) throws IOException {
        kubeconfig = Files.writeString(directory.resolve("kubeconfig"), server.kubeconfig());
        user = ClusterAccess.open(Optional.of(kubeconfig));
    }

    Path kubeconfig() {
        return kubeconfig;
    }

    String url() {
        return server.url();
    }

    void register(DemoNetwork.Node node) {
        user.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(node.name())
                        .addToLabels("node-role.kubernetes.io/worker", "")
                        .endMetadata()
                        .withNewStatus()
                        .addNewAddress(node.ip(), "InternalIP")
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .endCondition()
                        .endStatus()
                        .build())
                .create();
    }

    /** Applies one of the example manifests. */
    void apply(String manifest) throws IOException {
        try (InputStream yaml = DemoCluster.class.getResourceAsStream("/manifests/" + manifest)) {
            if (yaml == null) {
                throw new IOException("the manifest " + manifest + " is not in this program");
            }
            for (HasMetadata object : user.load(yaml).items()) {
                apply(object);
            }
        }
    }

    /** Applies the Service of a manifest under another name and port. */
    void applyAs(String manifest, String name, int port) throws IOException {
        try (InputStream yaml = DemoCluster.class.getResourceAsStream("/manifests/" + manifest)) {
            apply(new ServiceBuilder(user.services().load(yaml).item())
                    .editMetadata()
                    .withName(name)
                    .endMetadata()
                    .editSpec()
                    .editFirstPort()
                    .withPort(port)
                    .endPort()
                    .endSpec()
                    .build());
        }
    }

    private void apply(HasMetadata object) {
        user.resource(object)
                .inNamespace(NAMESPACE)
                .fieldManager("demo")
                .forceConflicts()
                .serverSideApply();
    }

    void delete(String service) {
        user.services().inNamespace(NAMESPACE).withName(service).delete();
    }

    int nodePort(String service) {
        return get(service).getSpec().getPorts().get(0).getNodePort();
    }

    /** The addresses that a Service's status tells. */
    List<String> ingress(String service) {
        Service found = get(service);
        return found.getStatus() == null || found.getStatus().getLoadBalancer() == null
                ? List.of()
                : found.getStatus().getLoadBalancer().getIngress().stream()
                        .map(LoadBalancerIngress::getIp)
                        .toList();
    }

    List<String> externalIps(String service) {
        return get(service).getSpec().getExternalIPs();
    }

    /** The Events about a Service, as {@code reason: note}. */
    List<String> events(String service) {
        return user.events().v1().events().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(event -> event.getRegarding().getName().equals(service))
                .map((Event event) -> event.getReason() + ": " + event.getNote())
                .toList();
    }

    private Service get(String service) {
        return user.services().inNamespace(NAMESPACE).withName(service).require();
    }

    @Override
    public void close() {
        user.close();
        server.close();
    }
}
