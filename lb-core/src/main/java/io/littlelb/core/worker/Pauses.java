package io.littlelb.core.worker;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** Pauses that grow while something keeps failing: each is twice the one before, up to a longest. For one thread at a time. */
public final class Pauses {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    /** @throws IllegalArgumentException when the longest is shorter than the first, or the first is no time at all */
    public Pauses(Duration first, Duration longest) {
        this.first = requireNonNull(first, "first");
        this.longest = requireNonNull(longest, "longest");
        if (first.isZero() || first.isNegative() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("pauses from " + first + " to " + longest);
        }
        this.next = first;
    }

    /** It has failed: how long to wait before it is tried again. */
    public Duration next() {
        Duration pause = next;
        Duration twice = pause.multipliedBy(2);
        next = twice.compareTo(longest) < 0 ? twice : longest;
        return pause;
    }

    /** It has worked: the next failure is a new story. */
    public void reset() {
        next = first;
    }
}
