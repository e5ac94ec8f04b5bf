package io.littlelb.proxy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what one backend does for one frontend. Written by loops, read by anybody. */
final class BackendTally {
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong connectNanos = new AtomicLong();
    private final AtomicLong bytesToBackend = new AtomicLong();
    private final AtomicLong bytesToClients = new AtomicLong();

    /** A connection is tried; it counts from now on, so that those that come together spread. */
    void dialled() {
        active.incrementAndGet();
    }

    void connected(long nanos) {
        connections.incrementAndGet();
        connectNanos.addAndGet(nanos);
    }

    void failed() {
        failures.incrementAndGet();
    }

    void ended() {
        active.decrementAndGet();
    }

    void moved(long toBackend, long toClients) {
        bytesToBackend.addAndGet(toBackend);
        bytesToClients.addAndGet(toClients);
    }

    boolean hasAnswered() {
        return connections.get() > 0;
    }

    int active() {
        return active.get();
    }

    Counters.OfBackend counters() {
        return new Counters.OfBackend(
                active.get(),
                connections.get(),
                failures.get(),
                Duration.ofNanos(connectNanos.get()),
                bytesToBackend.get(),
                bytesToClients.get());
    }
}
