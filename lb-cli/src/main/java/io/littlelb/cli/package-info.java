/**
 * The program {@code lb}: flags and wiring.
 *
 * <p>The only place that sees every module; nothing but examples depends on it. The main thread parses, wires and then waits for a
 * signal; everything else happens on the threads of the parts it wired.
 *
 * <p>Start reading at {@link io.littlelb.cli.Main}, then {@link io.littlelb.cli.RunCommand}.
 */
package io.littlelb.cli;
