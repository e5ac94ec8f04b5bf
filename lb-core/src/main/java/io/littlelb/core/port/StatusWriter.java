package io.littlelb.core.port;

import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import java.util.Optional;

/** Says on a Service itself what we do for it. */
public interface StatusWriter extends AutoCloseable {
    /** Says nothing to anybody, for sources without a place to write to. */
    StatusWriter NONE = (key, uid, status) -> {};

    /**
     * Wishes for a status; returns at once and never fails. The last wish for a Service wins; that it was granted shows in
     * the source's next snapshot.
     *
     * @param uid the Service meant: a later one of the same name never gets this status
     * @param status the whole of what we say; {@link ServiceStatus#NONE} takes everything back
     */
    void write(ServiceKey key, String uid, ServiceStatus status);

    /** What stands on the Service is right after all: a wish that has not been granted yet is not wanted any more. */
    default void forget(ServiceKey key, String uid) {}

    /**
     * What keeps a wish for a Service from being granted, in the words of the Event on it; empty when nothing is known to, and once it is mended. From any
     * thread.
     *
     * @param uid the Service meant, as for {@link #write}
     */
    default Optional<Problem> complaint(ServiceKey key, String uid) {
        return Optional.empty();
    }

    /** How many wishes have been neither granted nor given up; from any thread. */
    default int waiting() {
        return 0;
    }

    /** Whether a wish can be expected to be granted soon: a clean stop does not wait for whom nobody answers. */
    default boolean isAnswering() {
        return true;
    }

    /** Stops writing: what has not been granted is not, nor is what is wished for later. More than once is as once. */
    @Override
    default void close() {}
}
