package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * The backends of one Service port, per family of the frontend, and why there are none when there are none.
 *
 * @param problem set by a source that knows more than "there are none", for instance that no node matches the selector
 */
public record PortBackends(Backends ipv4, Backends ipv6, Optional<Problem> problem) {
    /** No backends, and nothing known about why. */
    public static final PortBackends NONE = new PortBackends(Backends.none(), Backends.none(), Optional.empty());

    public PortBackends {
        requireNonNull(ipv4, "ipv4");
        requireNonNull(ipv6, "ipv6");
        requireNonNull(problem, "problem");
    }

    /** The same backends whatever the family of the frontend: a proxy may cross from one family to the other. */
    public static PortBackends ofBoth(Backends backends) {
        return new PortBackends(backends, backends, Optional.empty());
    }

    /** No backends, with the reason. */
    public static PortBackends none(Problem problem) {
        return new PortBackends(Backends.none(), Backends.none(), Optional.of(problem));
    }

    /** The backends for frontends of one family. */
    public Backends of(Family family) {
        return family == Family.IPV4 ? ipv4 : ipv6;
    }
}
