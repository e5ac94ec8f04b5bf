package io.littlelb.admin;

import com.google.common.collect.Lists;
import com.google.common.collect.SetMultimap;
import io.littlelb.admin.view.RatesView;
import io.littlelb.admin.view.ServiceView;
import io.littlelb.admin.view.ServicesView;
import io.littlelb.core.loop.PassResult;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.Shown;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Makes {@link ServicesView}. */
final class ServicesMaker {
    private final Observation seen;
    private final PassResult pass;
    private final ActualState actual;
    private final SetMultimap<ServiceKey, Problem> problems;
    private final Map<ServiceKey, List<Counters.Subject>> counted;
    private final Map<ServiceKey, TreeMap<Frontend, FrontendConfig>> frontends;

    private ServicesMaker(Observation seen, PassResult pass) {
        this.seen = seen;
        this.pass = pass;
        this.actual = pass.actual();
        this.problems = pass.problems();
        this.counted = seen.countedByService();
        this.frontends = seen.frontendsByService();
    }

    static ServicesView services(Observation seen, Predicate<ServiceKey> which) {
        return new ServicesView(seen.pass()
                .map(last -> new ServicesMaker(seen, last))
                .map(maker -> maker.views(which))
                .orElse(List.of()));
    }

    /** Each one is made as it is looked at. */
    private List<ServiceView> views(Predicate<ServiceKey> which) {
        List<ServiceSpec> services = pass.inputs().cluster().services().values().stream()
                .filter(service -> which.test(service.key()))
                .sorted((one, other) -> one.key().compareTo(other.key()))
                .toList();
        return Lists.transform(services, this::view);
    }

    private ServiceView view(ServiceSpec service) {
        ServiceKey key = service.key();
        ServiceStatus status = Optional.ofNullable(pass.desired().statuses().get(key))
                .map(Published::status)
                .orElse(ServiceStatus.NONE);
        TreeMap<Frontend, FrontendConfig> own = frontends.getOrDefault(key, new TreeMap<>());
        List<Counters.Subject> subjects = counted.getOrDefault(key, List.of());
        Sum sum = new Sum();
        subjects.forEach(
                subject -> sum.add(seen.totals().get(subject), Optional.ofNullable(own.get(subject.frontend()))));
        int listed = own.values().stream()
                .mapToInt(config -> config.backends().size())
                .sum();
        List<ServiceStatus.Held> held =
                ServiceStatus.Held.of(pass.allocations().of(key).values());
        return new ServiceView(
                key.toString(),
                status.isServed(),
                Optional.ofNullable(seen.sums().since().get(key)).map(since -> seen.secondsSince(since.at())),
                pass.inputs().orders().drained().contains(key),
                held.stream().map(this::address).toList(),
                ports(service, held),
                problems.get(key).stream()
                        .map(problem ->
                                new ServiceView.OfProblem(problem.reason().name(), problem.detail()))
                        .toList(),
                listed - sum.ejected,
                listed,
                sum.active,
                sum.accepted,
                sum.refused,
                sum.bytesIn,
                sum.bytesOut,
                subjects.stream().map(seen::rates).reduce(RatesView.NONE, RatesView::plus));
    }

    /** What a Service's frontends have counted together. */
    private static final class Sum {
        private long active;
        private long accepted;
        private long refused;
        private long bytesIn;
        private long bytesOut;
        private int ejected;

        /** @param config empty when it merely drains */
        void add(Counters counters, Optional<FrontendConfig> config) {
            active += counters.active();
            accepted += counters.accepted();
            refused += counters.refused();
            bytesIn += counters.bytesToBackends();
            bytesOut += counters.bytesToClients();
            ejected += config.map(listed -> Ejections.among(listed.backends(), counters.backends()))
                    .orElse(0);
        }
    }

    private ServiceView.OfAddress address(ServiceStatus.Held held) {
        return new ServiceView.OfAddress(
                Addresses.print(held.ip()), Shown.word(held.terms()), AddressesMaker.state(actual, held.ip()));
    }

    private List<ServiceView.OfPort> ports(ServiceSpec service, Collection<ServiceStatus.Held> held) {
        if (held.isEmpty()) {
            return service.ports().stream()
                    .map(port -> new ServiceView.OfPort(
                            port.port(), port.protocol().name(), Optional.empty(), "absent", Optional.empty()))
                    .toList();
        }
        return held.stream()
                .flatMap(each -> service.ports().stream().map(port -> port(each.ip(), port)))
                .toList();
    }

    private ServiceView.OfPort port(InetAddress ip, ServicePort port) {
        Frontend frontend = new Frontend(ip, port.port(), port.protocol());
        Optional<FrontendStatus> status = Optional.ofNullable(actual.frontends().get(frontend));
        return new ServiceView.OfPort(
                port.port(),
                port.protocol().name(),
                Optional.of(Addresses.print(ip, port.port())),
                status.map(found -> Shown.word(found.state())).orElse("absent"),
                status.flatMap(FrontendStatus::problem).map(problem -> problem.reason() + ": " + problem.detail()));
    }
}
