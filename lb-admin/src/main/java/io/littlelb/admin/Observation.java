package io.littlelb.admin;

import static java.util.stream.Collectors.groupingBy;

import io.littlelb.admin.view.RatesView;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.loop.PassResult;
import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.ForwarderLoad;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.LinkCounters;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.port.Forwarder;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that an instance can tell of itself, taken together for one answer. Each part is of one moment, and they are of nearly the same.
 *
 * @param pass the last one; empty before the first
 * @param totals of {@link Forwarder#totals}; these and {@code counters} are read when they are looked at, which is to be done once for an answer
 */
record Observation(
        Instance instance,
        Instant at,
        LoadBalancer.State state,
        Optional<PassResult> pass,
        Tallies.Sums sums,
        Map<Counters.Subject, Counters> totals,
        Map<Counters.Subject, Counters> counters,
        Map<Counters.Subject, RatesView> rates,
        ForwarderLoad load,
        SourceContact contact,
        LinkCounters linkCounters,
        Map<InetAddress, AddressHistory> histories) {
    static Observation of(Instance instance, Rates rates) {
        return new Observation(
                instance,
                Instant.now(),
                instance.loadBalancer().state(),
                instance.loadBalancer().lastPass(),
                instance.tallies().sums(),
                instance.forwarder().totals(),
                instance.forwarder().counters(),
                rates.now(),
                instance.forwarder().load(),
                instance.source().contact(),
                instance.addresses().counters(),
                instance.addresses().histories());
    }

    /** In seconds, how long something has been so; never less than nothing, whatever the clock was set to. */
    double secondsSince(Instant then) {
        return Seconds.of(Duration.between(then, at).isNegative() ? Duration.ZERO : Duration.between(then, at));
    }

    /** Of what something was counted, by Service. */
    Map<ServiceKey, List<Counters.Subject>> countedByService() {
        return totals.keySet().stream().collect(groupingBy(Counters.Subject::service));
    }

    /** The frontends that should be, by Service, each Service's in order. */
    Map<ServiceKey, TreeMap<Frontend, FrontendConfig>> frontendsByService() {
        Map<ServiceKey, TreeMap<Frontend, FrontendConfig>> byService = new HashMap<>();
        pass.ifPresent(last -> last.desired()
                .frontends()
                .forEach((frontend, config) -> byService
                        .computeIfAbsent(config.service(), service -> new TreeMap<>())
                        .put(frontend, config)));
        return byService;
    }

    /** How many backends frontends have, each of each. */
    int listedBackends() {
        return pass.stream()
                .flatMap(last -> last.desired().frontends().values().stream())
                .mapToInt(config -> config.backends().size())
                .sum();
    }

    RatesView rates(Counters.Subject subject) {
        return rates.getOrDefault(subject, RatesView.NONE);
    }

    /** All frontends together. */
    RatesView allRates() {
        return rates.values().stream().reduce(RatesView.NONE, RatesView::plus);
    }
}
