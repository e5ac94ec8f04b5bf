package io.littlelb.proxy;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** How many connections there may be at once: of a Service, or of the process. Used by all loops. */
final class ConnectionLimit {
    private final AtomicInteger open = new AtomicInteger();
    private final Queue<Listener> waiting = new ConcurrentLinkedQueue<>();
    private volatile int most;

    ConnectionLimit(int most) {
        this.most = most;
    }

    int most() {
        return most;
    }

    /** From now on it is another one; what is open beyond it stays. */
    void most(int number) {
        most = number;
        wake();
    }

    /** Takes a place, if there is one. */
    boolean enter() {
        if (open.incrementAndGet() <= most) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    /** Gives a place back. */
    void leave() {
        open.decrementAndGet();
        wake();
    }

    /** Has a listener called once there may be a place, which may be at once. */
    void await(Listener listener) {
        waiting.add(listener);
        wake(); // a place may have been given back before we waited
    }

    private void wake() {
        if (open.get() < most) {
            for (Listener next = waiting.poll(); next != null; next = waiting.poll()) {
                next.resume(); // all of them: one may have been closed, and those that get no place wait again
            }
        }
    }
}
