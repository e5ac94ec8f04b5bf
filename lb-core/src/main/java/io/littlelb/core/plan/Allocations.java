package io.littlelb.core.plan;

import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Who holds what: the outcome of one round of the {@link Allocator}, and the holders the next round respects. */
public record Allocations(ImmutableMap<ServiceKey, ImmutableMap<Family, Allocation>> byService) {
    /** Nobody holds anything. */
    public static final Allocations NONE = new Allocations(ImmutableMap.of());

    /**
     * The holders that a Service's own status tells of: what a program that has just started knows of the time before. A
     * Service without a request holds the link's address; whether that still is the same one, the next round decides.
     */
    public static Allocations published(ClusterSnapshot cluster) {
        ImmutableMap.Builder<ServiceKey, ImmutableMap<Family, Allocation>> held = ImmutableMap.builder();
        cluster.services().values().forEach(service -> {
            ClusterSnapshot.Published published = cluster.published().get(service.key());
            if (published != null && published.uid().equals(service.uid())) {
                ImmutableMap.Builder<Family, Allocation> families = ImmutableMap.builder();
                addresses(published.status())
                        .forEach((family, ip) -> families.put(family, new Allocation.Exclusive(ip)));
                held.put(service.key(), families.buildOrThrow());
            }
        });
        return new Allocations(held.buildOrThrow());
    }

    private static Map<Family, InetAddress> addresses(ServiceStatus status) {
        Map<Family, InetAddress> addresses = new EnumMap<>(Family.class);
        status.allocated().forEach(ip -> addresses.put(Family.of(ip), ip));
        status.ingress().forEach(ingress -> addresses.putIfAbsent(Family.of(ingress.ip()), ingress.ip()));
        return addresses;
    }

    /** What a Service got, per family that it asked for; empty when it is not known. */
    public ImmutableMap<Family, Allocation> of(ServiceKey service) {
        return byService.getOrDefault(service, ImmutableMap.of());
    }

    /** The address a Service holds in a family. */
    Optional<InetAddress> held(ServiceKey service, Family family) {
        return Optional.ofNullable(of(service).get(family)).flatMap(Allocation::ip);
    }
}
