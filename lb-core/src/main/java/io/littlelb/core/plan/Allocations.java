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
import io.littlelb.core.model.ServiceStatus.Held;
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
     * The holders that Services' own statuses tell of: what a program that has just started knows of the time before. An address that is shown as
     * the ingress of a Service is not another's who only has it among what was allocated once, unless it is the link's.
     */
    public static Allocations published(ClusterSnapshot cluster) {
        SetMultimap<InetAddress, Object> shown = HashMultimap.create();
        SetMultimap<InetAddress, Object> tenants = HashMultimap.create();
        Map<ServiceKey, Map<Family, Allocation>> held = new HashMap<>();
        cluster.services()
                .values()
                .forEach(service -> status(cluster, service)
                        .ifPresent(status -> ingress(status).forEach(ip -> shown.put(ip, tenant(service)))));
        cluster.services()
                .values()
                .forEach(service -> status(cluster, service).ifPresent(status -> {
                    Map<Family, Allocation> families = held(service, status);
                    families.values().removeIf(allocation -> isAnothers(allocation, shown, tenant(service)));
                    families.values()
                            .forEach(allocation -> tenants.put(allocation.ip().orElseThrow(), tenant(service)));
                    held.put(service.key(), families);
                }));
        return new Allocations(
                ImmutableMap.copyOf(Maps.transformValues(
                        held,
                        families -> ImmutableMap.copyOf(
                                Maps.transformValues(families, allocation -> settled(allocation, tenants))))),
                false);
    }

    private static boolean isAnothers(Allocation allocation, SetMultimap<InetAddress, Object> shown, Object tenant) {
        InetAddress ip = allocation.ip().orElseThrow();
        return !(allocation instanceof Allocation.LinkAddress)
                && shown.containsKey(ip)
                && !shown.containsEntry(ip, tenant);
    }

    /** Where the terms are not known, since another manager has the annotation, what several hold can only be the link's. */
    private static Allocation settled(Allocation allocation, SetMultimap<InetAddress, Object> tenants) {
        InetAddress ip = allocation.ip().orElseThrow();
        return tenants.get(ip).size() > 1 ? new Allocation.LinkAddress(ip) : allocation;
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
    private static Object tenant(ServiceSpec service) {
        return service.sharingKey()
                .<Object>map(key -> List.of(service.key().namespace(), key))
                .orElse(service.key());
    }

    /** What a status says was held, and on which terms; of an address that is only shown, with nobody. */
    private static Map<Family, Allocation> held(ServiceSpec service, ServiceStatus status) {
        Map<InetAddress, Held> terms = new HashMap<>();
        status.allocated().forEach(held -> terms.put(held.ip(), held));
        Map<Family, Allocation> families = new EnumMap<>(Family.class);
        ingress(status)
                .forEach(ip ->
                        families.put(Family.of(ip), allocation(service, terms.getOrDefault(ip, Held.exclusive(ip)))));
        status.allocated().forEach(held -> families.putIfAbsent(Family.of(held.ip()), allocation(service, held)));
        return families;
    }

    private static Allocation allocation(ServiceSpec service, Held held) {
        return switch (held.terms()) {
            case EXCLUSIVE -> new Allocation.Exclusive(held.ip());
            case SHARED ->
                new Allocation.SharedByKey(held.ip(), service.sharingKey().orElse(""));
            case LINK -> new Allocation.LinkAddress(held.ip());
        };
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
