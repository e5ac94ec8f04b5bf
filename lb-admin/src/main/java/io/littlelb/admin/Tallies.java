package io.littlelb.admin;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.loop.PassResult;
import io.littlelb.core.loop.ReconcileListener;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.plan.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What passes have come to since the start. Told on the reconciler's thread, asked on any. */
public final class Tallies implements ReconcileListener {
    /** What a pass takes: from one that found nothing to do to one of ten thousand Services. */
    public static final List<Duration> BOUNDS = List.of(
            Duration.ofNanos(100_000),
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(2));

    private final long[] durations = new long[BOUNDS.size() + 1];
    private final Map<Taken, Long> steps = new TreeMap<>();
    private Duration sum = Duration.ZERO;
    private PersistentMap<ServiceKey, Since> since = PersistentMap.of();
    private Map<ServiceKey, Published> statuses = PersistentMap.of();

    /** A step and how it went; {@code result} is {@code ok} or {@code failed}. */
    public record Taken(String step, String result) implements Comparable<Taken> {
        public Taken {
            requireNonNull(step, "step");
            requireNonNull(result, "result");
        }

        @Override
        public int compareTo(Taken other) {
            return (step + result).compareTo(other.step + other.result);
        }
    }

    /** Since when a Service is served as asked, or is not. */
    public record Since(boolean served, Instant at) {
        public Since {
            requireNonNull(at, "at");
        }
    }

    /**
     * All of it at one time.
     *
     * @param durations how many passes took at most each of {@link #BOUNDS} and longer than the one before; the last of how many took longer than all
     * @param sum of all durations
     * @param since of each Service that is this instance's
     */
    public record Sums(List<Long> durations, Duration sum, Map<Taken, Long> steps, Map<ServiceKey, Since> since) {
        public Sums {
            durations = List.copyOf(durations);
            requireNonNull(sum, "sum");
            steps = Map.copyOf(steps);
            requireNonNull(since, "since");
        }

        /** How many passes were made. */
        public long passes() {
            return durations.stream().mapToLong(Long::longValue).sum();
        }
    }

    @Override
    public synchronized void onPass(PassResult pass) {
        durations[bucket(pass.took())]++;
        sum = sum.plus(pass.took());
        pass.applied().forEach(step -> count(step, "ok"));
        pass.failures().forEach(failure -> count(failure.step(), "failed"));
        if (pass.synced()) {
            note(pass.desired().statuses(), pass.at());
        }
    }

    private static int bucket(Duration took) {
        int bucket = 0;
        while (bucket < BOUNDS.size() && took.compareTo(BOUNDS.get(bucket)) > 0) {
            bucket++;
        }
        return bucket;
    }

    private void count(Step step, String result) {
        steps.merge(new Taken(step.word(), result), 1L, Long::sum);
    }

    private void note(Map<ServiceKey, Published> now, Instant at) {
        Map<ServiceKey, Since> changed = new HashMap<>();
        Set<ServiceKey> gone = new HashSet<>();
        for (ServiceKey service : PersistentMap.differences(statuses, now)) {
            Optional<Boolean> served = Optional.ofNullable(now.get(service))
                    .map(published -> published.status().isServed());
            if (served.isEmpty()) {
                gone.add(service);
            } else if (Optional.ofNullable(since.get(service))
                    .map(Since::served)
                    .filter(served.get()::equals)
                    .isEmpty()) {
                changed.put(service, new Since(served.get(), at));
            }
        }
        since = since.with(changed, gone);
        statuses = now;
    }

    /** What there is by now. */
    public synchronized Sums sums() {
        return new Sums(Arrays.stream(durations).boxed().toList(), sum, steps, since);
    }
}
