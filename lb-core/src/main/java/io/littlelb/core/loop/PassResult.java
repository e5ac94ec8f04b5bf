package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSetMultimap;
import com.google.common.collect.SetMultimap;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.plan.Allocations;
import io.littlelb.core.plan.Decision;
import io.littlelb.core.plan.Step;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What one pass decided and did.
 *
 * @param decision what was looked at, before anything was done, and what was concluded
 * @param applied the steps that were taken
 * @param failures the steps that were tried and failed
 * @param deferred how many steps wait because the same one was tried only just now
 * @param again when to look again at the latest, even if nothing happens; empty when only an event can change anything
 * @param at when it ended
 * @param took from looking at the world to having taken the last step; zero should the clock have been set back meanwhile
 */
public record PassResult(
        Decision decision,
        List<Step> applied,
        List<Failure> failures,
        int deferred,
        Optional<Duration> again,
        Instant at,
        Duration took) {
    public PassResult {
        requireNonNull(decision, "decision");
        applied = List.copyOf(applied);
        failures = List.copyOf(failures);
        requireNonNull(again, "again");
        requireNonNull(at, "at");
        requireNonNull(took, "took");
    }

    /** What was looked at. */
    public Inputs inputs() {
        return decision.inputs();
    }

    /** Which of what is held is carried here. */
    public Placement placement() {
        return decision.placement();
    }

    /** Who holds what. */
    public Allocations allocations() {
        return decision.allocations();
    }

    /** What should be. */
    public DesiredState desired() {
        return decision.desired();
    }

    /** Whether the source had an answer; without one, nothing was decided. */
    public boolean synced() {
        return inputs().isKnown();
    }

    /** What was seen before anything was done. */
    public ActualState actual() {
        return inputs().actual();
    }

    /** What stands in the way of which Service, each thing once; those that are served as asked are not in it. */
    public SetMultimap<ServiceKey, Problem> problems() {
        ImmutableSetMultimap.Builder<ServiceKey, Problem> problems = ImmutableSetMultimap.builder();
        desired()
                .statuses()
                .forEach((service, published) -> published
                        .status()
                        .conditions()
                        .forEach(condition -> condition
                                .problem()
                                .ifPresent(reason -> problems.put(service, new Problem(reason, condition.message())))));
        return problems.build();
    }

    /** Whether what is seen is what should be: there was nothing to do, now or later. */
    public boolean converged() {
        return synced() && applied.isEmpty() && failures.isEmpty() && deferred == 0;
    }

    /** Whether nothing of ours is left: no connection, no address, nothing said on a Service. */
    public boolean nothingLeft() {
        return converged()
                && actual().frontends().isEmpty()
                && actual().addresses().noneMatch(AddressStatus::owned);
    }

    /** What there was to take back before anything was done, for people. */
    String left() {
        return actual().frontends().size() + " ports with connections, "
                + actual().addresses().filter(AddressStatus::owned).count() + " addresses, "
                + applied.stream()
                        .filter(step -> step instanceof Step.WriteStatus)
                        .count()
                + " statuses";
    }

    /** A step that the world refused. */
    public record Failure(Step step, IOException cause) {
        public Failure {
            requireNonNull(step, "step");
            requireNonNull(cause, "cause");
        }
    }
}
