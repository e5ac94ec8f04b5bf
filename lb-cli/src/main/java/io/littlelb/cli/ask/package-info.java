/**
 * The commands that ask a running instance, or give it orders, over its unix socket.
 *
 * <p>All that is shown is a view of {@link io.littlelb.admin.view} as a table, or as it came. A command lives on the main thread and ends within seconds, so
 * nothing is loaded here that it does not need: no native code, no client of a cluster.
 *
 * <p>Start reading at {@link io.littlelb.cli.ask.AskCommands}, then {@link io.littlelb.cli.ask.AskCommand}.
 */
package io.littlelb.cli.ask;
