/**
 * What should be where on the network, and the steps to get there.
 *
 * <p>The module decides and does nothing else: it opens no socket, reads no file and starts one thread only, the one of
 * {@link io.littlelb.core.loop.ReconcileLoop}. The world is reached through the interfaces of {@link io.littlelb.core.port}.
 *
 * <p>The packages know each other in one direction: {@code loop -> plan -> port -> model}.
 *
 * <p>Start reading at {@link io.littlelb.core.loop.Reconciler}: observe, allocate, plan, apply.
 */
package io.littlelb.core;
