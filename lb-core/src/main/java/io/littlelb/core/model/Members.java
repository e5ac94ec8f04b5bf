package io.littlelb.core.model;

import java.util.Set;

/**
 * Who shares the Services with this instance.
 *
 * @param others the other instances by name
 */
public record Members(Set<String> others) {
    /** Nobody does. */
    public static final Members ALONE = new Members(Set.of());

    public Members {
        others = Set.copyOf(others);
    }
}
