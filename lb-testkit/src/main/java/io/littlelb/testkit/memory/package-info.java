/**
 * The core's ports in memory: a whole load balancer without a kernel or a cluster, for tests and for learning.
 *
 * <p>They keep the contracts of the ports, which the tests of {@code io.littlelb.testkit.contract} prove against them and the
 * real ones alike. What takes time in the world is a state here too, ended by hand with {@code settle}. All are safe for
 * use by any thread.
 *
 * <p>Start reading at {@link io.littlelb.testkit.memory.InMemoryAddressManager}.
 */
package io.littlelb.testkit.memory;
