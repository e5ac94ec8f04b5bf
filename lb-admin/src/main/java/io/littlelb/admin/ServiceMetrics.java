package io.littlelb.admin;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.DialTimes;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.model.Shown;
import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The metrics of Services and of their ports. What a port has counted is the sum over its Service's addresses, so that there is one series for it whatever the
 * families are.
 */
final class ServiceMetrics {
    private final Observation seen;
    private final Map<Port, Sum> ports = new TreeMap<>();

    ServiceMetrics(Observation seen) {
        this.seen = seen;
        seen.counters()
                .forEach((subject, counters) ->
                        ports.computeIfAbsent(Port.of(subject), Sum::new).add(counters));
    }

    /** A port of a Service. */
    private record Port(ServiceKey service, int port, Protocol protocol) implements Comparable<Port> {
        static Port of(Counters.Subject subject) {
            return new Port(
                    subject.service(),
                    subject.frontend().port(),
                    subject.frontend().protocol());
        }

        @Override
        public int compareTo(Port other) {
            int byService = service.compareTo(other.service);
            int byPort = byService == 0 ? Integer.compare(port, other.port) : byService;
            return byPort == 0 ? protocol.compareTo(other.protocol) : byPort;
        }

        Labels labels() {
            return Labels.of(
                    "namespace", service.namespace(),
                    "service", service.name(),
                    "port", String.valueOf(port),
                    "protocol", protocol.name());
        }
    }

    /** What its frontends have counted together. */
    private static final class Sum {
        private final Labels labels;
        long active;
        long accepted;
        long in;
        long out;
        final Map<Ending, Long> endings = new TreeMap<>();
        final long[] dials = new long[DialTimes.BOUNDS.size() + 1];
        Duration dialling = Duration.ZERO;

        Sum(Port port) {
            labels = port.labels();
        }

        Labels labels(String... more) {
            return more.length == 0 ? labels : labels.merge(Labels.of(more));
        }

        void add(Counters counters) {
            active += counters.active();
            accepted += counters.accepted();
            in += counters.bytesToBackends();
            out += counters.bytesToClients();
            counters.endings().forEach((ending, count) -> endings.merge(ending, count, Long::sum));
            counters.backends().values().stream()
                    .map(Counters.OfBackend::dialTimes)
                    .forEach(this::addDials);
        }

        private void addDials(DialTimes times) {
            for (int bucket = 0; bucket < dials.length; bucket++) {
                dials[bucket] += times.counts().get(bucket);
            }
            dialling = dialling.plus(times.sum());
        }

        List<Long> dialCounts() {
            List<Long> counts = new ArrayList<>();
            for (long count : dials) {
                counts.add(count);
            }
            return counts;
        }
    }

    void into(Families families) {
        ofServices(families);
        families.gauge(
                "active_connections",
                "Connections now.",
                points -> ports.forEach((port, sum) -> points.add(sum.active, sum.labels())));
        families.counter(
                "connections",
                "Connections that a backend was asked for.",
                points -> ports.forEach((port, sum) -> points.add(sum.accepted, sum.labels())));
        families.counter(
                "connections_ended",
                "Connections and clients turned away, by how they ended; a cause is there once it has occurred.",
                points -> ports.forEach((port, sum) -> sum.endings.forEach((ending, count) -> {
                    if (count > 0) {
                        points.add(count, sum.labels("cause", ending.word()));
                    }
                })));
        families.counter(
                "bytes",
                "Bytes moved: in from clients, out from backends.",
                points -> ports.forEach((port, sum) -> {
                    points.add(sum.in, sum.labels("direction", "in"));
                    points.add(sum.out, sum.labels("direction", "out"));
                }));
        families.histogram(
                "dial_seconds",
                "How long backends took to answer, of all backends of a port.",
                DialTimes.BOUNDS,
                points -> ports.forEach((port, sum) -> points.add(sum.dialCounts(), sum.dialling, sum.labels())));
    }

    private void ofServices(Families families) {
        families.gauge(
                "service_info",
                "Addresses that Services hold, and on which terms; always 1.",
                points -> seen.pass()
                        .ifPresent(pass -> pass.allocations().byService().forEach((service, allocations) -> {
                            if (pass.inputs().cluster().services().containsKey(service)) {
                                ServiceStatus.Held.of(allocations.values())
                                        .forEach(held -> points.add(
                                                1,
                                                labels(
                                                        service,
                                                        "address",
                                                        Addresses.print(held.ip()),
                                                        "family",
                                                        Family.of(held.ip()).toString(),
                                                        "allocation",
                                                        Shown.word(held.terms()))));
                            }
                        })));
        families.gauge(
                "service_condition",
                "Whether a condition of a Service holds (1) or not (0), with the reason that it has now.",
                points -> statuses()
                        .forEach((service, published) -> published.status().conditions().stream()
                                .filter(condition -> condition.type() != Condition.Type.PORTS_ERROR)
                                .forEach(condition -> points.add(
                                        condition.holds() ? 1 : 0,
                                        labels(
                                                service,
                                                "condition",
                                                condition
                                                        .type()
                                                        .text()
                                                        .substring(condition
                                                                        .type()
                                                                        .text()
                                                                        .indexOf('/')
                                                                + 1),
                                                "reason",
                                                condition.reason())))));
        families.gauge(
                "service_served",
                "Whether a Service is served as asked.",
                points -> statuses()
                        .forEach((service, published) ->
                                points.add(published.status().isServed() ? 1 : 0, labels(service))));
    }

    private static Labels labels(ServiceKey service, String... more) {
        Labels own = Labels.of("namespace", service.namespace(), "service", service.name());
        return more.length == 0 ? own : own.merge(Labels.of(more));
    }

    /** Of Services that are this instance's; what is still to be taken back from others is no matter here. */
    private Map<ServiceKey, Published> statuses() {
        Map<ServiceKey, Published> own = new TreeMap<>();
        seen.pass()
                .ifPresent(pass -> pass.desired().statuses().forEach((service, published) -> {
                    if (pass.inputs().cluster().services().containsKey(service)) {
                        own.put(service, published);
                    }
                }));
        return own;
    }
}
