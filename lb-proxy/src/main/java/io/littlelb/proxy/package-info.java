/**
 * TCP from clients to backends: epoll(7) says what is ready; messages are read and written,
 * streams are moved inside the kernel by splice(2).
 *
 * <p>{@link io.littlelb.proxy.SpliceForwarder} is the port of the core and may be used from any thread. Everything else lives
 * on the threads {@code lb-proxy-N}, one per {@code EventLoop}: a listener on one of them accepts, chooses the backend, and
 * hands the connection to the loop with the fewest; that loop owns both of its sockets from then on.
 *
 * <p>In storeys, and each knows only those below it: this package, {@code tcp}, {@code frontend}, {@code health}, {@code loop}. A loop carries residents of any
 * protocol; another one than TCP is an {@code Acceptor} and residents of its own beside {@code tcp}.
 *
 * <p>Start reading at {@code SplicePipe}, then {@code Direction} and {@code Connection}, then {@code EventLoop}.
 */
package io.littlelb.proxy;
