package io.littlelb.core.loop;

/** Is told of every pass, to log and to count. */
@FunctionalInterface
public interface ReconcileListener {
    /** A listener that does nothing. */
    ReconcileListener NONE = result -> {};

    /** A pass has ended; called on the reconciler's thread, which waits for the listener. */
    void onPass(PassResult result);
}
