package io.littlelb.core.plan;

import static io.littlelb.core.plan.Fixtures.BACKENDS;
import static io.littlelb.core.plan.Fixtures.LINK;
import static io.littlelb.core.plan.Fixtures.cidr;
import static io.littlelb.core.plan.Fixtures.cluster;
import static io.littlelb.core.plan.Fixtures.config;
import static io.littlelb.core.plan.Fixtures.frontend;
import static io.littlelb.core.plan.Fixtures.ip;
import static io.littlelb.core.plan.Fixtures.key;
import static io.littlelb.core.plan.Fixtures.present;
import static io.littlelb.core.plan.Fixtures.service;
import static io.littlelb.core.plan.Fixtures.sharing;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.model.Settings;
import io.littlelb.core.model.TrafficPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PlannerTest {
    private static final Duration DRAIN = Duration.ofSeconds(20);
    private static final AddressStatus HOST = present("198.18.0.1/24", false);
    private static final AddressStatus OURS = present("198.18.0.9/32", true);

    private final Planner planner = new Planner();

    @Test
    void addsTheAddressFirstAndOpensThePortOnlyOnceTheAddressIsSeen() {
        ClusterSnapshot cluster = cluster(service("web", 1, "198.18.0.9"));
        assertThat(changes(cluster, actual(List.of(HOST), Map.of())))
                .containsExactly(new Step.AddAddress(cidr("198.18.0.9/32")));
        AddressStatus pending = AddressStatus.of(cidr("198.18.0.9/32"), true, AddressStatus.State.PENDING);
        assertThat(changes(cluster, actual(List.of(HOST, pending), Map.of()))).isEmpty();
        assertThat(changes(cluster, actual(List.of(HOST, OURS), Map.of())))
                .containsExactly(new Step.SetFrontend(frontend("198.18.0.9"), config("web", BACKENDS)));
    }

    @Test
    void everyKindOfStepHasItsWord() {
        assertThat(List.of(
                        new Step.AddAddress(cidr("198.18.0.9/32")),
                        new Step.RemoveAddress(cidr("198.18.0.9/32")),
                        new Step.SetFrontend(frontend("198.18.0.9"), config("web", BACKENDS)),
                        new Step.RemoveFrontend(frontend("198.18.0.9"), DRAIN),
                        new Step.WriteStatus(key("web"), "uid", ServiceStatus.NONE)))
                .extracting(Step::word)
                .containsExactly("add_address", "remove_address", "set_frontend", "remove_frontend", "write_status");
    }

    @Test
    void closesThePortFirstAndRemovesTheAddressOnlyOnceTheLastConnectionIsGone() {
        FrontendStatus open = FrontendStatus.of(config("web", BACKENDS), FrontendStatus.State.OPEN);
        FrontendStatus draining = FrontendStatus.of(config("web", BACKENDS), FrontendStatus.State.DRAINING);
        Frontend frontend = frontend("198.18.0.9");
        assertThat(changes(cluster(), actual(List.of(HOST, OURS), Map.of(frontend, open))))
                .containsExactly(new Step.RemoveFrontend(frontend, DRAIN));
        assertThat(changes(cluster(), actual(List.of(HOST, OURS), Map.of(frontend, draining))))
                .isEmpty();
        assertThat(changes(cluster(), actual(List.of(HOST, OURS), Map.of())))
                .containsExactly(new Step.RemoveAddress(cidr("198.18.0.9/32")));
    }

    @Test
    void releasesTheAddressAfterTheLastClaim() {
        ServicePort other = new ServicePort("", Protocol.TCP, 81);
        ClusterSnapshot two = cluster(
                sharing(service("a", 1, "198.18.0.9"), "k"), sharing(service("b", 1, "198.18.0.9", other), "k"));
        ClusterSnapshot one = cluster(sharing(service("b", 1, "198.18.0.9", other), "k"));
        ActualState actual = actual(List.of(HOST, OURS), Map.of());
        assertThat(changes(two, actual)).noneMatch(step -> step instanceof Step.RemoveAddress);
        assertThat(changes(one, actual)).noneMatch(step -> step instanceof Step.RemoveAddress);
        assertThat(changes(cluster(), actual)).containsExactly(new Step.RemoveAddress(cidr("198.18.0.9/32")));
    }

    @Test
    void neverTouchesAnAddressOfSomebodyElse() {
        AddressStatus foreign = present("198.18.0.9/32", false);
        assertThat(changes(cluster(), actual(List.of(HOST, foreign), Map.of()))).isEmpty();
        assertThat(changes(cluster(service("web", 1, "198.18.0.9")), actual(List.of(HOST, foreign), Map.of())))
                .as("uses it, but neither removes nor adds it")
                .containsExactly(new Step.SetFrontend(frontend("198.18.0.9"), config("web", BACKENDS)));
    }

    @Test
    void swapsBackendsOfAnOpenPortWithoutClosingIt() {
        FrontendStatus open = FrontendStatus.of(config("web", Backends.none()), FrontendStatus.State.REFUSING);
        assertThat(changes(
                        cluster(service("web", 1, "198.18.0.9")),
                        actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), open))))
                .containsExactly(new Step.SetFrontend(frontend("198.18.0.9"), config("web", BACKENDS)));
    }

    @Test
    void anotherServicesPortIsClosedOnTheTermsOfTheFirstBeforeItIsOpenedForTheSecond() {
        Duration ofTheFirst = Duration.ofSeconds(3);
        Frontend frontend = frontend("198.18.0.9");
        FrontendConfig first =
                new FrontendConfig(key("first"), BACKENDS, TrafficPolicy.DEFAULT.withDrainTimeout(ofTheFirst));
        ClusterSnapshot second = cluster(service("second", 1, "198.18.0.9"));
        Step open = new Step.SetFrontend(frontend, config("second", BACKENDS));

        assertThat(changes(
                        second,
                        actual(
                                List.of(HOST, OURS),
                                Map.of(frontend, FrontendStatus.of(first, FrontendStatus.State.OPEN)))))
                .containsExactly(new Step.RemoveFrontend(frontend, ofTheFirst), open);
        assertThat(changes(
                        second,
                        actual(
                                List.of(HOST, OURS),
                                Map.of(frontend, FrontendStatus.of(first, FrontendStatus.State.DRAINING)))))
                .containsExactly(open);
    }

    @Test
    void triesAnAddressAgainThatTheKernelRefused() {
        AddressStatus failed = new AddressStatus(cidr("198.18.0.9/32"), true, AddressStatus.State.FAILED, "EPERM");
        assertThat(changes(cluster(service("web", 1, "198.18.0.9")), actual(List.of(HOST, failed), Map.of())))
                .containsExactly(new Step.AddAddress(cidr("198.18.0.9/32")));
    }

    @Test
    void replacesAnAddressOfAnotherPrefixLengthWithoutAMomentWithoutIt() {
        AddressStatus wide = AddressStatus.of(cidr("198.18.0.9/24"), true, AddressStatus.State.ADOPTED);
        ClusterSnapshot cluster = cluster(service("web", 1, "198.18.0.9"));
        assertThat(changes(cluster, actual(List.of(HOST, wide), Map.of())))
                .containsExactly(new Step.AddAddress(cidr("198.18.0.9/32")));
        assertThat(changes(cluster, actual(List.of(HOST, wide, OURS), Map.of())))
                .startsWith(new Step.RemoveAddress(cidr("198.18.0.9/24")));
        assertThat(changes(cluster(), actual(List.of(HOST, wide), Map.of())))
                .containsExactly(new Step.RemoveAddress(cidr("198.18.0.9/24")));
    }

    @Test
    void asksAgainForAnAddressThatSomethingTookAway() {
        AddressStatus removed =
                new AddressStatus(cidr("198.18.0.9/32"), true, AddressStatus.State.REMOVED, "taken away 3 times");
        assertThat(changes(cluster(service("web", 1, "198.18.0.9")), actual(List.of(HOST, removed), Map.of())))
                .containsExactly(new Step.AddAddress(cidr("198.18.0.9/32")));
    }

    @Test
    void touchesNoAddressWhileTheLinkCannotBeSeen() {
        ActualState unknown =
                new ActualState(Link.absent("br0", Link.State.UNKNOWN), List.of(OURS), Map.of(), Map.of());
        assertThat(planner.plan(DesiredState.EMPTY, inputs(unknown))).isEmpty();
    }

    @Test
    void takesBackEverythingSaidButTheAllocationWhenNothingShouldBe() {
        ServiceStatus said = new ServiceStatus(
                List.of(new ServiceStatus.Ingress(ip("198.18.0.9"), List.of())),
                List.of(),
                List.of(Held.exclusive(ip("198.18.0.9"))),
                List.of());
        ActualState actual =
                new ActualState(LINK, List.of(HOST), Map.of(), Map.of(key("web"), new Published("uid-web", said)));
        assertThat(planner.plan(DesiredState.EMPTY, inputs(actual)))
                .containsExactly(new Step.WriteStatus(
                        key("web"),
                        "uid-web",
                        new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ip("198.18.0.9"))), List.of())));
    }

    @Test
    void writesOverWhatMakesNoSenseUntilItIsGoneButAStopDoesNotWaitForIt() {
        ServiceStatus wanted =
                new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ip("198.18.0.9"))), List.of());
        Published garbled = new Published("uid-web", wanted, false);
        ActualState actual = new ActualState(LINK, List.of(HOST), Map.of(), Map.of(key("web"), garbled));
        DesiredState desired =
                new DesiredState(Set.of(), Map.of(), Map.of(), Map.of(key("web"), new Published("uid-web", wanted)));

        assertThat(planner.plan(desired, inputs(actual)))
                .containsExactly(new Step.WriteStatus(key("web"), "uid-web", wanted));
        assertThat(new Planner().plan(DesiredState.EMPTY, inputs(actual).with(Settings.DEFAULT.with(Duration.ZERO))))
                .isEmpty();
    }

    private static ActualState actual(List<AddressStatus> addresses, Map<Frontend, FrontendStatus> frontends) {
        return new ActualState(LINK, addresses, frontends, Map.of());
    }

    /** The plan without its statuses, which {@link DesireTest} is about. */
    private static Inputs inputs(ActualState actual) {
        return Inputs.live(ClusterSnapshot.EMPTY, actual);
    }

    private List<Step> changes(ClusterSnapshot cluster, ActualState actual) {
        Allocations allocations = Allocator.allocate(cluster, AddressSupply.of(actual.link()), Allocations.NONE);
        DesiredState desired = new Desire(PublishPolicy.always(Publish.STATUS))
                .of(Inputs.live(cluster, actual), allocations, Placement.HERE);
        return planner.plan(desired, Inputs.live(cluster, actual)).stream()
                .filter(Step::changesTheWorld)
                .toList();
    }
}
