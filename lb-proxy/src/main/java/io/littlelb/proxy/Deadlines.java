package io.littlelb.proxy;

import java.util.PriorityQueue;

/** What is to be done at a certain time, unless it is cancelled before. Times are those of {@link System#nanoTime}. */
final class Deadlines {
    private static final int LONGEST_WAIT_MILLIS = 60_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final PriorityQueue<Deadline> queue =
            new PriorityQueue<>((left, right) -> Long.signum(left.atNanos - right.atNanos));

    /** One deadline; {@link #cancel} may be called at any time. */
    static final class Deadline {
        private final long atNanos;
        private Runnable action;

        private Deadline(long atNanos, Runnable action) {
            this.atNanos = atNanos;
            this.action = action;
        }

        void cancel() {
            action = null;
        }
    }

    Deadline at(long nanos, Runnable action) {
        Deadline deadline = new Deadline(nanos, action);
        queue.add(deadline);
        return deadline;
    }

    /** How long until the next deadline, rounded up: 0 when it is due. */
    int millisToNext(long nowNanos) {
        forgetCancelled();
        Deadline next = queue.peek();
        if (next == null) {
            return LONGEST_WAIT_MILLIS;
        }
        long millis = (next.atNanos - nowNanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI;
        return (int) Math.max(0, Math.min(millis, LONGEST_WAIT_MILLIS));
    }

    /** Does everything that is due. */
    void expire(long nowNanos) {
        forgetCancelled();
        while (!queue.isEmpty() && queue.peek().atNanos - nowNanos <= 0) {
            queue.poll().action.run();
            forgetCancelled();
        }
    }

    private void forgetCancelled() {
        while (!queue.isEmpty() && queue.peek().action == null) {
            queue.poll();
        }
    }
}
