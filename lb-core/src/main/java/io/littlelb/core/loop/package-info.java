/**
 * One pass from what is to what should be, and the thread that repeats it.
 *
 * <p>{@link io.littlelb.core.loop.Reconciler} has no thread and is driven by hand in tests;
 * {@link io.littlelb.core.loop.ReconcileLoop} owns the thread {@code lb-reconciler};
 * {@link io.littlelb.core.loop.LoadBalancer} wires both for a program that embeds them.
 *
 * <p>Start reading at {@link io.littlelb.core.loop.Reconciler}.
 */
package io.littlelb.core.loop;
