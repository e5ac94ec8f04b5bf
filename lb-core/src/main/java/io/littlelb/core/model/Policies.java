package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * What a Service says about its traffic.
 *
 * @param traffic what holds
 * @param problem a policy that cannot be applied and that security asks for: the ports stay closed until it is mended
 * @param ignored policies that make no sense, in whose place the default holds
 */
public record Policies(TrafficPolicy traffic, Optional<Problem> problem, List<Problem> ignored) {
    /** Everybody is served. */
    public static final Policies DEFAULT = of(TrafficPolicy.DEFAULT);

    public Policies {
        requireNonNull(traffic, "traffic");
        requireNonNull(problem, "problem");
        ignored = List.copyOf(ignored);
    }

    /** Nothing is wrong with what is said. */
    public static Policies of(TrafficPolicy traffic) {
        return new Policies(traffic, Optional.empty(), List.of());
    }

    /** The ports stay closed. */
    public static Policies closed(Problem problem) {
        return new Policies(TrafficPolicy.DEFAULT, Optional.of(problem), List.of());
    }
}
