package io.littlelb.core.loop;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Trust;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.Allocations;
import io.littlelb.core.plan.Desire;
import io.littlelb.core.plan.Placer;
import io.littlelb.core.plan.Planner;
import io.littlelb.core.plan.StableAllocator;
import io.littlelb.core.plan.Step;
import io.littlelb.core.port.EndpointSource;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private final EndpointSource source;
    private final Actuators actuators;
    private final Placer placer;
    private final Desire desire;
    private final Planner planner;
    private final Backoff backoff;
    private final StableAllocator allocator;
    /** As last seen; what has not changed is the same object, and need not be sorted by IP again. */
    private List<AddressStatus> addresses = List.of();

    private PersistentMap<InetAddress, List<AddressStatus>> addressesByIp = PersistentMap.of();
    private Optional<Allocations> holders = Optional.empty();
    /** The last snapshot that could be taken. */
    private Optional<ClusterSnapshot> last = Optional.empty();
    /** What there was to take back when the source failed at a clean stop. */
    private Optional<ClusterSnapshot> remembered = Optional.empty();

    private boolean sourceFails;
    /** Whether a clean stop has said that it leaves statuses as they are. */
    private boolean leftStanding;
    /** The statuses that the last pass wished for. */
    private Map<ServiceKey, Step.WriteStatus> wishes = Map.of();

    /**
     * @param pools where Services without a request get their addresses; none means that they share the link's own
     * @param boundaries what no Service gets
     * @param placer which instance carries what
     */
    public Reconciler(
            EndpointSource source,
            Actuators actuators,
            List<AddressPool> pools,
            Boundaries boundaries,
            Placer placer,
            Desire desire,
            Planner planner,
            InstantSource clock) {
        this.source = requireNonNull(source, "source");
        this.actuators = requireNonNull(actuators, "actuators");
        this.placer = requireNonNull(placer, "placer");
        this.desire = requireNonNull(desire, "desire");
        this.planner = requireNonNull(planner, "planner");
        this.backoff = new Backoff(clock);
        this.allocator = new StableAllocator(pools, boundaries);
    }

    /** One pass towards what Services ask for. Does nothing while the source does not know all of it; should it fail, what it last said stays in force. */
    public PassResult pass() {
        Optional<ClusterSnapshot> snapshot = look();
        if (snapshot.isEmpty()) {
            Inputs inputs = observe(Trust.NOT_KNOWN, ClusterSnapshot.EMPTY);
            return apply(DesiredState.EMPTY, inputs, holders.orElse(Allocations.NONE), Placement.HERE);
        }
        Inputs inputs = observe(sourceFails ? Trust.REMEMBERED : Trust.LIVE, snapshot.get());
        Allocations before = holders.orElseGet(() -> Allocations.published(inputs.cluster()));
        Allocations allocations = allocator.allocate(inputs, before);
        holders = Optional.of(allocations);
        Placement placement = placer.place(allocations, inputs);
        return apply(desire.of(inputs, allocations, placement), inputs, allocations, placement);
    }

    /**
     * One pass towards nothing: what a clean stop repeats until there is nothing left to do. It does not depend on the source: if that has no answer,
     * what was last seen on Services is taken back, and what was wished for since. Where nobody answers to whom statuses could be written, they stay.
     */
    public PassResult withdraw() {
        Optional<ClusterSnapshot> seen = look().filter(snapshot -> !sourceFails);
        if (seen.isEmpty() && remembered.isEmpty()) {
            remembered = Optional.of(withWishes(last.orElse(ClusterSnapshot.EMPTY)));
        }
        ClusterSnapshot cluster = takeable(seen.or(() -> remembered).orElseThrow());
        Inputs inputs = observe(seen.isPresent() ? Trust.LIVE : Trust.REMEMBERED, cluster);
        return apply(DesiredState.EMPTY, inputs, Allocations.NONE, Placement.HERE);
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

    /** What the source says, or, should it fail, what it said last. */
    private Optional<ClusterSnapshot> look() {
        try {
            Optional<ClusterSnapshot> now = source.snapshot();
            last = now.or(() -> last);
            sourceFails = false;
            return now;
        } catch (RuntimeException bug) {
            if (!sourceFails) {
                log.error("The source of Services failed; what it last said stays in force", bug);
            }
            sourceFails = true;
            return last;
        }
    }

    private ClusterSnapshot withWishes(ClusterSnapshot cluster) {
        Map<ServiceKey, Published> said = new HashMap<>(cluster.published());
        wishes.forEach((key, wish) -> said.put(key, new Published(wish.uid(), wish.status())));
        return new ClusterSnapshot(cluster.services(), cluster.backends(), said, cluster.nodeAddresses());
    }

    @SuppressWarnings("ReferenceEquality")
    private Inputs observe(Trust trust, ClusterSnapshot cluster) {
        List<AddressStatus> now = List.copyOf(actuators.addresses().addresses()); // which copies only what may change
        if (now != addresses) {
            addresses = now;
            addressesByIp = ActualState.byIp(now);
        }
        ActualState actual = new ActualState(
                actuators.addresses().link(),
                addressesByIp,
                actuators.forwarder().frontends(),
                cluster.published());
        return new Inputs(trust, cluster, actual, actuators.forwarder().protocols());
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

    private PassResult apply(DesiredState desired, Inputs inputs, Allocations allocations, Placement placement) {
        List<Step> applied = new ArrayList<>();
        List<PassResult.Failure> failures = new ArrayList<>();
        List<Duration> waits = new ArrayList<>();
        int deferred = 0;
        List<Step> plan = planner.plan(desired, inputs);
        if (inputs.isKnown()) {
            forgetWishes(plan);
        }
        for (Step step : plan) {
            Duration wait = backoff.remaining(step);
            if (wait.compareTo(Duration.ZERO) > 0) {
                deferred++;
                waits.add(wait);
                continue;
            }
            try {
                backoff.taken(step);
                step.applyTo(actuators);
                applied.add(step);
                waits.addAll(step.changesTheWorld() ? List.of(Duration.ZERO) : List.of());
            } catch (IOException cause) {
                failures.add(new PassResult.Failure(step, cause));
                waits.add(backoff.remaining(step));
            }
        }
        Optional<Duration> again = waits.stream().min(Duration::compareTo);
        return new PassResult(inputs, allocations, placement, desired, applied, failures, deferred, again);
    }
}
