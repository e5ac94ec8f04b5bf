package io.littlelb.core.loop;

import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.Decision;
import io.littlelb.core.plan.Step;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes the steps of a plan, each by itself: one that fails keeps no other from being taken, and waits before it is tried again. For the reconciler's thread. */
final class Applier {
    private final Actuators actuators;
    private final Backoff backoff;
    private final InstantSource clock;
    /** The statuses that the last pass wished for. */
    private Map<ServiceKey, Step.WriteStatus> wishes = Map.of();

    Applier(Actuators actuators, InstantSource clock) {
        this.actuators = actuators;
        this.backoff = new Backoff(clock);
        this.clock = clock;
    }

    /** The statuses that were wished for last; some of them may not stand anywhere yet. */
    Map<ServiceKey, Step.WriteStatus> wishes() {
        return wishes;
    }

    /** @param begun when the pass that the plan is of began */
    PassResult apply(Decision decision, List<Step> plan, Instant begun) {
        if (decision.inputs().isKnown()) {
            forgetWishes(plan);
        }
        Outcome outcome = new Outcome();
        plan.forEach(step -> take(step, outcome));
        Instant now = clock.instant();
        return new PassResult(
                decision,
                outcome.applied,
                outcome.failures,
                outcome.deferred,
                outcome.waits.stream().min(Duration::compareTo),
                now,
                now.isBefore(begun) ? Duration.ZERO : Duration.between(begun, now));
    }

    /** What has come of the steps so far. */
    private static final class Outcome {
        final List<Step> applied = new ArrayList<>();
        final List<PassResult.Failure> failures = new ArrayList<>();
        /** After which times there is something to look at. */
        final List<Duration> waits = new ArrayList<>();

        int deferred;
    }

    private void take(Step step, Outcome outcome) {
        Duration wait = backoff.remaining(step);
        if (wait.compareTo(Duration.ZERO) > 0) {
            outcome.deferred++;
            outcome.waits.add(wait);
            return;
        }
        backoff.taken(step);
        try {
            step.applyTo(actuators);
            outcome.applied.add(step);
            if (step.changesTheWorld()) {
                outcome.waits.add(Duration.ZERO);
            }
        } catch (IOException cause) {
            outcome.failures.add(new PassResult.Failure(step, cause));
            outcome.waits.add(backoff.remaining(step));
        }
    }

    /** A wish that is not in the plan any more must not be granted late: it would say what is not so. */
    private void forgetWishes(List<Step> plan) {
        Map<ServiceKey, Step.WriteStatus> now = new HashMap<>();
        plan.forEach(step -> {
            if (step instanceof Step.WriteStatus wish) {
                now.put(wish.service(), wish);
            }
        });
        wishes.forEach((key, wish) -> {
            if (!now.containsKey(key)) {
                actuators.statuses().forget(key, wish.uid());
            }
        });
        wishes = now;
    }
}
