package io.littlelb.core.plan;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import com.google.common.collect.SetMultimap;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who holds what: the outcome of one round of the {@link Allocator}, and the holders the next round respects.
 *
 * @param isDecided whether we have decided it ourselves; what statuses tell of the time before, anybody who may write statuses may have written
 */
public record Allocations(ImmutableMap<ServiceKey, ImmutableMap<Family, Allocation>> byService, boolean isDecided) {
    /** Nobody holds anything. */
    public static final Allocations NONE = new Allocations(ImmutableMap.of(), false);

    /**
     * The holders that a Service's own status tells of: what a program that has just started knows of the time before. An address that is shown as
     * the ingress of a Service is not another's who only has it among what was allocated once. A
     * Service without a request holds the link's address; whether that still is the same one, the next round decides. Until the link can tell, an
     * address that several hold without a common key can only be the link's own: no other is shared on such terms.
     */
    public static Allocations published(ClusterSnapshot cluster) {
        Map<ServiceKey, Map<Family, InetAddress>> held = new HashMap<>();
        SetMultimap<InetAddress, Object> terms = HashMultimap.create();
        SetMultimap<InetAddress, Object> shown = HashMultimap.create();
        cluster.services()
                .values()
                .forEach(service -> status(cluster, service)
                        .ifPresent(status -> ingress(status).forEach(ip -> shown.put(ip, terms(service)))));
        cluster.services()
                .values()
                .forEach(service -> status(cluster, service).ifPresent(status -> {
                    Map<Family, InetAddress> addresses = addresses(status);
                    addresses
                            .values()
                            .removeIf(ip -> shown.containsKey(ip) && !shown.containsEntry(ip, terms(service)));
                    held.put(service.key(), addresses);
                    addresses.values().forEach(ip -> terms.put(ip, terms(service)));
                }));
        return new Allocations(
                ImmutableMap.copyOf(Maps.transformValues(
                        held,
                        addresses -> ImmutableMap.copyOf(Maps.transformValues(
                                addresses,
                                ip -> terms.get(ip).size() > 1
                                        ? new Allocation.LinkAddress(ip)
                                        : new Allocation.Exclusive(ip))))),
                false);
    }

    private static Optional<ServiceStatus> status(ClusterSnapshot cluster, ServiceSpec service) {
        return Optional.ofNullable(cluster.published().get(service.key()))
                .filter(published -> published.uid().equals(service.uid()))
                .map(ClusterSnapshot.Published::status);
    }

    private static List<InetAddress> ingress(ServiceStatus status) {
        return status.ingress().stream().map(ServiceStatus.Ingress::ip).toList();
    }

    /** With whom a Service would share an address; equal for two that would. */
    private static Object terms(ServiceSpec service) {
        return service.sharingKey()
                .<Object>map(key -> List.of(service.key().namespace(), key))
                .orElse(service.key());
    }

    private static Map<Family, InetAddress> addresses(ServiceStatus status) {
        Map<Family, InetAddress> addresses = new EnumMap<>(Family.class);
        ingress(status).forEach(ip -> addresses.put(Family.of(ip), ip));
        status.allocated().forEach(ip -> addresses.putIfAbsent(Family.of(ip), ip));
        return addresses;
    }

    /** What a Service got, per family that it asked for; empty when it is not known. */
    public ImmutableMap<Family, Allocation> of(ServiceKey service) {
        return byService.getOrDefault(service, ImmutableMap.of());
    }

    /** Whether anybody holds an address. */
    boolean isHeld(InetAddress ip) {
        return byService.values().stream()
                .flatMap(families -> families.values().stream())
                .anyMatch(allocation -> allocation.ip().filter(ip::equals).isPresent());
    }

    /** The address a Service holds in a family. */
    Optional<InetAddress> held(ServiceKey service, Family family) {
        return Optional.ofNullable(of(service).get(family)).flatMap(Allocation::ip);
    }
}
