package io.littlelb.proxy.frontend;

import io.littlelb.core.model.DialTimes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

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
        return new DialTimes(
                LongStream.range(0, counts.length())
                        .map(bound -> counts.get((int) bound))
                        .boxed()
                        .toList(),
                Duration.ofNanos(sumNanos.get()));
    }
}
