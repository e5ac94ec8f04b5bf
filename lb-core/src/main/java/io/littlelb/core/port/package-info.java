/**
 * The four interfaces through which the core sees and changes the world.
 *
 * <p>Each is level-triggered: it shows what is (from memory, at once) and takes what should be (at once, idempotently).
 * {@code onChange} says "look again" and carries nothing else. All methods may be called from any thread; the core itself
 * calls them from the reconciler's thread only.
 *
 * <p>Start reading at {@link io.littlelb.core.port.EndpointSource}.
 */
package io.littlelb.core.port;
