package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * How long backends took to answer: a histogram.
 *
 * @param counts how many took at most each of {@link #BOUNDS} and longer than the one before; the last of how many took longer than all
 * @param sum of all of them together
 */
public record DialTimes(List<Long> counts, Duration sum) {
    /** From what a backend in the same rack takes to what nobody waits for. */
    public static final List<Duration> BOUNDS = List.of(
            Duration.ofNanos(500_000),
            Duration.ofMillis(1),
            Duration.ofNanos(2_500_000),
            Duration.ofMillis(5),
            Duration.ofMillis(10),
            Duration.ofMillis(25),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofMillis(2_500),
            Duration.ofSeconds(5));

    public DialTimes {
        counts = List.copyOf(counts);
        requireNonNull(sum, "sum");
        if (counts.size() != BOUNDS.size() + 1) {
            throw new IllegalArgumentException(counts.size() + " counts for " + BOUNDS.size() + " bounds");
        }
    }

    /** How many there were. */
    public long count() {
        long count = 0;
        for (long each : counts) {
            count += each;
        }
        return count;
    }
}
