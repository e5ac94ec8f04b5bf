package io.littlelb.admin;

import io.littlelb.admin.view.RatesView;
import io.littlelb.core.model.Counters;
import io.littlelb.core.port.Forwarder;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The thread {@code lb-rates}: how fast each frontend moves things, from what it had counted a moment ago. It looks each second while somebody asks, and now and
 * then while nobody does, so that the first answer has a rate in it as well.
 */
public final class Rates implements AutoCloseable {
    private static final Duration ASKED = Duration.ofSeconds(1);
    private static final Duration QUIET = Duration.ofSeconds(5);
    /** Two looks that are closer to each other tell nothing of how fast anything is. */
    private static final Duration CLOSEST = Duration.ofMillis(500);
    /** For so long after a question, another one is expected. */
    private static final Duration INTEREST = Duration.ofSeconds(10);

    private final Forwarder forwarder;
    private final Worker worker;
    private volatile long askedAt = System.nanoTime() - INTEREST.toNanos();
    private volatile Map<Counters.Subject, RatesView> rates = Map.of();
    // Of the thread alone.
    private Map<Counters.Subject, Sample> before = Map.of();
    private long at;

    private record Sample(long connections, long bytesIn, long bytesOut) {
        static Sample of(Counters counters) {
            return new Sample(
                    counters.accepted() + counters.refused(), counters.bytesToBackends(), counters.bytesToClients());
        }

        /** Not so where a frontend was opened anew meanwhile: that counts from nothing. */
        boolean goesOnFrom(Sample earlier) {
            return connections >= earlier.connections && bytesIn >= earlier.bytesIn && bytesOut >= earlier.bytesOut;
        }

        RatesView since(Sample earlier, double seconds) {
            return new RatesView(
                    (connections - earlier.connections) / seconds,
                    (bytesIn - earlier.bytesIn) / seconds,
                    (bytesOut - earlier.bytesOut) / seconds);
        }
    }

    Rates(Forwarder forwarder, ErrorHandler errors) {
        this.forwarder = forwarder;
        this.worker = new Worker("lb-rates", Waiting.forWakeUps(), this::turn, errors);
    }

    void start() {
        worker.start();
    }

    /** Of each frontend that has counted anything between the last two looks; of others, nothing. */
    Map<Counters.Subject, RatesView> now() {
        boolean first = System.nanoTime() - askedAt > INTEREST.toNanos();
        askedAt = System.nanoTime();
        if (first) {
            worker.wake();
        }
        return rates;
    }

    /** @param now as {@link System#nanoTime} */
    long turn(long now) {
        if (at != 0 && now - at < CLOSEST.toNanos()) {
            return CLOSEST.toNanos();
        }
        double seconds = TimeUnit.NANOSECONDS.toMicros(now - at) / 1e6;
        Map<Counters.Subject, Sample> samples = new HashMap<>();
        Map<Counters.Subject, RatesView> next = new HashMap<>();
        forwarder.totals().forEach((subject, counters) -> {
            Sample sample = Sample.of(counters);
            Sample earlier = before.get(subject);
            samples.put(subject, sample);
            if (earlier != null && !earlier.equals(sample) && sample.goesOnFrom(earlier)) {
                next.put(subject, sample.since(earlier, seconds));
            }
        });
        before = samples;
        at = now;
        rates = Map.copyOf(next);
        return (now - askedAt < INTEREST.toNanos() ? ASKED : QUIET).toNanos();
    }

    @Override
    public void close() {
        worker.close(Duration.ZERO);
    }
}
