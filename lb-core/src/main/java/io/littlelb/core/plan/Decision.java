package io.littlelb.core.plan;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Placement;

/**
 * What one pass has looked at, and what it concluded.
 *
 * @param allocations who holds what
 * @param placement which of that is carried here
 * @param desired what should be
 */
public record Decision(Inputs inputs, Allocations allocations, Placement placement, DesiredState desired) {
    public Decision {
        requireNonNull(inputs, "inputs");
        requireNonNull(allocations, "allocations");
        requireNonNull(placement, "placement");
        requireNonNull(desired, "desired");
    }
}
