package io.littlelb.core.worker;

import org.slf4j.LoggerFactory;

/**
 * Is told of an {@link Error} on a thread of ours, such as no memory being left. A library ends no process: a program hands in a handler that does,
 * for its supervisor to start it again.
 */
@FunctionalInterface
public interface ErrorHandler {
    /** Says so in the log, and leaves it at that: the thread goes on after a pause. */
    ErrorHandler LOG = (thread, error) -> LoggerFactory.getLogger(Worker.class)
            .error("{} failed for want of something that Java itself needs; it goes on after a pause", thread, error);

    /**
     * Called on the thread that failed, which goes on after a pause once this returns. May find no memory, and must not throw.
     *
     * @param thread the name of the thread, such as {@code lb-link}
     */
    void onError(String thread, Error error);
}
