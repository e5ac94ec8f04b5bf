package io.littlelb.admin;

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
    private final Map<ServiceKey, List<Map.Entry<Counters.Subject, Counters>>> counters;
    private final Map<ServiceKey, TreeMap<Frontend, FrontendConfig>> frontends;

    private ServicesMaker(Observation seen, PassResult pass) {
        this.seen = seen;
        this.pass = pass;
        this.actual = pass.actual();
        this.problems = pass.problems();
        this.counters = seen.countersByService();
        this.frontends = seen.frontendsByService();
    }

    static ServicesView services(Observation seen, Predicate<ServiceKey> which) {
        return new ServicesView(seen.pass()
                .map(last -> new ServicesMaker(seen, last))
                .map(maker -> maker.views(which))
                .orElse(List.of()));
    }

    private List<ServiceView> views(Predicate<ServiceKey> which) {
        return pass.inputs().cluster().services().values().stream()
                .filter(service -> which.test(service.key()))
                .sorted((one, other) -> one.key().compareTo(other.key()))
                .map(this::view)
                .toList();
    }

    private ServiceView view(ServiceSpec service) {
        ServiceKey key = service.key();
        ServiceStatus status = Optional.ofNullable(pass.desired().statuses().get(key))
                .map(Published::status)
                .orElse(ServiceStatus.NONE);
        TreeMap<Frontend, FrontendConfig> own = frontends.getOrDefault(key, new TreeMap<>());
        List<Map.Entry<Counters.Subject, Counters>> counted = counters.getOrDefault(key, List.of());
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
                listed - ejected(own, key),
                listed,
                counted.stream().mapToLong(entry -> entry.getValue().active()).sum(),
                counted.stream().mapToLong(entry -> entry.getValue().accepted()).sum(),
                counted.stream().mapToLong(entry -> entry.getValue().refused()).sum(),
                counted.stream()
                        .mapToLong(entry -> entry.getValue().bytesToBackends())
                        .sum(),
                counted.stream()
                        .mapToLong(entry -> entry.getValue().bytesToClients())
                        .sum(),
                counted.stream().map(entry -> seen.rates(entry.getKey())).reduce(RatesView.NONE, RatesView::plus));
    }

    private int ejected(Map<Frontend, FrontendConfig> own, ServiceKey key) {
        return own.entrySet().stream()
                .mapToInt(entry -> Optional.ofNullable(seen.counters().get(new Counters.Subject(entry.getKey(), key)))
                        .map(counted -> Ejections.among(entry.getValue().backends(), counted.backends()))
                        .orElse(0))
                .sum();
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
