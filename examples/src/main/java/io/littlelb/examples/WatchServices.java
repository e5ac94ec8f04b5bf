package io.littlelb.examples;

import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.k8s.ClusterAccess;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.k8s.KubernetesEndpointSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Prints the Services of type LoadBalancer and their backends whenever they change, until it is killed; writes nothing. The first
 * argument is a kubeconfig; without one it is the default.
 */
public final class WatchServices {
    private WatchServices() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Optional<Path> kubeconfig = arguments.length == 0 ? Optional.empty() : Optional.of(Path.of(arguments[0]));
        Semaphore changes = new Semaphore(1);
        try (KubernetesEndpointSource source = KubernetesEndpointSource.open(
                ClusterAccess.open(kubeconfig), ClusterScope.everything(Mode.NODE_PORT))) {
            source.onChange(changes::release);
            while (true) {
                changes.acquire();
                changes.drainPermits(); // many events, one look
                source.snapshot().ifPresent(WatchServices::print);
            }
        }
    }

    private static void print(ClusterSnapshot snapshot) {
        System.out.println(snapshot.services().size() + " Services of type LoadBalancer");
        snapshot.services()
                .forEach((key, service) -> service.ports()
                        .forEach(port -> System.out.println("  " + key + " port " + port + ": "
                                + snapshot.backends(key, port).ipv4())));
    }
}
