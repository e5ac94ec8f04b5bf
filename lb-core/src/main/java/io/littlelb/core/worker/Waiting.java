package io.littlelb.core.worker;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** How a thread waits between two turns, and what it takes in when it has: calls to wake up, or events of descriptors. */
public interface Waiting {
    /**
     * Waits until something has come, and takes it in; on the worker's thread.
     *
     * @param nanos how long at most; 0 only looks
     * @return a time of {@link System#nanoTime} by which all that had come has been taken in: read before the last look, not after it; one
     *     that was returned before if there is more than could be taken in at once
     */
    long await(long nanos) throws IOException;

    /** Ends the wait that is under way, or else the next one; from any thread. */
    void wake();

    /** Waits for {@link #wake} and nothing else. */
    static Waiting forWakeUps() {
        return new Waiting() {
            private final Semaphore wakeUps = new Semaphore(0);

            @Override
            public long await(long nanos) {
                if (Uninterruptibles.tryAcquireUninterruptibly(wakeUps, nanos, TimeUnit.NANOSECONDS)) {
                    wakeUps.drainPermits();
                }
                return System
                        .nanoTime(); // a call says "look again" and nothing else, so there is nothing left to take in
            }

            @Override
            public void wake() {
                wakeUps.release();
            }
        };
    }
}
