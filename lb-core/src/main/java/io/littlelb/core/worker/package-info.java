/**
 * The run loop of every thread of the program, and what keeps it running: nothing that goes wrong in one turn ends a thread unnoticed.
 *
 * <p>Knows nothing of load balancing. Start reading at {@link io.littlelb.core.worker.Worker}.
 */
package io.littlelb.core.worker;
