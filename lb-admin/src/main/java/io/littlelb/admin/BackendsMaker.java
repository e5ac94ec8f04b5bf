package io.littlelb.admin;

import com.google.common.collect.Lists;
import io.littlelb.admin.view.BackendView;
import io.littlelb.admin.view.BackendsView;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.DialTimes;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.ServiceKey;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Makes {@link BackendsView}. */
final class BackendsMaker {
    private static final Comparator<Backend> ORDER =
            Comparator.comparing(Backend::ip, Addresses.ORDER).thenComparingInt(Backend::port);
    private static final Counters NOTHING_COUNTED = new Counters(0, 0, 0, Map.of(), 0, 0, Map.of());
    private static final Counters.OfBackend UNTRIED = new Counters.OfBackend(
            0,
            0,
            0,
            new DialTimes(Collections.nCopies(DialTimes.BOUNDS.size() + 1, 0L), Duration.ZERO),
            0,
            0,
            Optional.empty());

    private final Observation seen;
    /** The frontend that was looked at last, and what it had counted: its backends come one after another. */
    private Counters.Subject subject;

    private Counters counters = NOTHING_COUNTED;

    private BackendsMaker(Observation seen) {
        this.seen = seen;
    }

    /** A backend of a frontend, to be shown. */
    private record Row(Frontend frontend, FrontendConfig config, Backend backend) {
        Counters.Subject subject() {
            return new Counters.Subject(frontend, config.service());
        }
    }

    /** Each one is made as it is looked at; they are to be looked at in turn, and by one thread. */
    static BackendsView backends(Observation seen, Predicate<ServiceKey> which) {
        BackendsMaker maker = new BackendsMaker(seen);
        return new BackendsView(Lists.transform(maker.rows(which), maker::view));
    }

    private List<Row> rows(Predicate<ServiceKey> which) {
        return seen.frontendsByService().entrySet().stream()
                .filter(entry -> which.test(entry.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .flatMap(entry -> entry.getValue().entrySet().stream())
                .flatMap(entry -> rows(entry.getKey(), entry.getValue()))
                .toList();
    }

    private Stream<Row> rows(Frontend frontend, FrontendConfig config) {
        Backends listed = config.backends();
        Stream<Backend> those = IntStream.range(0, listed.size()).mapToObj(listed::at);
        Map<Backend, Counters.OfBackend> counted =
                counters(new Counters.Subject(frontend, config.service())).backends();
        Stream<Backend> gone = counted.entrySet().stream()
                .filter(entry -> entry.getValue().active() > 0 && !listed.contains(entry.getKey()))
                .map(Map.Entry::getKey);
        return Stream.concat(those, gone).sorted(ORDER).map(backend -> new Row(frontend, config, backend));
    }

    private Counters counters(Counters.Subject wanted) {
        if (!wanted.equals(subject)) {
            subject = wanted;
            counters = seen.counters().getOrDefault(wanted, NOTHING_COUNTED);
        }
        return counters;
    }

    private BackendView view(Row row) {
        Frontend frontend = row.frontend();
        Counters.OfBackend counted = counters(row.subject()).backends().getOrDefault(row.backend(), UNTRIED);
        return new BackendView(
                row.config().service().toString(),
                Addresses.print(frontend.ip(), frontend.port()),
                frontend.protocol().name(),
                row.backend().toString(),
                state(row.config().backends().contains(row.backend()), counted),
                counted.active(),
                counted.connections(),
                counted.failures(),
                counted.bytesToBackend(),
                counted.bytesToClients(),
                Optional.of(counted.dialTimes())
                        .filter(times -> times.count() > 0)
                        .map(times -> new BackendView.OfDials(quantile(times, 0.5), quantile(times, 0.99))),
                counted.ejection()
                        .map(ejection -> new BackendView.OfEjection(
                                Seconds.of(ejection.lasting()), ejection.why(), Seconds.of(ejection.askedAgainIn()))));
    }

    private static String state(boolean listed, Counters.OfBackend counted) {
        if (!listed) {
            return "gone";
        }
        if (counted.ejection().isPresent()) {
            return "ejected";
        }
        return counted.dialTimes().count() > 0 ? "answers" : "untried";
    }

    /** The upper bound of the bucket that it lies in; of what took longer than all bounds, the last bound. */
    static double quantile(DialTimes times, double share) {
        long rank = (long) Math.ceil(share * times.count());
        List<Long> counts = times.counts();
        long below = 0;
        for (int bucket = 0; bucket < DialTimes.BOUNDS.size(); bucket++) {
            below += counts.get(bucket);
            if (below >= rank) {
                return Seconds.of(DialTimes.BOUNDS.get(bucket));
            }
        }
        return Seconds.of(DialTimes.BOUNDS.get(DialTimes.BOUNDS.size() - 1));
    }
}
