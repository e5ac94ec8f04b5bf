package io.littlelb.testkit.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.Uninterruptibles;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.loop.PassResult;
import io.littlelb.core.loop.ReconcileListener;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.model.Trust;
import io.littlelb.core.plan.Explanation.Answer;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.StatusWriter;
import io.littlelb.testkit.log.LogCapture;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.memory.InMemoryForwarder;
import io.littlelb.testkit.memory.TestClock;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class LoadBalancerTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final InetAddress IP = Addresses.parse("198.18.0.9").orElseThrow();
    private static final Frontend FRONTEND = new Frontend(IP, 80, Protocol.TCP);

    private final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryAddressManager addresses = new InMemoryAddressManager(new Link(
            "br0", 7, Link.State.UP, List.of(Cidr.parse("198.18.0.1/24").orElseThrow()), Set.of()));
    private final InMemoryForwarder forwarder = new InMemoryForwarder();
    private final List<PassResult> passes = new CopyOnWriteArrayList<>();

    @Test
    void servesAServiceFromItsCreationToItsDeletion() {
        try (LoadBalancer loadBalancer = loadBalancer(Duration.ofSeconds(5))) {
            loadBalancer.start();
            createWeb();
            await().until(addresses::isPending);
            assertThat(forwarder.frontends())
                    .as("no port before its address is there")
                    .isEmpty();
            addresses.settle();
            await().until(() -> cluster.status(WEB).ingress().size() == 1);
            assertThat(forwarder.frontends()).containsOnlyKeys(FRONTEND);

            cluster.delete(WEB);
            await().until(() -> forwarder.frontends().isEmpty()
                    && addresses.addresses().stream().noneMatch(address -> address.owned()));
        }
    }

    @Test
    void drainsAServiceUntilItIsUndrainedAndExplainsIt() {
        try (LoadBalancer loadBalancer = loadBalancer(Duration.ofSeconds(5))) {
            assertThat(loadBalancer.explain(WEB)).isEmpty();
            loadBalancer.start();
            serveWeb();

            loadBalancer.drain(WEB);
            await().until(() -> forwarder.frontends().get(FRONTEND).state() == FrontendStatus.State.REFUSING);
            await().until(() -> loadBalancer.explain(WEB).orElseThrow().problem().stream()
                    .anyMatch(problem -> problem.reason() == Reason.Drained));
            await().until(() -> cluster.status(WEB).conditions().stream()
                    .anyMatch(condition -> condition.reason().equals("Drained")));
            assertThat(cluster.status(WEB).ingress()).hasSize(1);

            loadBalancer.undrain(WEB);
            await().until(() -> forwarder.frontends().get(FRONTEND).state() == FrontendStatus.State.OPEN);
            await().until(() -> loadBalancer.explain(WEB).orElseThrow().isServed());
        }
    }

    @Test
    void explainsWhyAStatusIsNotWrittenThoughTheServiceIsServed() {
        Problem others = new Problem(Reason.StatusConflict, "somebody else writes it");
        cluster.refuseStatuses(Optional.of(others));
        try (LoadBalancer loadBalancer = loadBalancer(Duration.ofSeconds(5))) {
            loadBalancer.start();
            createWeb();
            await().until(addresses::isPending);
            addresses.settle();

            await().until(() -> loadBalancer.explain(WEB).orElseThrow().isServed());
            assertThat(loadBalancer.explain(WEB).orElseThrow().findings())
                    .last()
                    .isEqualTo(
                            new Finding(Topic.PUBLISHED, Answer.REMARK, Optional.of(others.reason()), others.detail()));

            cluster.refuseStatuses(Optional.empty());
            loadBalancer.trigger();
            await().until(() -> loadBalancer.explain(WEB).orElseThrow().findings().stream()
                    .anyMatch(finding -> finding.equals(
                            new Finding(Topic.PUBLISHED, Answer.GOOD, Optional.empty(), "it shows 198.18.0.9"))));
        }
    }

    @Test
    void decidesNothingBeforeTheSourceHasSeenEverything() {
        cluster.synced(false);
        addresses.put(AddressStatus.of(Cidr.parse("198.18.0.9/32").orElseThrow(), true, AddressStatus.State.PRESENT));
        try (LoadBalancer loadBalancer = loadBalancer(Duration.ofSeconds(5))) {
            loadBalancer.start();
            await().until(() -> !passes.isEmpty());
            assertThat(passes).noneMatch(PassResult::synced);
            assertThat(addresses.addresses()).anyMatch(address -> address.owned());
        }
    }

    @Test
    void aSourceThatCannotBeReadAnyMoreStopsNothingAndAStopTakesEverythingBack() {
        LoadBalancer loadBalancer = loadBalancer(Duration.ofMillis(100));
        loadBalancer.start();
        serveWeb();
        cluster.breakDown();

        addresses.removeByHand(Cidr.parse("198.18.0.9/32").orElseThrow());
        await().until(addresses::isPending);
        addresses.settle();
        loadBalancer.close();

        assertThat(cluster.status(WEB).ingress()).isEmpty();
        assertThat(cluster.status(WEB).conditions()).isEmpty();
        assertThat(cluster.status(WEB).allocated()).containsExactly(Held.exclusive(IP));
        assertThat(forwarder.frontends()).isEmpty();
        assertThat(addresses.addresses()).noneMatch(AddressStatus::owned);
    }

    @Test
    void aSourceOutOfContactStopsNothingIsToldInTheExplanationAndAStopTakesEverythingBack() {
        LoadBalancer loadBalancer = loadBalancer(Duration.ofMillis(100));
        loadBalancer.start();
        serveWeb();
        cluster.trouble(Optional.of("nobody answers"));
        await().until(() -> passes.get(passes.size() - 1).inputs().trust() == Trust.REMEMBERED);

        addresses.removeByHand(Cidr.parse("198.18.0.9/32").orElseThrow());
        await().until(addresses::isPending);
        addresses.settle();
        loadBalancer.drain(WEB);
        await().alias("statuses are written all the same")
                .until(() -> cluster.status(WEB).conditions().stream()
                        .anyMatch(condition -> condition.reason().equals("Drained")));
        loadBalancer.undrain(WEB);
        await().until(() -> loadBalancer.explain(WEB).orElseThrow().isServed());
        assertThat(loadBalancer.explain(WEB).orElseThrow().findings().get(0).text())
                .isEqualTo("memory: nobody answers; what was known last stays in force");
        cluster.trouble(Optional.empty());
        await().until(() ->
                loadBalancer.explain(WEB).orElseThrow().findings().get(0).answer() == Answer.GOOD);
        cluster.trouble(Optional.of("nobody answers"));
        loadBalancer.close();

        assertThat(passes.get(passes.size() - 1).nothingLeft()).isTrue();
        assertThat(cluster.status(WEB).conditions()).isEmpty();
        assertThat(addresses.addresses()).noneMatch(AddressStatus::owned);
    }

    @Test
    void waitsForConnectionsToDrainBeforeItTakesTheAddressAway() {
        LoadBalancer loadBalancer = loadBalancer(Duration.ofSeconds(20));
        loadBalancer.start();
        serveWeb();
        forwarder.connect(FRONTEND);

        Thread closer = new Thread(loadBalancer::close, "closer");
        closer.start();
        await().until(() -> cluster.status(WEB).ingress().isEmpty());
        await().until(forwarder::isPending);
        assertThat(addresses.addresses()).anyMatch(address -> address.owned());
        forwarder.settle();
        await().until(() -> !closer.isAlive());
        assertThat(addresses.addresses()).noneMatch(address -> address.owned());
        assertThat(cluster.status(WEB))
                .isEqualTo(new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(IP)), List.of()));
    }

    @Test
    void aStopDoesNotWaitForStatusesThatNobodyTakes() {
        AtomicBoolean away = new AtomicBoolean();
        StatusWriter writer = new StatusWriter() {
            @Override
            public void write(ServiceKey key, String uid, ServiceStatus status) {
                if (!away.get()) {
                    cluster.write(key, uid, status);
                }
            }

            @Override
            public boolean isAnswering() {
                return !away.get();
            }
        };
        LoadBalancer loadBalancer = LoadBalancer.builder(cluster, addresses, forwarder)
                .statuses(writer)
                .listener(passes::add)
                .drainTimeout(Duration.ofMinutes(5)) // far beyond the timeout of the test
                .build();
        loadBalancer.start();
        serveWeb();
        away.set(true);

        loadBalancer.close();

        assertThat(passes.get(passes.size() - 1).nothingLeft()).isTrue();
        assertThat(addresses.addresses()).noneMatch(AddressStatus::owned);
        assertThat(cluster.status(WEB).ingress()).hasSize(1);
    }

    @Test
    void goesOnAfterABugInAPass() {
        AtomicInteger told = new AtomicInteger();
        try (LoadBalancer loadBalancer = LoadBalancer.builder(cluster, addresses, forwarder)
                .statuses(cluster)
                .listener(result -> {
                    if (told.getAndIncrement() == 0) {
                        throw new IllegalStateException("the first pass meets a bug");
                    }
                })
                .drainTimeout(Duration.ZERO)
                .build()) {
            loadBalancer.start();
            serveWeb();
        }
    }

    @Test
    void isQuietOnceItHasConverged() {
        try (LoadBalancer loadBalancer = loadBalancer(Duration.ofSeconds(5))) {
            createWeb();
            loadBalancer.start();
            await().until(addresses::isPending);
            addresses.settle();
            await().until(() -> !passes.isEmpty()
                    && passes.get(passes.size() - 1).converged()
                    && cluster.status(WEB).ingress().size() == 1);
            int writes = cluster.writes();
            int before = passes.size();
            loadBalancer.trigger();
            await().until(() -> passes.size() > before);
            assertThat(cluster.writes()).isEqualTo(writes);
            assertThat(passes.get(passes.size() - 1).converged()).isTrue();
        }
    }

    @Test
    void everyPassSaysWhenItEndedAndHowLongItTookByTheClockItWasGiven() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        TestClock clock = new TestClock();
        EndpointSource slow = new EndpointSource() { // which it takes a second to look at
                    @Override
                    public Optional<ClusterSnapshot> snapshot() {
                        clock.advance(Duration.ofSeconds(1));
                        return cluster.snapshot();
                    }

                    @Override
                    public void onChange(Runnable listener) {}
                };
        List<PassResult> alsoTold = new CopyOnWriteArrayList<>();
        try (LoadBalancer loadBalancer = LoadBalancer.builder(slow, addresses, forwarder)
                .listener(((ReconcileListener) passes::add).andThen(alsoTold::add))
                .clock(clock)
                .build()) {
            loadBalancer.start();
            await().until(() -> alsoTold.size() == 1);
            loadBalancer.trigger();
            await().until(() -> alsoTold.size() == 2);

            assertThat(passes).containsExactlyElementsOf(alsoTold);
            assertThat(passes).extracting(PassResult::at).containsExactly(start.plusSeconds(1), start.plusSeconds(2));
            assertThat(passes).extracting(PassResult::took).containsOnly(Duration.ofSeconds(1));
        }
    }

    @Test
    void ofTwoListenersTheSecondIsToldWhateverTheFirstOneThrows() {
        AtomicInteger told = new AtomicInteger();
        List<Integer> seen = new CopyOnWriteArrayList<>();
        ReconcileListener fails = result -> {
            if (told.getAndIncrement() == 0) {
                throw new IllegalStateException("the first listener meets a bug");
            }
        };
        try (LoadBalancer loadBalancer = LoadBalancer.builder(cluster, addresses, forwarder)
                .listener(fails.andThen(result -> seen.add(told.get())))
                .build()) {
            loadBalancer.start();
            await().until(() -> !seen.isEmpty());
            assertThat(seen.get(0))
                    .as("of the very pass that the first one failed at")
                    .isEqualTo(1);
        }
    }

    /** A writer may be long about it: what it was told last must be what is so. */
    @Test
    void takesBackAWishForAStatusThatIsNotWantedAnyMore() {
        Map<ServiceKey, ServiceStatus> wishes = new ConcurrentHashMap<>();
        AtomicBoolean slow = new AtomicBoolean();
        StatusWriter writer = new StatusWriter() {
            @Override
            public void write(ServiceKey key, String uid, ServiceStatus status) {
                if (slow.get()) {
                    wishes.put(key, status);
                } else {
                    cluster.write(key, uid, status);
                }
            }

            @Override
            public void forget(ServiceKey key, String uid) {
                wishes.remove(key);
            }
        };
        try (LoadBalancer loadBalancer = LoadBalancer.builder(cluster, addresses, forwarder)
                .statuses(writer)
                .drainTimeout(Duration.ZERO)
                .build()) {
            loadBalancer.start();
            serveWeb();

            slow.set(true);
            addresses.removeByHand(Cidr.parse("198.18.0.9/32").orElseThrow());
            await().until(() -> wishes.containsKey(WEB));
            await().until(addresses::isPending);
            addresses.settle();
            await().until(wishes::isEmpty);
            slow.set(false);
        }
    }

    private LoadBalancer loadBalancer(Duration drainTimeout) {
        return LoadBalancer.builder(cluster, addresses, forwarder)
                .statuses(cluster)
                .listener(passes::add)
                .drainTimeout(drainTimeout)
                .build();
    }

    /** Creates it, and waits until it is told its address. */
    @Test
    void aRefusalIsSeenByWhoeverEmbedsIt() {
        cluster.put(
                ServiceSpec.named("default/far")
                        .address("203.0.113.9")
                        .tcp(80)
                        .build()
                        .spec(),
                PortBackends.NONE);
        try (LoadBalancer loadBalancer = loadBalancer(Duration.ofSeconds(5))) {
            loadBalancer.start();
            await().until(() -> passes.stream().anyMatch(PassResult::synced));
        }

        PassResult first =
                passes.stream().filter(PassResult::synced).findFirst().orElseThrow();
        assertThat(first.problems().get(new ServiceKey("default", "far")))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.reason()).isEqualTo(Reason.AddressNotInSubnet);
                    assertThat(problem.detail()).contains("203.0.113.9", "198.18.0.0/24");
                });
    }

    @Test
    void aListenerThatThrowsIsToldOfOnceAndKeepsNothingFromBeingServed() {
        try (LogCapture captured = LogCapture.of("io.littlelb.core");
                LoadBalancer loadBalancer = LoadBalancer.builder(cluster, addresses, forwarder)
                        .statuses(cluster)
                        .listener(pass -> {
                            passes.add(pass);
                            throw new IllegalStateException("cannot count that far");
                        })
                        .build()) {
            loadBalancer.start();
            createWeb();
            await().until(addresses::isPending);
            addresses.settle();
            await().until(() -> cluster.status(WEB).ingress().size() == 1);

            assertThat(passes).hasSizeGreaterThan(1);
            assertThat(captured.count("Whoever is told of passes has failed")).isOne();
            assertThat(captured.count("was abandoned")).isZero();
        }
    }

    @Test
    void turnsHoweverSoonTheForwarderShallWhileAPassTakesItsTime() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        LoadBalancer loadBalancer = LoadBalancer.builder(cluster, addresses, forwarder)
                .listener(result -> {
                    begun.countDown();
                    Uninterruptibles.awaitUninterruptibly(released);
                })
                .build();
        assertThat(loadBalancer.isTurning(Duration.ofSeconds(20))).isFalse();
        loadBalancer.start();

        Uninterruptibles.awaitUninterruptibly(begun);
        assertThat(loadBalancer.isTurning(Duration.ZERO)).isTrue();
        released.countDown();
        forwarder.close();
        assertThat(loadBalancer.isTurning(Duration.ofSeconds(20))).isFalse();
        loadBalancer.close();
    }

    @Test
    void isStartedOnceAndServesOnce() {
        LoadBalancer loadBalancer = loadBalancer(Duration.ofSeconds(5));
        assertThat(loadBalancer.state()).isEqualTo(LoadBalancer.State.NEW);
        loadBalancer.start();
        assertThat(loadBalancer.state()).isEqualTo(LoadBalancer.State.SERVING);
        assertThatThrownBy(loadBalancer::start).isInstanceOf(IllegalStateException.class);
        loadBalancer.close();
        loadBalancer.close();
        assertThat(loadBalancer.state()).isEqualTo(LoadBalancer.State.STOPPED);
        assertThatThrownBy(loadBalancer::start).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void oneThatWasNeverStartedClosesItsParts() {
        AtomicBoolean closed = new AtomicBoolean();
        EndpointSource source = new EndpointSource() {
            @Override
            public Optional<ClusterSnapshot> snapshot() {
                return Optional.empty();
            }

            @Override
            public void onChange(Runnable listener) {}

            @Override
            public void close() {
                closed.set(true);
            }
        };
        StatusWriter breaks = new StatusWriter() {
            @Override
            public void write(ServiceKey key, String uid, ServiceStatus status) {}

            @Override
            public void close() {
                throw new IllegalStateException("on demand");
            }
        };
        LoadBalancer loadBalancer = LoadBalancer.builder(source, addresses, forwarder)
                .statuses(breaks)
                .build();

        assertThatThrownBy(loadBalancer::close).hasMessage("on demand");

        assertThat(closed).as("the others are closed all the same").isTrue();
        assertThat(loadBalancer.state()).isEqualTo(LoadBalancer.State.STOPPED);
    }

    @Test
    void aListenerCannotCloseWhatWaitsForIt() {
        AtomicReference<LoadBalancer> itself = new AtomicReference<>();
        AtomicReference<Exception> refusal = new AtomicReference<>();
        try (LoadBalancer loadBalancer = LoadBalancer.builder(cluster, addresses, forwarder)
                .listener(pass -> {
                    try {
                        itself.get().close();
                    } catch (IllegalStateException e) {
                        refusal.set(e);
                    }
                })
                .build()) {
            itself.set(loadBalancer);
            loadBalancer.start();
            await().until(() -> refusal.get() != null);
            assertThat(loadBalancer.state()).isEqualTo(LoadBalancer.State.SERVING);
        }
    }

    @Test
    void partsBelongToOneLoadBalancer() {
        LoadBalancer.Builder builder = LoadBalancer.builder(cluster, addresses, forwarder);
        try (LoadBalancer first = builder.build()) {
            assertThatThrownBy(builder::build).isInstanceOf(IllegalStateException.class);
            assertThat(first.state()).isEqualTo(LoadBalancer.State.NEW);
        }
    }

    private void serveWeb() {
        createWeb();
        await().until(addresses::isPending);
        addresses.settle();
        await().until(() -> cluster.status(WEB).ingress().size() == 1);
    }

    private void createWeb() {
        ServicePort port = new ServicePort("http", Protocol.TCP, 80);
        cluster.put(
                new ServiceSpec(
                        WEB,
                        "uid-web",
                        Instant.EPOCH,
                        AddressRequest.parse("198.18.0.9", ""),
                        Set.of(Family.IPV4),
                        true,
                        Optional.empty(),
                        List.of(port),
                        Policies.DEFAULT),
                PortBackends.ofBoth(new Backends.Listed(List.of(new Backend(IP, 8080)))));
    }
}
