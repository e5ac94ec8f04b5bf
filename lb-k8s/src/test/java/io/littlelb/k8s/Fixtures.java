package io.littlelb.k8s;

import com.google.common.net.InetAddresses;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/** Objects of the API, as small as they can be. */
final class Fixtures {
    private Fixtures() {}

    static InetAddress ip(String text) {
        return InetAddresses.forString(text);
    }

    /** Port 80 of type LoadBalancer, with node port 30080. */
    static ServiceBuilder web() {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web")
                .withUid("uid-1")
                .withResourceVersion("7")
                .withCreationTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .withNewSpec()
                .withType("LoadBalancer")
                .withIpFamilies("IPv4")
                .addNewPort()
                .withName("http")
                .withProtocol("TCP")
                .withPort(80)
                .withNodePort(30_080)
                .endPort()
                .endSpec();
    }

    /** As a user writes one who leaves everything to the cluster. */
    static Service loadBalancer(String namespace, String name) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withType("LoadBalancer")
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    static MappedService map(Service service) {
        return new ServiceMapper(Optional.empty()).map(service);
    }

    static Node node(String name, boolean ready, Map<String, String> labels, String... internalIps) {
        NodeBuilder node = new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "Unknown")
                .endCondition()
                .endStatus();
        for (String ip : internalIps) {
            node.editStatus().addNewAddress(ip, "InternalIP").endStatus();
        }
        return node.build();
    }
}
