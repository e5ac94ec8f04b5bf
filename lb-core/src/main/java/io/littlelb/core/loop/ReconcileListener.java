package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

/** Is told of every pass, to log and to count. */
@FunctionalInterface
public interface ReconcileListener {
    /** A listener that does nothing. */
    ReconcileListener NONE = result -> {};

    /** A pass has ended; called on the reconciler's thread, which waits for the listener, logs what it throws and goes on. */
    void onPass(PassResult result);

    /** Both, this one first; the other is told whatever this one throws. */
    default ReconcileListener andThen(ReconcileListener other) {
        requireNonNull(other, "other");
        return result -> {
            try {
                onPass(result);
            } finally {
                other.onPass(result);
            }
        };
    }
}
