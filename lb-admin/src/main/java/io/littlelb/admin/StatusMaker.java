package io.littlelb.admin;

import io.littlelb.admin.view.ComplaintView;
import io.littlelb.admin.view.StatusView;
import io.littlelb.admin.view.StatusView.State;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.loop.PassResult;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Shown;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes {@link StatusView}. */
final class StatusMaker {
    /** More are told by {@code /v1/services}. */
    private static final int COMPLAINTS = 20;

    private final Observation seen;
    private final OwnProcess process;

    private StatusMaker(Observation seen, OwnProcess process) {
        this.seen = seen;
        this.process = process;
    }

    static StatusView status(Observation seen, OwnProcess process) {
        return new StatusMaker(seen, process).view();
    }

    private StatusView view() {
        StatusView.OfServices services = services();
        List<String> problems = problems(services);
        Sum counted = counted();
        return new StatusView(
                seen.instance().version(),
                state(problems),
                problems,
                process.view(seen.at(), seen.instance().mode()),
                link(),
                new StatusView.OfSource(
                        Shown.escaped(seen.contact().place()),
                        seen.contact().heardAt().map(seen::secondsSince),
                        seen.contact().trouble().map(Shown::escaped)),
                services,
                complaints(),
                new StatusView.OfBackends(seen.listedBackends(), counted.ejected),
                traffic(counted),
                seen.pass().map(this::pass));
    }

    private State state(List<String> problems) {
        if (seen.state() == LoadBalancer.State.STOPPING || seen.state() == LoadBalancer.State.STOPPED) {
            return State.stopping;
        }
        if (seen.pass().filter(PassResult::synced).isEmpty()) {
            return State.starting;
        }
        return problems.isEmpty() ? State.serving : State.degraded;
    }

    private List<String> problems(StatusView.OfServices services) {
        List<String> problems = new ArrayList<>();
        seen.contact().trouble().ifPresent(trouble -> problems.add(Shown.escaped(trouble)));
        Link link = seen.instance().addresses().link();
        if (link.state() != Link.State.UP) {
            problems.add("link " + link.name() + " is " + Shown.word(link.state()));
        }
        int unserved = services.wanted() - services.served();
        if (unserved > 0) {
            problems.add(unserved + " of " + services.wanted() + " Services " + (unserved == 1 ? "is" : "are")
                    + " not served as asked");
        }
        if (seen.load().paused()) {
            problems.add("new clients wait: no more connections can be had");
        }
        return problems;
    }

    private StatusView.OfLink link() {
        Link link = seen.instance().addresses().link();
        List<AddressStatus> ours = seen.instance().addresses().addresses().stream()
                .filter(AddressStatus::owned)
                .toList();
        return new StatusView.OfLink(
                link.name(),
                Shown.word(link.state()),
                link.hostAddresses().stream().map(Cidr::toString).toList(),
                (int) ours.stream()
                        .map(address -> address.cidr().address())
                        .distinct()
                        .count(),
                seen.histories().values().stream()
                        .flatMap(history -> history.announcedAt().stream())
                        .max(Comparator.naturalOrder())
                        .map(seen::secondsSince),
                seen.linkCounters().announcements(),
                seen.linkCounters().conflicts(),
                seen.linkCounters().repairs());
    }

    private StatusView.OfServices services() {
        return seen.pass()
                .map(last -> {
                    int wanted = last.inputs().cluster().services().size();
                    long served = last.inputs().cluster().services().keySet().stream()
                            .filter(service -> Optional.ofNullable(
                                            last.desired().statuses().get(service))
                                    .filter(published -> published.status().isServed())
                                    .isPresent())
                            .count();
                    int drained = (int) last.inputs().orders().drained().stream()
                            .filter(last.inputs().cluster().services()::containsKey)
                            .count();
                    return new StatusView.OfServices(wanted, (int) served, drained);
                })
                .orElse(new StatusView.OfServices(0, 0, 0));
    }

    private List<ComplaintView> complaints() {
        return seen.pass().map(PassResult::problems).stream()
                .flatMap(problems -> problems.entries().stream())
                .sorted(Map.Entry.comparingByKey())
                .limit(COMPLAINTS)
                .map(entry -> new ComplaintView(
                        entry.getKey().toString(),
                        entry.getValue().reason().name(),
                        entry.getValue().detail()))
                .toList();
    }

    /** What all frontends have counted together. */
    private static final class Sum {
        private long active;
        private long accepted;
        private long refused;
        private int ejected;
    }

    private Sum counted() {
        Sum sum = new Sum();
        Map<Frontend, FrontendConfig> frontends =
                seen.pass().map(last -> last.desired().frontends()).orElse(Map.of());
        seen.totals().forEach((subject, counters) -> {
            sum.active += counters.active();
            sum.accepted += counters.accepted();
            sum.refused += counters.refused();
            FrontendConfig config = frontends.get(subject.frontend());
            if (config != null && config.service().equals(subject.service())) {
                sum.ejected += Ejections.among(config.backends(), counters.backends());
            }
        });
        return sum;
    }

    private StatusView.OfTraffic traffic(Sum counted) {
        return new StatusView.OfTraffic(
                counted.active,
                seen.load().connectionLimit(),
                seen.load().paused(),
                counted.accepted,
                counted.refused,
                seen.allRates());
    }

    private StatusView.OfPass pass(PassResult last) {
        return new StatusView.OfPass(
                last.at(),
                seen.secondsSince(last.at()),
                Seconds.of(last.took()),
                last.applied().size(),
                last.failures().size(),
                seen.sums().passes());
    }
}
