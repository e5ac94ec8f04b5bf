package io.littlelb.proxy;

import io.littlelb.core.model.Backend;
import io.littlelb.proxy.Deadlines.Deadline;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Asks every backend in use once in an interval, evenly spread over it, so that one that has died is known of before a client is sent to it.
 * Those that rest are asked by {@link BackendHealth} already.
 *
 * <p>Owned by one loop.
 */
final class BackendChecks implements Deadlines.Due {
    private final EventLoop loop;
    private final Duration interval;
    private final Duration timeout;
    private final Supplier<Set<Backend>> used;
    private final BackendHealth health;
    private final Deadline deadline = new Deadline(this);

    private final Map<Backend, BackendProbe> probes = new HashMap<>();
    private Iterator<Backend> round = Collections.emptyIterator();
    private long stepNanos;
    private long nextNanos;

    /**
     * @param timeout how long a backend may take to answer
     * @param used the backends that are of interest
     */
    BackendChecks(
            EventLoop loop, Duration interval, Duration timeout, Supplier<Set<Backend>> used, BackendHealth health) {
        this.loop = loop;
        this.interval = interval;
        this.timeout = timeout;
        this.used = used;
        this.health = health;
    }

    /** Begins the first round. */
    void start() {
        nextNanos = System.nanoTime();
        next();
    }

    @Override
    public void onTime() {
        next();
    }

    /** The others are to be asked all the same. */
    @Override
    public void broke() {
        loop.set(deadline, System.nanoTime() + interval.toNanos());
    }

    private void next() {
        if (!round.hasNext()) {
            Set<Backend> backends = Set.copyOf(used.get());
            probes.values().removeIf(probe -> isOver(probe, backends));
            stepNanos = interval.toNanos() / Math.max(1, backends.size());
            round = backends.iterator();
        }
        if (round.hasNext()) {
            Backend backend = round.next();
            if (!health.isResting(backend)) {
                probes.computeIfAbsent(backend, this::probe).ask();
            }
        }
        long oneRoundAgo = loop.now() - interval.toNanos();
        nextNanos += stepNanos; // not from now: whoever comes late catches up, by a round at most
        nextNanos = nextNanos - oneRoundAgo < 0 ? oneRoundAgo : nextNanos;
        loop.set(deadline, nextNanos);
    }

    private static boolean isOver(BackendProbe probe, Set<Backend> backends) {
        boolean over = !backends.contains(probe.backend());
        if (over) {
            probe.cancel();
        }
        return over;
    }

    private BackendProbe probe(Backend backend) {
        return new BackendProbe(loop, timeout, backend, new BackendProbe.Asker() {
            @Override
            public void answered() {}

            @Override
            public void failed(String error) {
                health.failed(backend, error);
            }

            @Override
            public void notAsked() {}
        });
    }

    /** Asks nobody any more. */
    void close() {
        loop.cancel(deadline);
        probes.values().forEach(BackendProbe::cancel);
    }
}
