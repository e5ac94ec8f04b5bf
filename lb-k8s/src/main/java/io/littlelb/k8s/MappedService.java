package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.util.Map;
import java.util.Optional;

/**
 * A Service of the cluster in the core's terms.
 *
 * @param asks what it asks for; empty when it is not one of ours to serve
 * @param nodePorts the port of the nodes behind each of its ports that has one
 * @param healthCheckNodePort where nodes tell whether they have a ready pod of it; only those that have take traffic for a
 *     Service with {@code externalTrafficPolicy: Local}. Empty for any other
 * @param published what we have said on it; empty when nothing
 */
record MappedService(
        ServiceKey key,
        Optional<ServiceSpec> asks,
        Map<ServicePort, Integer> nodePorts,
        Optional<Integer> healthCheckNodePort,
        Optional<Published> published) {
    MappedService {
        requireNonNull(key, "key");
        requireNonNull(asks, "asks");
        nodePorts = Map.copyOf(nodePorts);
        requireNonNull(healthCheckNodePort, "healthCheckNodePort");
        requireNonNull(published, "published");
    }

    /** Of which Service of its name this was read; empty when nothing of it matters. */
    Optional<String> uid() {
        return asks.map(ServiceSpec::uid).or(() -> published.map(Published::uid));
    }
}
