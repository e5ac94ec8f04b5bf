package io.littlelb.proxy.health;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.proxy.loop.Deadlines;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import io.littlelb.proxy.loop.EventLoop;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Asks every backend in use once in an interval, evenly spread over it, so that one that has died is known of before a client is sent to it.
 * Those that are ejected are asked by {@link BackendHealth} already.
 *
 * <p>Owned by one loop.
 */
public final class BackendChecks implements Deadlines.Due {
    private final EventLoop loop;
    private final Duration interval;
    private final Supplier<Set<Use>> used;
    private final BackendHealth health;
    private final Deadline deadline = new Deadline(this);

    private Iterator<One> round = Collections.emptyIterator();
    private long stepNanos;
    private long nextNanos;

    /** @param used the backends that are of interest */
    public BackendChecks(EventLoop loop, Duration interval, Supplier<Set<Use>> used, BackendHealth health) {
        this.loop = loop;
        this.interval = interval;
        this.used = used;
        this.health = health;
    }

    /** Backends, and what those who ask them are to say. They are looked at one by one: there may be a thousand for each of thousands of frontends. */
    public record Use(Backends backends, ProxyProtocol expects) {
        private Stream<One> each() {
            return IntStream.range(0, backends.size()).mapToObj(i -> new One(backends.at(i), expects));
        }
    }

    private record One(Backend backend, ProxyProtocol expects) {}

    /** Begins the first round. */
    public void start() {
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
        loop.deadlines().set(deadline, System.nanoTime() + interval.toNanos());
    }

    private void next() {
        if (!round.hasNext()) {
            List<Use> uses = List.copyOf(used.get());
            long backends =
                    uses.stream().mapToLong(use -> use.backends().size()).sum();
            stepNanos = interval.toNanos() / Math.max(1, backends);
            round = uses.stream().flatMap(Use::each).iterator();
        }
        if (round.hasNext()) {
            One one = round.next();
            health.check(one.backend(), one.expects());
        }
        long oneRoundAgo = loop.now() - interval.toNanos();
        nextNanos += stepNanos; // not from now: whoever comes late catches up, by a round at most
        nextNanos = nextNanos - oneRoundAgo < 0 ? oneRoundAgo : nextNanos;
        loop.deadlines().set(deadline, nextNanos);
    }

    /** Asks nobody any more. */
    public void close() {
        loop.deadlines().cancel(deadline);
    }
}
