package io.littlelb.core.loop;

import io.littlelb.core.plan.Step;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

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
    private final Map<Object, Attempt> attempts = new HashMap<>();

    Backoff(InstantSource clock) {
        this.clock = clock;
    }

    private record Attempt(Step step, Instant at, Duration pause) {
        Instant next() {
            return at.plus(pause);
        }
    }

    /** How long the step has to wait; zero or less when it may be taken now. */
    Duration remaining(Step step) {
        Attempt last = attempts.get(step.target());
        boolean free = !step.changesTheWorld() || last == null || !last.step().equals(step);
        return free ? Duration.ZERO : Duration.between(clock.instant(), last.next());
    }

    /** The step is being taken now. */
    void taken(Step step) {
        Instant now = clock.instant();
        Attempt last = attempts.get(step.target());
        boolean repeated = last != null
                && last.step().equals(step)
                && now.isBefore(last.next().plus(FORGOTTEN));
        Duration pause = repeated ? shorter(last.pause().multipliedBy(2), LONGEST) : FIRST;
        attempts.put(step.target(), new Attempt(step, now, pause));
        attempts.values().removeIf(attempt -> attempt.next().plus(FORGOTTEN).isBefore(now));
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
