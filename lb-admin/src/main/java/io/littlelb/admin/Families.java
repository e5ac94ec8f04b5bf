package io.littlelb.admin;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The families of metrics of one scrape, each handed on as soon as it is put together: of thousands of Services, all of them together would fill the heap of a
 * small program. Names are given without {@code littlelb_} and {@code _total}.
 */
final class Families {
    private static final String PREFIX = "littlelb_";

    private final Consumer<MetricSnapshot> next;

    /** @param next is given those that have points */
    Families(Consumer<MetricSnapshot> next) {
        this.next = next;
    }

    /** Points of one counter or gauge. */
    @FunctionalInterface
    interface Points {
        void add(double value, Labels labels);

        /** A count; exact up to 2^53. */
        default void add(long value, Labels labels) {
            add((double) value, labels);
        }
    }

    /** Points of one histogram. */
    @FunctionalInterface
    interface Distributions {
        /**
         * Adds one.
         *
         * @param counts how many lie in each bucket; the last one has no upper bound
         */
        void add(List<Long> counts, Duration sum, Labels labels);
    }

    /** What gives points; it may give none. */
    @FunctionalInterface
    interface Source<P> {
        void into(P points);
    }

    void counter(String name, String help, Source<Points> source) {
        CounterSnapshot.Builder family =
                CounterSnapshot.builder().name(PREFIX + name).help(help);
        int[] points = {0};
        source.into((value, labels) -> {
            family.dataPoint(CounterDataPointSnapshot.builder()
                    .value(value)
                    .labels(labels)
                    .build());
            points[0]++;
        });
        addUnlessEmpty(points[0], family.build());
    }

    void gauge(String name, String help, Source<Points> source) {
        GaugeSnapshot.Builder family =
                GaugeSnapshot.builder().name(PREFIX + name).help(help);
        int[] points = {0};
        source.into((value, labels) -> {
            family.dataPoint(
                    GaugeDataPointSnapshot.builder().value(value).labels(labels).build());
            points[0]++;
        });
        addUnlessEmpty(points[0], family.build());
    }

    void histogram(String name, String help, List<Duration> bounds, Source<Distributions> source) {
        HistogramSnapshot.Builder family =
                HistogramSnapshot.builder().name(PREFIX + name).help(help);
        double[] upper = upper(bounds);
        int[] points = {0};
        source.into((counts, sum, labels) -> {
            family.dataPoint(HistogramDataPointSnapshot.builder()
                    .classicHistogramBuckets(ClassicHistogramBuckets.of(
                            upper, counts.stream().mapToLong(Long::longValue).toArray()))
                    .sum(sum.toNanos() / 1e9)
                    .labels(labels)
                    .build());
            points[0]++;
        });
        addUnlessEmpty(points[0], family.build());
    }

    private static double[] upper(List<Duration> bounds) {
        double[] upper = new double[bounds.size() + 1];
        for (int i = 0; i < bounds.size(); i++) {
            upper[i] = bounds.get(i).toNanos() / 1e9;
        }
        upper[bounds.size()] = Double.POSITIVE_INFINITY;
        return upper;
    }

    private void addUnlessEmpty(int points, MetricSnapshot family) {
        if (points > 0) {
            next.accept(family);
        }
    }
}
