/**
 * {@code ./lb demo}: the whole story, from a Service to a stream and back, with the program itself as a process.
 *
 * <p>Cluster and network are made for it: the embedded API server, and namespaces on a bridge. Start reading at {@link io.littlelb.examples.demo.Demo}.
 */
package io.littlelb.examples.demo;
