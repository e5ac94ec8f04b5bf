package io.littlelb.core.plan;

import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Placement;

/** Decides which instance carries which of the addresses that Services were allocated. A pure function; must answer the same to the same. */
@FunctionalInterface
public interface Placer {
    /** For an instance that is alone: it carries everything. */
    Placer ALONE = (allocations, inputs) -> Placement.HERE;

    Placement place(Allocations allocations, Inputs inputs);
}
