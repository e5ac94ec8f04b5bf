/**
 * TCP from clients to backends: epoll(7) says what is ready; messages are read and written,
 * streams are moved inside the kernel by splice(2).
 *
 * <p>{@link io.littlelb.proxy.SpliceForwarder} is the port of the core and may be used from any thread; it, {@link io.littlelb.proxy.ProxyConfig} and the
 * groups of figures that this consists of are promised to who embeds them. Everything below is internal, and lives on the threads
 * {@code lb-proxy-N}, one per {@code EventLoop}: an acceptor on one of them takes in clients, chooses the backend, and hands the connection to the loop
 * with the fewest; that loop owns both of its sockets from then on.
 *
 * <p>In storeys, and each knows only those below it: this package, {@code tcp}, {@code frontend}, {@code health}, {@code loop}. A loop carries residents of any
 * protocol; another one than TCP is an {@code Acceptor} and residents of its own beside {@code tcp}.
 *
 * <p>Start reading at {@code Connection}, then its phases {@code Dial} and {@code Relay}, then {@code SplicePipe} and {@code EventLoop}.
 */
package io.littlelb.proxy;
