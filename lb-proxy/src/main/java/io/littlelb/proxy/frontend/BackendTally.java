package io.littlelb.proxy.frontend;

import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ejection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what one backend does for one frontend. Written by loops, read by anybody. */
public final class BackendTally {
    private final AtomicInteger active = new AtomicInteger();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final DialHistogram dialTimes = new DialHistogram();
    private final AtomicLong bytesToBackend = new AtomicLong();
    private final AtomicLong bytesToClients = new AtomicLong();

    /** A connection is tried; it counts from now on, so that those that come together spread. */
    public void dialled() {
        active.incrementAndGet();
    }

    public void connected(long nanos) {
        connections.incrementAndGet();
        dialTimes.add(nanos);
    }

    public void failed() {
        failures.incrementAndGet();
    }

    public void ended() {
        active.decrementAndGet();
    }

    public void moved(long toBackend, long toClients) {
        bytesToBackend.addAndGet(toBackend);
        bytesToClients.addAndGet(toClients);
    }

    public boolean hasAnswered() {
        return connections.get() > 0;
    }

    public int active() {
        return active.get();
    }

    long bytesToBackend() {
        return bytesToBackend.get();
    }

    long bytesToClients() {
        return bytesToClients.get();
    }

    /** @param ejection how its health stands */
    Counters.OfBackend counters(Optional<Ejection> ejection) {
        return new Counters.OfBackend(
                active.get(),
                connections.get(),
                failures.get(),
                dialTimes.times(),
                bytesToBackend.get(),
                bytesToClients.get(),
                ejection);
    }
}
