/**
 * Networks to test in: real kernels' network namespaces, one fresh one per test, with nothing of the host's in it.
 *
 * <p>Start reading at {@link io.littlelb.testkit.net.NetworkNamespace}.
 */
package io.littlelb.testkit.net;
