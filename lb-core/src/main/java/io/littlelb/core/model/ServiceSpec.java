package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a user asks for: one Service of type LoadBalancer.
 *
 * @param uid tells a Service from a later one of the same name
 * @param createdAt decides who was first when two ask for the same address
 * @param families the families to serve when no address is requested; a request's own families otherwise
 * @param everyFamily whether it is no use without one of them; else those that can be had are enough
 * @param sharingKey Services of one namespace with equal keys may share an address
 */
public record ServiceSpec(
        ServiceKey key,
        String uid,
        Instant createdAt,
        AddressRequest request,
        Set<Family> families,
        boolean everyFamily,
        Optional<String> sharingKey,
        List<ServicePort> ports,
        Policies policies) {
    public ServiceSpec {
        requireNonNull(key, "key");
        requireNonNull(uid, "uid");
        requireNonNull(createdAt, "createdAt");
        requireNonNull(request, "request");
        families = Set.copyOf(families);
        requireNonNull(sharingKey, "sharingKey");
        ports = List.copyOf(ports);
        requireNonNull(policies, "policies");
    }

    /**
     * Begins to describe a Service in a program.
     *
     * @param name {@code NAMESPACE/NAME}
     */
    public static ServiceBuilder named(String name) {
        return new ServiceBuilder(name);
    }
}
