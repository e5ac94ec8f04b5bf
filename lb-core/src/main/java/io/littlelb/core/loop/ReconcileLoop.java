package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
    private final Duration grace;
    private final Semaphore wakeups = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "lb-reconciler");
    private volatile boolean stopping;
    private Duration pauseAfterBug = Backoff.FIRST;
    private Optional<PassResult> last = Optional.empty();

    /**
     * @param resync the longest time between two passes
     * @param grace how long a clean stop may take
     */
    public ReconcileLoop(Reconciler reconciler, ReconcileListener listener, Duration resync, Duration grace) {
        this.reconciler = requireNonNull(reconciler, "reconciler");
        this.listener = requireNonNull(listener, "listener");
        this.resync = requireNonNull(resync, "resync");
        this.grace = requireNonNull(grace, "grace");
    }

    /** Starts the thread; the first pass is made at once. */
    public void start() {
        trigger();
        thread.start();
    }

    /** Something may have changed: look again. From any thread; returns at once. */
    public void trigger() {
        wakeups.release();
    }

    /**
     * Takes everything back, waiting up to the grace period for connections to drain and for statuses to be seen withdrawn,
     * and ends the thread. A second call waits as well.
     */
    @Override
    public void close() {
        stopping = true;
        trigger();
        Uninterruptibles.joinUninterruptibly(thread);
    }

    private void run() {
        Duration wait = resync;
        while (!stopping) {
            await(wait);
            wait = stopping ? Duration.ZERO : guarded(reconciler::pass);
        }
        withdraw();
    }

    private void withdraw() {
        long deadline = System.nanoTime() + grace.toNanos();
        boolean nothingLeft = false;
        while (!nothingLeft && deadline - System.nanoTime() > 0) {
            Duration wait = guarded(reconciler::withdraw);
            nothingLeft = last.filter(PassResult::nothingLeft).isPresent();
            if (!nothingLeft) {
                await(shorter(wait, Duration.ofNanos(deadline - System.nanoTime())));
            }
        }
        if (!nothingLeft) {
            log.warn(
                    "Stopped after {} s with this not taken back: {}; the next start goes on with what is still wanted and"
                            + " takes back the rest",
                    grace.toSeconds(),
                    last.map(PassResult::left).orElse("not one pass was made"));
        }
    }

    /** Makes a pass and returns how long to wait for the next one. A bug ends the pass, not the thread. */
    private Duration guarded(Supplier<PassResult> pass) {
        try {
            PassResult result = pass.get();
            last = Optional.of(result);
            pauseAfterBug = Backoff.FIRST;
            listener.onPass(result);
            return result.again().orElse(resync);
        } catch (RuntimeException bug) {
            log.error("A pass was abandoned because of a bug in Little LB; trying again in {}", pauseAfterBug, bug);
            Duration pause = pauseAfterBug;
            pauseAfterBug = shorter(pause.multipliedBy(2), Backoff.LONGEST);
            return pause;
        }
    }

    private void await(Duration longest) {
        if (Uninterruptibles.tryAcquireUninterruptibly(wakeups, longest.toNanos(), TimeUnit.NANOSECONDS)) {
            wakeups.drainPermits();
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
