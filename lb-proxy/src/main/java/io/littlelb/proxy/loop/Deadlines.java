package io.littlelb.proxy.loop;

import io.littlelb.core.worker.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be done at a certain time, unless it is cancelled before. Times are those of {@link System#nanoTime}.
 *
 * <p>A binary heap whose entries know their place in it: setting, changing and cancelling one cost O(log n), and a cancelled one
 * is gone.
 */
public final class Deadlines {
    private final List<Deadline> heap = new ArrayList<>();

    Deadlines() {}

    /** Who is told that it is time. */
    @FunctionalInterface
    public interface Due extends Isolated {
        void onTime();
    }

    /** One thing to do; it may be set, changed and cancelled any number of times. */
    public static final class Deadline {
        private static final int NOT_SET = -1;

        private final Due due;
        private long atNanos;
        private int place = NOT_SET;

        public Deadline(Due due) {
            this.due = due;
        }

        private boolean isBefore(Deadline other) {
            return atNanos - other.atNanos < 0;
        }
    }

    /** Has something done once. */
    public void at(long nanos, Due action) {
        set(new Deadline(action), nanos);
    }

    /** Has a deadline's action done at a time, and at no other. */
    public void set(Deadline deadline, long nanos) {
        cancel(deadline);
        deadline.atNanos = nanos;
        deadline.place = heap.size();
        heap.add(deadline);
        up(deadline);
    }

    /** Does it at no time. */
    public void cancel(Deadline deadline) {
        int place = deadline.place;
        if (place == Deadline.NOT_SET) {
            return;
        }
        deadline.place = Deadline.NOT_SET;
        Deadline last = heap.remove(heap.size() - 1);
        boolean wasLast = last == deadline;
        if (!wasLast) {
            put(last, place);
            up(last);
            down(last);
        }
    }

    /** How many nanoseconds there are until the next deadline, 0 when it is due; {@link Task#UNTIL_WOKEN} when there is none. */
    long nanosToNext(long nowNanos) {
        return heap.isEmpty() ? Task.UNTIL_WOKEN : Math.max(0, heap.get(0).atNanos - nowNanos);
    }

    /** Does everything that is due. What fails keeps nothing else from being done. */
    void expire(long nowNanos) {
        while (!heap.isEmpty() && heap.get(0).atNanos - nowNanos <= 0) {
            Deadline first = heap.get(0);
            cancel(first);
            try {
                first.due.onTime();
            } catch (RuntimeException | Error fault) {
                Isolated.end(first.due, fault);
            }
        }
    }

    private void put(Deadline deadline, int place) {
        heap.set(place, deadline);
        deadline.place = place;
    }

    private void up(Deadline deadline) {
        while (deadline.place > 0 && deadline.isBefore(heap.get((deadline.place - 1) / 2))) {
            swap(deadline, heap.get((deadline.place - 1) / 2));
        }
    }

    private void down(Deadline deadline) {
        while (true) {
            int left = 2 * deadline.place + 1;
            if (left >= heap.size()) {
                return;
            }
            boolean rightIsFirst = left + 1 < heap.size() && heap.get(left + 1).isBefore(heap.get(left));
            Deadline child = heap.get(rightIsFirst ? left + 1 : left);
            if (!child.isBefore(deadline)) {
                return;
            }
            swap(deadline, child);
        }
    }

    private void swap(Deadline one, Deadline other) {
        int place = one.place;
        put(one, other.place);
        put(other, place);
    }
}
