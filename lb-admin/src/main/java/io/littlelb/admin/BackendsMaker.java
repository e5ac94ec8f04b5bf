package io.littlelb.admin;

import static java.util.function.Predicate.not;

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

    private BackendsMaker() {}

    static BackendsView backends(Observation seen, Predicate<ServiceKey> which) {
        return new BackendsView(seen.frontendsByService().entrySet().stream()
                .filter(entry -> which.test(entry.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .flatMap(entry -> entry.getValue().entrySet().stream())
                .flatMap(entry -> of(seen, entry.getKey(), entry.getValue()))
                .toList());
    }

    private static Stream<BackendView> of(Observation seen, Frontend frontend, FrontendConfig config) {
        Counters counted =
                seen.counters().getOrDefault(new Counters.Subject(frontend, config.service()), NOTHING_COUNTED);
        Backends listed = config.backends();
        Stream<Backend> those = IntStream.range(0, listed.size()).mapToObj(listed::at);
        Stream<Backend> gone = counted.backends().keySet().stream()
                .filter(not(listed::contains))
                .filter(backend -> counted.backends().get(backend).active() > 0);
        return Stream.concat(those, gone)
                .sorted(ORDER)
                .map(backend -> view(
                        frontend,
                        config.service(),
                        backend,
                        listed.contains(backend),
                        counted.backends().getOrDefault(backend, UNTRIED)));
    }

    private static BackendView view(
            Frontend frontend, ServiceKey service, Backend backend, boolean listed, Counters.OfBackend counted) {
        return new BackendView(
                service.toString(),
                Addresses.print(frontend.ip(), frontend.port()),
                frontend.protocol().name(),
                backend.toString(),
                state(listed, counted),
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
