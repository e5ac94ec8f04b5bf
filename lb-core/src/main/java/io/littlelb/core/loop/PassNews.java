package io.littlelb.core.loop;

import io.littlelb.core.model.Link;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.news.News;
import io.littlelb.core.news.News.Level;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What is new in a pass, as sentences: all that a person is told of passes is worded here and in {@link StepNews} and {@link ServiceNews}. For one thread. */
final class PassNews {
    private final StepNews steps = new StepNews();
    private final ServiceNews services = new ServiceNews();
    private Optional<Link.State> link = Optional.empty();
    private Set<ServiceKey> drained = Set.of();
    private boolean waiting;

    /** In the order in which a person should read them. */
    List<News> of(PassResult pass) {
        Instant now = pass.at();
        List<News> news = new ArrayList<>();
        link(now, pass.actual().link()).ifPresent(news::add);
        orders(now, pass.inputs().orders().drained(), news);
        if (!pass.synced()) {
            if (!waiting) {
                news.add(News.of(
                        now,
                        Level.INFO,
                        "Waiting until all Services and endpoints are known; nothing is changed before"));
            }
            waiting = true;
            return news;
        }
        news.addAll(steps.of(now, pass));
        news.addAll(services.of(now, pass));
        return news;
    }

    private Optional<News> link(Instant at, Link now) {
        if (link.filter(now.state()::equals).isPresent()) {
            return Optional.empty();
        }
        link = Optional.of(now.state());
        String text = switch (now.state()) {
            case UP -> "Link " + now.name() + " is up with " + now.hostAddresses();
            case DOWN -> "Link " + now.name() + " is down; what is allocated is kept until it is up";
            case MISSING -> "There is no link " + now.name() + "; waiting for it, and keeping what is allocated";
            case UNKNOWN -> "The state of link " + now.name() + " cannot be told; nothing is changed until it can";
        };
        return Optional.of(News.of(at, now.state() == Link.State.UP ? Level.INFO : Level.WARN, text));
    }

    private void orders(Instant at, Set<ServiceKey> now, List<News> news) {
        for (ServiceKey service : new TreeSet<>(now)) {
            if (!drained.contains(service)) {
                String text = "Service " + service
                        + " is drained by a person: it gets no new connections until it is undrained";
                news.add(News.of(at, Level.INFO, service, Optional.of(Reason.Drained), text));
            }
        }
        for (ServiceKey service : new TreeSet<>(drained)) {
            if (!now.contains(service)) {
                String text = "Service " + service + " is not drained any more";
                news.add(News.of(at, Level.INFO, service, Optional.empty(), text));
            }
        }
        drained = now;
    }
}
