package io.littlelb.core.model;

import com.google.common.collect.Sets;
import java.util.Set;

/**
 * What a person has ordered of this process, until it ends or the order is taken back.
 *
 * @param drained Services that get no new connections: their addresses stay, the kernel refuses clients, what is established goes on
 */
public record Orders(Set<ServiceKey> drained) {
    /** Nobody has ordered anything. */
    public static final Orders NONE = new Orders(Set.of());

    public Orders {
        drained = Set.copyOf(drained);
    }

    /** The same, and this Service is drained. */
    public Orders drain(ServiceKey service) {
        return new Orders(Sets.union(drained, Set.of(service)));
    }

    /** The same, and this Service is not drained. */
    public Orders undrain(ServiceKey service) {
        return new Orders(Sets.difference(drained, Set.of(service)));
    }
}
