/**
 * One runnable main for each thing one can do with the libraries: {@code ./lb example NAME}.
 *
 * <p>Start reading at {@link io.littlelb.examples.ReconcileInMemory}, which needs neither a kernel nor a cluster.
 */
package io.littlelb.examples;
