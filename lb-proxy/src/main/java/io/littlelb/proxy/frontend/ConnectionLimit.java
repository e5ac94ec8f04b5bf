package io.littlelb.proxy.frontend;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many connections there may be at once: of a Service, or of the process. While some wait for a place each one that is given back goes to the one of them
 * whose turn it is, one place a turn, and nobody who comes later overtakes them. Used by all loops.
 */
public final class ConnectionLimit {
    private final AtomicInteger open = new AtomicInteger();
    private final Queue<Waiter> waiting = new ConcurrentLinkedQueue<>();
    private volatile int most;

    public ConnectionLimit(int most) {
        this.most = most;
    }

    /** Waits for a place. */
    public interface Waiter {
        /** Has one now, and is to give it back if it has no use for it; whether it was told at all. */
        boolean entered(ConnectionLimit limit);
    }

    public int most() {
        return most;
    }

    /** From now on it is another one; what is open beyond it stays. */
    public void most(int number) {
        if (number != most) {
            most = number;
            giveOut();
        }
    }

    /** Takes a place, if there is one that nobody waits for. */
    public boolean enter() {
        return waiting.isEmpty() && take();
    }

    private boolean take() {
        if (open.incrementAndGet() <= most) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    /** Gives a place back. */
    public void leave() {
        open.decrementAndGet();
        giveOut();
    }

    /** Has a waiter called once it has a place, which may be at once, and only once. */
    public void await(Waiter waiter) {
        waiting.add(waiter);
        giveOut(); // a place may have been given back before we waited
    }

    private void giveOut() {
        while (!waiting.isEmpty() && open.get() < most && take()) {
            Waiter next = waiting.poll();
            if (next == null || !next.entered(this)) {
                open.decrementAndGet(); // and whoever came to wait meanwhile is seen by the next turn of this
            }
        }
    }
}
