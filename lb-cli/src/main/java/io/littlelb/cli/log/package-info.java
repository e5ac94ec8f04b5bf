/**
 * How the program tells what happens, on stderr: the log, and one line a connection where those are asked for. Text or JSON, escaped, at a level that may change
 * while it runs.
 *
 * <p>Start reading at {@link io.littlelb.cli.log.Logging}.
 */
package io.littlelb.cli.log;
