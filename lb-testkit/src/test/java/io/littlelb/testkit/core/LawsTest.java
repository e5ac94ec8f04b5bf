package io.littlelb.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.loop.PassResult;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.plan.AddressSupply;
import io.littlelb.core.plan.Allocations;
import io.littlelb.core.plan.Allocator;
import io.littlelb.core.plan.Evidence;
import io.littlelb.core.plan.Explainer;
import io.littlelb.core.plan.Explanation;
import io.littlelb.core.plan.Step;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The laws of the core, on random worlds in which steps fail, operations stay pending, links go away and the program
 * restarts. A failure names its seed; {@code -Dlaws.seed=N} tries that one world alone.
 */
final class LawsTest {
    private static final int WORLDS = Integer.getInteger("laws.worlds", 1_000);

    @Test
    void convergesInTwoPassesOnceFaultsStopAndPendingOperationsEnd() {
        onEveryWorld(seed -> {
            World world = afterTroubles(seed);
            int passes = 0;
            boolean pendingSeen;
            do {
                pendingSeen = world.isPending();
                world.settle();
                passes = pendingSeen ? 0 : passes + 1;
                PassResult result = world.pass();
                assertThat(result.failures()).isEmpty();
                if (result.converged() && !pendingSeen) {
                    break;
                }
            } while (pendingSeen || world.isPending() || passes < 4);
            assertThat(passes - 1).as("passes until nothing was left to do").isLessThanOrEqualTo(2);
            PassResult last = world.pass();
            assertThat(last.converged())
                    .as("stays converged, but applied %s", last.applied())
                    .isTrue();
        });
    }

    @Test
    void whatIsSeenInTheEndIsWhatIsDesired() {
        onEveryWorld(seed -> {
            World world = converged(seed);
            PassResult last = world.pass();
            Set<InetAddress> present = last.actual()
                    .addresses()
                    .map(address -> address.cidr().address())
                    .collect(Collectors.toSet());
            assertThat(present).containsAll(last.desired().claimed());
            assertThat(last.actual().frontends().keySet())
                    .isEqualTo(last.desired().frontends().keySet());
            assertThat(last.actual().frontends().values()).allMatch(FrontendStatus::isSet);
            assertThat(world.ownedAddresses())
                    .allSatisfy(cidr -> assertThat(last.desired().addresses()).containsValue(cidr));
            last.desired()
                    .statuses()
                    .forEach((key, wanted) ->
                            assertThat(world.cluster.status(key)).isEqualTo(wanted.status()));
        });
    }

    @Test
    void noAddressIsExclusiveToTwo() {
        onEveryWorld(seed -> {
            Map<InetAddress, ServiceKey> exclusive = new HashMap<>();
            Map<InetAddress, ServiceKey> users = new HashMap<>();
            converged(seed)
                    .pass()
                    .allocations()
                    .byService()
                    .forEach((service, families) -> families.values()
                            .forEach(allocation -> allocation.ip().ifPresent(ip -> {
                                assertThat(exclusive).doesNotContainKey(ip);
                                if (allocation instanceof Allocation.Exclusive) {
                                    assertThat(users).doesNotContainKey(ip);
                                    exclusive.put(ip, service);
                                }
                                users.put(ip, service);
                            })));
        });
    }

    @Test
    void anAddressWithAClaimOrAConnectionIsNeverRemoved() {
        onEveryWorld(seed -> {
            World world = new World(seed);
            world.failing(30);
            for (int i = 0; i < 25; i++) {
                world.event();
                PassResult result = world.pass();
                Set<InetAddress> inUse = new HashSet<>(result.desired().claimed());
                result.actual().frontends().forEach((frontend, status) -> {
                    if (status.state() != FrontendStatus.State.FAILED) {
                        inUse.add(frontend.ip());
                    }
                });
                Set<InetAddress> replaced = result.desired().addresses().keySet();
                removed(result).stream()
                        .filter(removal -> !replaced.contains(removal.cidr().address()))
                        .forEach(removal ->
                                assertThat(inUse).doesNotContain(removal.cidr().address()));
            }
        });
    }

    @Test
    void anAddressThatIsNotOursIsNeverTouched() {
        onEveryWorld(seed -> {
            World world = afterTroubles(seed);
            Set<?> foreign = world.foreignAddresses();
            for (int i = 0; i < 5; i++) {
                world.settle();
                PassResult result = world.pass();
                assertThat(result.applied())
                        .noneMatch(step -> step instanceof Step.AddAddress add && foreign.contains(add.cidr()))
                        .noneMatch(
                                step -> step instanceof Step.RemoveAddress remove && foreign.contains(remove.cidr()));
            }
            assertThat(world.foreignAddresses()).isEqualTo(foreign).contains(World.PRIMARY_4, World.FOREIGN);
        });
    }

    @Test
    void whatIsCarriedElsewhereIsNeitherOnTheLinkNorListenedOn() {
        onEveryWorld(seed -> {
            World world = converged(seed);
            assertThat(world.ownedAddresses()).noneMatch(cidr -> world.elsewhere.contains(cidr.address()));
            assertThat(world.liveFrontends()).noneMatch(frontend -> world.elsewhere.contains(frontend.ip()));
        });
    }

    @Test
    void whatAPersonHasDrainedListensNowhereAndKeepsItsAddresses() {
        onEveryWorld(seed -> {
            World world = converged(seed);
            Set<InetAddress> held = world.pass().desired().claimed();
            world.cluster
                    .snapshot()
                    .orElseThrow()
                    .services()
                    .keySet()
                    .forEach(key -> world.orders = world.orders.drain(key));
            converge(world);
            PassResult drained = world.pass();
            assertThat(drained.desired().claimed()).isEqualTo(held);
            assertThat(drained.actual().frontends().values())
                    .noneMatch(frontend -> frontend.state() == FrontendStatus.State.OPEN);
        });
    }

    @Test
    void anExplanationTellsWhatThePassDecided() {
        onEveryWorld(seed -> {
            World world = new World(seed);
            Explainer explainer = new Explainer();
            world.failing(30);
            for (int i = 0; i < 25; i++) {
                world.event();
                PassResult result = world.pass();
                result.inputs().cluster().services().keySet().stream()
                        .filter(key -> isWhollyHere(key, result))
                        .forEach(key ->
                                assertTellsTheTruth(explainer.explain(result.decision(), key, Evidence.NONE), result));
            }
        });
    }

    private static boolean isWhollyHere(ServiceKey key, PassResult result) {
        return result.allocations().of(key).values().stream()
                .flatMap(allocation -> allocation.ip().stream())
                .allMatch(result.placement()::isHere);
    }

    /** A person who asks hears what stands on the Service, neither more nor less. */
    private static void assertTellsTheTruth(Explanation explanation, PassResult result) {
        List<ServiceStatus.Condition> conditions =
                result.desired().statuses().get(explanation.service()).status().conditions();
        Set<Reason> told = conditions.stream()
                .filter(condition -> !condition.holds() || condition.type() == ServiceStatus.Condition.Type.PORTS_ERROR)
                .flatMap(condition -> condition.problem().stream())
                .collect(Collectors.toSet());
        boolean pending = conditions.stream().anyMatch(ServiceStatus.Condition::isPending);
        assertThat(explanation.isServed()).isEqualTo(told.isEmpty() && !pending);
        assertThat(explanation.problem().isPresent()).as("%s", explanation).isEqualTo(!told.isEmpty());
        explanation
                .problem()
                .ifPresent(problem -> assertThat(conditions)
                        .anyMatch(condition -> condition.message().contains(problem.detail())));
    }

    @Test
    void whileItIsNotKnownWhatIsAskedForNothingIsDone() {
        onEveryWorld(seed -> {
            World world = afterTroubles(seed);
            world.cluster.synced(false);
            PassResult result = world.pass();
            assertThat(result.synced()).isFalse();
            assertThat(result.applied()).isEmpty();
        });
    }

    @Test
    void aLinkThatIsAwayReleasesNothing() {
        onEveryWorld(seed -> {
            World world = converged(seed);
            Allocations before = world.pass().allocations();
            world.addresses.link(Link.absent("br0", Link.State.MISSING));
            PassResult away = world.pass();
            assertThat(away.applied()).allMatch(step -> step instanceof Step.WriteStatus);
            before.byService()
                    .forEach((service, families) -> families.forEach((family, allocation) -> allocation
                            .ip()
                            .ifPresent(ip -> assertThat(
                                            away.allocations().of(service).get(family))
                                    .isEqualTo(allocation))));
        });
    }

    @Test
    void aPassThatRemembersTheLastOneDecidesWhatAFirstOneWould() {
        onEveryWorld(seed -> {
            World world = new World(seed);
            world.failing(30);
            for (int i = 0; i < 25; i++) {
                world.event();
                PassResult result = world.pass();
                if (!result.synced()) {
                    continue;
                }
                DesiredState desired = World.desire().of(result.inputs(), result.allocations(), result.placement());
                assertThat(result.desired()).isEqualTo(desired);
                List<Step> taken = new ArrayList<>(result.applied());
                result.failures().forEach(failure -> taken.add(failure.step()));
                assertThat(taken)
                        .containsExactlyInAnyOrderElementsOf(World.planner().plan(desired, result.inputs()));
            }
        });
    }

    @Test
    void theOrderInWhichServicesAreListedNeverMatters() {
        onEveryWorld(seed -> {
            World world = afterTroubles(seed);
            PassResult result = world.pass();
            ClusterSnapshot cluster = world.cluster.snapshot().orElseThrow();
            Allocations once =
                    Allocator.allocate(cluster, world.supply(result.actual().link()), Allocations.published(cluster));
            ClusterSnapshot shuffled = shuffled(cluster, new Random(seed));
            assertThat(Allocator.allocate(
                            shuffled, world.supply(result.actual().link()), Allocations.published(shuffled)))
                    .isEqualTo(once);
        });
    }

    @Test
    void aRejectedServiceChangesNobodyElse() {
        onEveryWorld(seed -> {
            World world = afterTroubles(seed);
            ClusterSnapshot cluster = world.cluster.snapshot().orElseThrow();
            AddressSupply supply = world.supply(world.addresses.link());
            Allocations with = Allocator.allocate(cluster, supply, Allocations.NONE);
            Map<ServiceKey, ServiceSpec> accepted = new HashMap<>(cluster.services());
            accepted.keySet()
                    .removeIf(key -> with.of(key).values().stream()
                            .allMatch(allocation -> allocation instanceof Allocation.Rejected));
            ClusterSnapshot without = new ClusterSnapshot(accepted, cluster.backends(), cluster.published(), Set.of());
            Allocations alone = Allocator.allocate(without, supply, Allocations.NONE);
            accepted.keySet().forEach(key -> assertThat(alone.of(key)).isEqualTo(with.of(key)));
        });
    }

    @Test
    void aRestartOfASettledWorldChangesNothing() {
        onEveryWorld(seed -> {
            World world = afterTroubles(seed);
            world.elsewhere
                    .clear(); // who carries an address tells of it, and in these worlds there is nobody else to do so
            converge(world);
            Allocations before = world.pass().allocations();
            world.reconciler = world.startAnew();
            PassResult after = world.pass();
            assertThat(after.applied()).isEmpty();
            before.byService()
                    .forEach((service, families) -> families.forEach((family, allocation) -> {
                        if (allocation.ip().isPresent()) {
                            assertThat(after.allocations().of(service).get(family))
                                    .isEqualTo(allocation);
                        }
                    }));
        });
    }

    @Test
    void aCleanStopLeavesNothingBehindButTheAllocation() {
        onEveryWorld(seed -> {
            World world = afterTroubles(seed);
            Set<?> foreign = world.foreignAddresses();
            boolean nothingLeft = false;
            for (int i = 0; i < 6 && !nothingLeft; i++) {
                world.settle();
                world.clock.advance(java.time.Duration.ofMinutes(2));
                PassResult stopping = world.reconciler.withdraw();
                nothingLeft = stopping.nothingLeft();
                Explainer explainer = new Explainer();
                assertThat(stopping.inputs().cluster().services().keySet())
                        .noneMatch(key -> explainer
                                .explain(stopping.decision(), key, Evidence.NONE)
                                .isServed());
            }
            assertThat(nothingLeft).isTrue();
            assertThat(world.ownedAddresses()).isEmpty();
            assertThat(world.liveFrontends()).isEmpty();
            assertThat(world.foreignAddresses()).isEqualTo(foreign);
            world.cluster
                    .snapshot()
                    .orElseThrow()
                    .published()
                    .values()
                    .forEach(published -> assertThat(published.status())
                            .isEqualTo(new ServiceStatus(
                                    List.of(), List.of(), published.status().allocated(), List.of())));
        });
    }

    private static void onEveryWorld(LongConsumer law) {
        Long only = Long.getLong("laws.seed");
        long first = only == null ? 1 : only;
        long last = only == null ? WORLDS : only;
        for (long seed = first; seed <= last; seed++) {
            try {
                law.accept(seed);
            } catch (AssertionError | RuntimeException broken) {
                throw new AssertionError("the law does not hold in the world of seed " + seed, broken);
            }
        }
    }

    /** A world that has seen events and failing steps, whose link is up again and whose steps succeed from now on. */
    private static World afterTroubles(long seed) {
        World world = new World(seed);
        world.failing(30);
        for (int i = 0; i < 20; i++) {
            world.event();
            if (world.random.nextBoolean()) {
                world.pass();
            }
        }
        world.failing(0);
        world.linkUp();
        world.cluster.synced(true);
        return world;
    }

    private static World converged(long seed) {
        World world = afterTroubles(seed);
        converge(world);
        return world;
    }

    private static void converge(World world) {
        for (int i = 0; i < 8; i++) {
            world.settle();
            world.pass();
        }
    }

    private static List<Step.RemoveAddress> removed(PassResult result) {
        List<Step.RemoveAddress> removed = new ArrayList<>();
        result.applied().forEach(step -> {
            if (step instanceof Step.RemoveAddress removal) {
                removed.add(removal);
            }
        });
        return removed;
    }

    /** The same, listed in another order, as a map is that has been larger. */
    private static ClusterSnapshot shuffled(ClusterSnapshot cluster, Random random) {
        ServiceSpec any = new World(random.nextLong()).service(new ServiceKey("any", "any"));
        Map<ServiceKey, ServiceSpec> more = new HashMap<>();
        for (int i = random.nextInt(1_000); i >= 0; i--) {
            more.put(new ServiceKey("more", "s" + i), any);
        }
        return new ClusterSnapshot(
                PersistentMap.copyOf(cluster.services()).with(more, Set.of()).with(Map.of(), more.keySet()),
                cluster.backends(),
                cluster.published(),
                cluster.nodeAddresses());
    }
}
