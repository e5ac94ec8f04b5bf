package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code lb-reconciler}: makes a pass whenever somebody says that something may have changed, and now and then
 * without being told.
 *
 * <p>Triggers carry nothing and are coalesced: a thousand events during one pass cause one more pass.
 */
public final class ReconcileLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReconcileLoop.class);

    private final Reconciler reconciler;
    private final ReconcileListener listener;
    private final Duration resync;
    private final Supplier<Duration> grace;
    private final Worker worker;
    private volatile Optional<PassResult> last = Optional.empty();
    private volatile boolean started;
    /** Whether the listener threw when it was told last; of the thread. */
    private boolean listenerFails;

    private final PresentTurn present = new PresentTurn(System::nanoTime);

    /**
     * @param resync the longest time between two passes
     * @param grace how long a clean stop may take; asked when it begins
     * @param errors is told when Java itself fails on the thread
     */
    public ReconcileLoop(
            Reconciler reconciler,
            ReconcileListener listener,
            Duration resync,
            Supplier<Duration> grace,
            ErrorHandler errors) {
        this.reconciler = requireNonNull(reconciler, "reconciler");
        this.listener = requireNonNull(listener, "listener");
        this.resync = requireNonNull(resync, "resync");
        this.grace = requireNonNull(grace, "grace");
        this.worker = new Worker("lb-reconciler", Waiting.forWakeUps(), now -> turn(), errors);
    }

    /** Starts the thread; the first pass is made at once. */
    public void start() {
        started = true;
        worker.start();
    }

    /** Whether the caller is a listener of a pass, for whom the loop waits. */
    boolean isOnItsThread() {
        return worker.isOnItsThread();
    }

    /** The last pass; empty before the first one. */
    Optional<PassResult> lastPass() {
        return last;
    }

    /** Something may have changed: look again. From any thread; returns at once. */
    public void trigger() {
        worker.wake();
    }

    /**
     * Takes everything back, waiting up to the grace period for connections to drain and for statuses to be seen withdrawn,
     * and ends the thread. A second call waits as well.
     */
    @Override
    public void close() {
        Duration patience = grace.get();
        worker.close(patience);
        if (started && last.filter(PassResult::nothingLeft).isEmpty()) {
            log.warn(
                    "Stopped after {} s with this not taken back: {}; the next start goes on with what is still wanted and"
                            + " takes back the rest",
                    patience.toSeconds(),
                    last.map(PassResult::left).orElse("not one pass was made"));
        }
    }

    /** Whether the thread is there, and its pass is not stuck. One that waits wakes when there is something to do. */
    boolean isTurning() {
        return worker.isAlive() && !present.isStuck();
    }

    private long turn() {
        present.begins();
        try {
            return makePass();
        } finally {
            present.ends();
        }
    }

    /** What a listener throws is its own trouble: what the pass has to do next does not wait for it. */
    private void tell(PassResult result) {
        try {
            listener.onPass(result);
            listenerFails = false;
        } catch (RuntimeException fault) {
            if (!listenerFails) {
                log.error("Whoever is told of passes has failed; this is said once until that works again", fault);
            }
            listenerFails = true;
        }
    }

    private long makePass() {
        boolean stopping = worker.isClosing();
        PassResult result = stopping ? reconciler.withdraw() : reconciler.pass();
        last = Optional.of(result);
        tell(result);
        return stopping && result.nothingLeft()
                ? Task.DONE
                : result.again().orElse(resync).toNanos();
    }
}
