/**
 * {@code lb demo}: the main job, shown step by step on a small world of its own. The load balancer in it is the real program, as a
 * process of its own; the cluster is the embedded API server; the network is a namespace.
 *
 * <p>Start reading at {@link io.littlelb.cli.demo.DemoCommand}.
 */
package io.littlelb.cli.demo;
