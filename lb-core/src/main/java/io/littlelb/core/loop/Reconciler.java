package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Settings;
import io.littlelb.core.model.Trust;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.Allocations;
import io.littlelb.core.plan.Decision;
import io.littlelb.core.plan.Desire;
import io.littlelb.core.plan.Placer;
import io.littlelb.core.plan.Planner;
import io.littlelb.core.plan.StableAllocator;
import io.littlelb.core.port.EndpointSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the world one pass closer to what Services ask for: observe, allocate, plan, apply.
 *
 * <p>A pass compares everything that is with everything that should be; what is the same object as in the last pass counts as looked at. The
 * one thing that it trusts its memory for is who held which address. It therefore does not matter which events were seen, how
 * often, or in what order, nor whether the last pass failed half-way. It never waits: whatever takes time shows in what the
 * next pass observes.
 *
 * <p>Has no thread. All calls must come from one: {@link ReconcileLoop}'s, or a test's.
 */
public final class Reconciler {
    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

    private final Actuators actuators;
    private final InstantSource clock;
    private final Observer observer;
    private final StableAllocator allocator = new StableAllocator();
    private final Placer placer;
    private final Desire desire;
    private final Planner planner;
    private final Applier applier;
    private Optional<Allocations> holders = Optional.empty();
    /** What there was to take back when the source failed at a clean stop. */
    private Optional<ClusterSnapshot> takenBack = Optional.empty();
    /** Whether a clean stop has said that it leaves statuses as they are. */
    private boolean leftStanding;

    /**
     * @param settings what holds for all Services; asked in every pass
     * @param orders what a person orders; asked in every pass
     * @param placer which instance carries what
     */
    public Reconciler(
            EndpointSource source,
            Actuators actuators,
            Supplier<Settings> settings,
            Supplier<Orders> orders,
            Placer placer,
            Desire desire,
            Planner planner,
            InstantSource clock) {
        this.actuators = requireNonNull(actuators, "actuators");
        this.clock = requireNonNull(clock, "clock");
        this.placer = requireNonNull(placer, "placer");
        this.desire = requireNonNull(desire, "desire");
        this.planner = requireNonNull(planner, "planner");
        this.observer = new Observer(
                requireNonNull(source, "source"),
                actuators,
                requireNonNull(settings, "settings"),
                requireNonNull(orders, "orders"));
        this.applier = new Applier(actuators, clock);
    }

    /** One pass towards what Services ask for. Does nothing while the source does not know all of it; should it fail, what it last said stays in force. */
    public PassResult pass() {
        Instant begun = clock.instant();
        Inputs inputs = observer.look();
        if (!inputs.isKnown()) {
            return apply(towardsNothing(inputs, holders.orElse(Allocations.NONE)), begun);
        }
        Allocations before = holders.orElseGet(() -> Allocations.published(inputs.cluster()));
        Allocations allocations = allocator.allocate(inputs, before);
        holders = Optional.of(allocations);
        Placement placement = placer.place(allocations, inputs);
        return apply(new Decision(inputs, allocations, placement, desire.of(inputs, allocations, placement)), begun);
    }

    /**
     * One pass towards nothing: what a clean stop repeats until there is nothing left to do. It does not depend on the source: if that has no answer,
     * what was last seen on Services is taken back, and what was wished for since. Where nobody answers to whom statuses could be written, they stay.
     */
    public PassResult withdraw() {
        Instant begun = clock.instant();
        Inputs seen = observer.look();
        boolean answered = observer.isAnswered();
        if (!answered && takenBack.isEmpty()) {
            takenBack = Optional.of(withWishes(observer.remembered()));
        }
        Trust trust = seen.isKnown() ? seen.trust() : Trust.REMEMBERED;
        ClusterSnapshot cluster = answered ? seen.cluster() : takenBack.orElseThrow();
        return apply(towardsNothing(observer.with(trust, takeable(cluster)), Allocations.NONE), begun);
    }

    private static Decision towardsNothing(Inputs inputs, Allocations allocations) {
        return new Decision(inputs, allocations, Placement.HERE, DesiredState.EMPTY);
    }

    private PassResult apply(Decision decision, Instant begun) {
        return applier.apply(decision, planner.plan(decision.desired(), decision.inputs()), begun);
    }

    /** As much of a cluster as there is a chance to take back. */
    private ClusterSnapshot takeable(ClusterSnapshot cluster) {
        if (actuators.statuses().isAnswering() || cluster.published().isEmpty()) {
            return cluster;
        }
        if (!leftStanding) {
            log.warn(
                    "The API server does not answer: what was said on {} Services stays there, and the next start goes on with it",
                    cluster.published().size());
        }
        leftStanding = true;
        return new ClusterSnapshot(cluster.services(), cluster.backends(), Map.of(), cluster.nodeAddresses());
    }

    private ClusterSnapshot withWishes(ClusterSnapshot cluster) {
        Map<ServiceKey, Published> said = new HashMap<>(cluster.published());
        applier.wishes().forEach((key, wish) -> said.put(key, new Published(wish.uid(), wish.status())));
        return new ClusterSnapshot(cluster.services(), cluster.backends(), said, cluster.nodeAddresses());
    }
}
