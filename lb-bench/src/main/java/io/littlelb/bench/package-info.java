/**
 * {@code lb bench}: ours and other proxies on the same work, by turns, on networks made for the purpose.
 *
 * <p>What is measured runs as processes of its own. Clients and backends run in this JVM, each on the thread of its network
 * namespace. Start reading at {@link io.littlelb.bench.BenchCommand}.
 */
package io.littlelb.bench;
