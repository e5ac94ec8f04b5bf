package io.littlelb.proxy.frontend;

import io.littlelb.core.model.DialTimes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts {@link DialTimes}. Written by loops, read by anybody. */
final class DialHistogram {
    private static final long[] BOUNDS =
            DialTimes.BOUNDS.stream().mapToLong(Duration::toNanos).toArray();

    private final AtomicLongArray counts = new AtomicLongArray(BOUNDS.length + 1);
    private final AtomicLong sumNanos = new AtomicLong();

    void add(long nanos) {
        int bound = 0;
        while (bound < BOUNDS.length && nanos > BOUNDS[bound]) {
            bound++;
        }
        counts.incrementAndGet(bound);
        sumNanos.addAndGet(nanos);
    }

    DialTimes times() {
        Long[] now = new Long[counts.length()]; // no stream: there may be ten thousand backends
        for (int bound = 0; bound < now.length; bound++) {
            now[bound] = counts.get(bound);
        }
        return new DialTimes(List.of(now), Duration.ofNanos(sumNanos.get()));
    }
}
