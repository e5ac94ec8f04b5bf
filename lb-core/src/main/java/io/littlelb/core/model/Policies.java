package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * How the traffic of a Service is treated.
 *
 * @param sourceRanges the networks whose clients are served; empty means all
 * @param problem a policy that cannot be applied and that security asks for: the ports stay closed until it is mended
 */
public record Policies(List<Cidr> sourceRanges, Optional<Problem> problem) {
    /** Everybody is served. */
    public static final Policies DEFAULT = new Policies(List.of(), Optional.empty());

    public Policies {
        sourceRanges = List.copyOf(sourceRanges);
        requireNonNull(problem, "problem");
    }
}
