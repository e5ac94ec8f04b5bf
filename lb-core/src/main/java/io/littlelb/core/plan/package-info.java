/**
 * The decision, as pure functions: who gets which address, what should be, and in which steps to get there.
 *
 * <p>Nothing here blocks, reads a clock or remembers; the same input gives the same output, in whatever order it is listed.
 *
 * <p>Start reading at {@link io.littlelb.core.plan.Allocator}, then {@link io.littlelb.core.plan.Planner}.
 */
package io.littlelb.core.plan;
