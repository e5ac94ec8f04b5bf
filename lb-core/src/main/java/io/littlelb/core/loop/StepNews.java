package io.littlelb.core.loop;

import com.google.common.collect.ListMultimap;
import com.google.common.collect.MultimapBuilder;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.news.News;
import io.littlelb.core.news.News.Level;
import io.littlelb.core.plan.Step;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pass did and could not do: one sentence a Service, however many ports it has and however many of them failed; a failure is told once while it stays
 * the same. For one thread.
 */
final class StepNews {
    /** What was last said to have failed, by the subject. */
    private final Map<Optional<ServiceKey>, String> failing = new HashMap<>();

    List<News> of(Instant at, PassResult pass) {
        Subjects subjects = new Subjects(pass);
        ListMultimap<Optional<ServiceKey>, Step> done = bySubject();
        pass.applied().stream().filter(Step::changesTheWorld).forEach(step -> done.put(subjects.of(step), step));
        ListMultimap<Optional<ServiceKey>, PassResult.Failure> failed = bySubject();
        pass.failures().forEach(failure -> failed.put(subjects.of(failure.step()), failure));
        List<News> news = new ArrayList<>();
        done.asMap().forEach((subject, steps) -> news.add(done(at, pass, subject, steps)));
        done.keySet().stream().filter(subject -> !failed.containsKey(subject)).forEach(failing::remove);
        failed.asMap()
                .forEach((subject, failures) ->
                        failed(at, subject, List.copyOf(failures)).ifPresent(news::add));
        return news;
    }

    private static <V> ListMultimap<Optional<ServiceKey>, V> bySubject() {
        return MultimapBuilder.linkedHashKeys().arrayListValues().build();
    }

    private static News done(Instant at, PassResult pass, Optional<ServiceKey> subject, Collection<Step> steps) {
        StepClauses clauses = new StepClauses(pass.actual().frontends());
        steps.forEach(clauses::add);
        return news(at, Level.INFO, subject, Optional.empty(), clauses.toString());
    }

    private Optional<News> failed(Instant at, Optional<ServiceKey> subject, List<PassResult.Failure> failures) {
        PassResult.Failure first = failures.get(0);
        String what = first.step() instanceof Step.SetFrontend set
                ? "serve on " + set.frontend()
                : first.step().toString();
        String text = "could not " + what + ": " + first.cause().getMessage();
        if (failures.size() > 1) {
            text += "; and " + (failures.size() - 1) + " more of " + failures.size() + " such steps failed";
        }
        if (text.equals(failing.put(subject, text))) {
            return Optional.empty();
        }
        boolean bind = first.step() instanceof Step.SetFrontend;
        Reason reason = bind ? Reason.BindFailed : Reason.AddressFailed;
        return Optional.of(news(at, Level.WARN, subject, Optional.of(reason), text));
    }

    private static News news(
            Instant at, Level level, Optional<ServiceKey> subject, Optional<Reason> reason, String clauses) {
        String text = subject.map(service -> service + ": " + clauses)
                .orElseGet(() -> Character.toUpperCase(clauses.charAt(0)) + clauses.substring(1));
        return new News(0, at, level, subject, reason, text);
    }

    /** Which Service a step is for, where one can be named. */
    private static final class Subjects {
        private final PassResult pass;
        private final Map<InetAddress, ServiceKey> holders = new HashMap<>();

        Subjects(PassResult pass) {
            this.pass = pass;
            boolean adds = pass.applied().stream().anyMatch(Step.AddAddress.class::isInstance)
                    || pass.failures().stream().anyMatch(failure -> failure.step() instanceof Step.AddAddress);
            if (adds) {
                pass.allocations()
                        .byService()
                        .forEach((service, families) -> families.values()
                                .forEach(held ->
                                        held.ip().ifPresent(ip -> holders.merge(ip, service, Subjects::first))));
            }
        }

        private static ServiceKey first(ServiceKey one, ServiceKey other) {
            return one.compareTo(other) <= 0 ? one : other;
        }

        Optional<ServiceKey> of(Step step) {
            if (step instanceof Step.SetFrontend set) {
                return Optional.of(set.config().service());
            }
            if (step instanceof Step.RemoveFrontend remove) {
                return Optional.ofNullable(pass.actual().frontends().get(remove.frontend()))
                        .map(status -> status.config().service());
            }
            return step instanceof Step.AddAddress add
                    ? Optional.ofNullable(holders.get(add.cidr().address()))
                    : Optional.empty();
        }
    }
}
