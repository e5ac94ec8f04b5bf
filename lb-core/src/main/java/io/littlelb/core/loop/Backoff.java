package io.littlelb.core.loop;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.google.common.base.Ticker;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.littlelb.core.plan.Step;
import io.littlelb.core.worker.Pauses;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Keeps the same step from being taken over and over: because it fails, or because somebody keeps undoing it.
 *
 * <p>A step is told by what it is about and what it does to it, so a frontend that changes its backends again and again is
 * never held up; and a status is not either, for its writer paces itself. Owned by the reconciler, on its thread.
 */
final class Backoff {
    static final Duration FIRST = Duration.ofMillis(100);
    static final Duration LONGEST = Duration.ofSeconds(30);

    /** A step that was not needed for so long has worked; the next need of it is a new story. */
    private static final Duration FORGOTTEN = LONGEST.multipliedBy(2);

    private final InstantSource clock;
    private final Cache<Object, Attempt> attempts;

    Backoff(InstantSource clock) {
        this.clock = clock;
        this.attempts = CacheBuilder.newBuilder()
                .expireAfterWrite(LONGEST.plus(FORGOTTEN))
                .ticker(new Ticker() {
                    @Override
                    public long read() {
                        return MILLISECONDS.toNanos(clock.millis());
                    }
                })
                .build();
    }

    /** @param pauses those that follow while it is repeated */
    private record Attempt(Step step, Instant at, Duration pause, Pauses pauses) {
        Instant next() {
            return at.plus(pause);
        }
    }

    /** How long the step has to wait; zero or less when it may be taken now. */
    Duration remaining(Step step) {
        if (!step.changesTheWorld()) {
            return Duration.ZERO;
        }
        Instant now = clock.instant();
        Attempt last = attempts.getIfPresent(step.target());
        boolean free = last == null
                || !last.step().equals(step)
                || now.isBefore(last.at()); // the clock was set back, who knows how far
        return free ? Duration.ZERO : Duration.between(now, last.next());
    }

    /** The step is being taken now. */
    void taken(Step step) {
        if (!step.changesTheWorld()) {
            return;
        }
        Instant now = clock.instant();
        Attempt last = attempts.getIfPresent(step.target());
        boolean repeated = last != null
                && last.step().equals(step)
                && now.isBefore(last.next().plus(FORGOTTEN));
        Pauses pauses = repeated ? last.pauses() : new Pauses(FIRST, LONGEST);
        attempts.put(step.target(), new Attempt(step, now, pauses.next(), pauses));
    }
}
