package io.littlelb.core.plan;

import static io.littlelb.core.plan.Fixtures.BACKENDS;
import static io.littlelb.core.plan.Fixtures.HTTP;
import static io.littlelb.core.plan.Fixtures.LINK;
import static io.littlelb.core.plan.Fixtures.SUPPLY;
import static io.littlelb.core.plan.Fixtures.cidr;
import static io.littlelb.core.plan.Fixtures.cluster;
import static io.littlelb.core.plan.Fixtures.config;
import static io.littlelb.core.plan.Fixtures.frontend;
import static io.littlelb.core.plan.Fixtures.ip;
import static io.littlelb.core.plan.Fixtures.key;
import static io.littlelb.core.plan.Fixtures.present;
import static io.littlelb.core.plan.Fixtures.service;
import static io.littlelb.core.plan.Fixtures.withBackends;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Host;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ReservedPorts;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.model.Settings;
import io.littlelb.core.model.TrafficPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class DesireTest {
    private static final AddressStatus HOST = present("198.18.0.1/24", false);
    private static final AddressStatus OURS = present("198.18.0.9/32", true);
    private static final FrontendStatus OPEN = FrontendStatus.of(config("web", BACKENDS), FrontendStatus.State.OPEN);

    @Test
    void promisesAnAddressThatIsOnTheLinkWithAnOpenPort() {
        ServiceStatus status = web("198.18.0.9", actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), OPEN)));
        assertThat(status.ingress())
                .singleElement()
                .satisfies(ingress -> assertThat(ingress.ip()).isEqualTo(ip("198.18.0.9")));
        assertThat(status.allocated()).containsExactly(Held.exclusive(ip("198.18.0.9")));
        assertThat(status.externalIps()).isEmpty();
        assertThat(status.conditions())
                .containsExactly(
                        Condition.good(Condition.Type.ALLOCATED, "198.18.0.9"),
                        Condition.good(Condition.Type.PROGRAMMED, "serving 198.18.0.9:80"),
                        Condition.good(Condition.Type.BACKENDS_AVAILABLE, "every port has a backend"));
    }

    @Test
    void promisesNothingWhileTheAddressIsOnItsWay() {
        AddressStatus tentative = AddressStatus.of(cidr("198.18.0.9/32"), true, AddressStatus.State.TENTATIVE);
        ServiceStatus status = web("198.18.0.9", actual(List.of(HOST, tentative), Map.of()));
        assertThat(status.ingress()).isEmpty();
        assertThat(programmed(status).reason()).isEqualTo("Pending");
        assertThat(programmed(status).message()).contains("198.18.0.9 on link br0");
    }

    @Test
    void saysWhatTheKernelSaidWhenItRefusesTheAddress() {
        AddressStatus failed = new AddressStatus(cidr("198.18.0.9/32"), true, AddressStatus.State.FAILED, "EPERM");
        ServiceStatus status = web("198.18.0.9", actual(List.of(HOST, failed), Map.of()));
        assertThat(status.ingress()).isEmpty();
        assertThat(programmed(status).reason()).isEqualTo("AddressFailed");
        assertThat(programmed(status).message()).isEqualTo("198.18.0.9: EPERM");
    }

    @Test
    void saysThatSomethingKeepsTakingTheAddressAway() {
        AddressStatus removed =
                new AddressStatus(cidr("198.18.0.9/32"), true, AddressStatus.State.REMOVED, "taken away 3 times");
        ServiceStatus status = web("198.18.0.9", actual(List.of(HOST, removed), Map.of()));
        assertThat(status.ingress()).isEmpty();
        assertThat(programmed(status))
                .isEqualTo(Condition.bad(
                        Condition.Type.PROGRAMMED, Reason.AddressRemoved, "198.18.0.9: taken away 3 times"));
    }

    @Test
    void goesOnSayingSoWhileTheAddressIsBack() {
        AddressStatus back =
                new AddressStatus(cidr("198.18.0.9/32"), true, AddressStatus.State.PRESENT, "taken away 3 times");
        ServiceStatus status = web("198.18.0.9", actual(List.of(HOST, back), Map.of(frontend("198.18.0.9"), OPEN)));
        assertThat(status.ingress()).hasSize(1);
        assertThat(programmed(status))
                .isEqualTo(Condition.remark(
                        Condition.Type.PROGRAMMED,
                        Reason.AddressRemoved,
                        "198.18.0.9: taken away 3 times; serving 198.18.0.9:80"));
    }

    @Test
    void ofEveryAddressMakesASubnetOfItsOwn() {
        DesiredState desired = desired(
                cluster(service("web", 1, "198.18.0.9", HTTP), overIpv6(service("six", 2, "2001:db8::9", HTTP))),
                actual(List.of(HOST), Map.of()));
        assertThat(desired.addresses().values())
                .containsExactlyInAnyOrder(cidr("198.18.0.9/32"), cidr("2001:db8::9/128"));
    }

    private static ServiceSpec overIpv6(ServiceSpec service) {
        return new ServiceSpec(
                service.key(),
                service.uid(),
                service.createdAt(),
                service.request(),
                Set.of(Family.IPV6),
                true,
                Optional.empty(),
                service.ports(),
                service.policies());
    }

    @Test
    void saysWhichPortCouldNotBeOpened() {
        FrontendStatus failed = FrontendStatus.failed(config("web", BACKENDS), "bind 198.18.0.9:80: EADDRINUSE");
        ServiceStatus status = web("198.18.0.9", actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), failed)));
        assertThat(status.ingress()).isEmpty();
        assertThat(programmed(status).reason()).isEqualTo("BindFailed");
        assertThat(programmed(status).message()).contains("EADDRINUSE");
    }

    @Test
    void servesTheOtherPortsOfAServiceWithOneThatItCannotServe() {
        ServicePort dns = new ServicePort("dns", Protocol.UDP, 53);
        ServiceSpec service = service("web", 1, "198.18.0.9", HTTP, dns);
        ActualState actual = actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), OPEN));
        DesiredState desired = desired(cluster(service), actual);
        assertThat(desired.frontends()).containsOnlyKeys(frontend("198.18.0.9"));
        ServiceStatus status = desired.statuses().get(key("web")).status();
        assertThat(status.ingress())
                .singleElement()
                .satisfies(ingress -> assertThat(ingress.ports())
                        .extracting(ServiceStatus.Ingress.Port::error)
                        .containsExactly(Optional.empty(), Optional.of(Reason.ProtocolNotSupported)));
        assertThat(status.conditions())
                .anyMatch(condition -> condition.type() == Condition.Type.PORTS_ERROR && condition.holds());
    }

    @Test
    void keepsEveryPortClosedWhenASecurityPolicyCannotBeApplied() {
        Problem problem = new Problem(Reason.InvalidAnnotation, "littlelb.io/proxy-protocol: v9");
        ServiceSpec unsafe = with(Policies.closed(problem));
        DesiredState desired = desired(cluster(unsafe), actual(List.of(HOST, OURS), Map.of()));
        assertThat(desired.frontends()).isEmpty();
        assertThat(programmed(desired.statuses().get(key("web")).status()).reason())
                .isEqualTo("InvalidAnnotation");
    }

    @Test
    void servesByTheDefaultAndSaysSoWhenAnotherPolicyMakesNoSense() {
        Problem ignored = new Problem(Reason.InvalidAnnotation, "littlelb.io/balance: \"best\"; the default holds");
        ClusterSnapshot cluster =
                cluster(with(new Policies(TrafficPolicy.DEFAULT, Optional.empty(), List.of(ignored))));
        ActualState seen = actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), OPEN));

        ServiceStatus status = status(cluster, seen);

        assertThat(status.ingress()).hasSize(1);
        assertThat(programmed(status))
                .isEqualTo(Condition.remark(
                        Condition.Type.PROGRAMMED,
                        Reason.InvalidAnnotation,
                        "littlelb.io/balance: \"best\"; the default holds; serving 198.18.0.9:80"));
        assertThat(programmed(status).problem()).isPresent();
    }

    /** Anybody who may write an EndpointSlice can name one; one client would become as many as there can be. */
    @Test
    void neverLeadsToAFrontendOfItsOwn() {
        ServiceSpec web = service("web", 1, "198.18.0.9");
        ServiceSpec loop = service("loop", 2, "198.18.0.10");
        Backend own = new Backend(ip("198.18.0.9"), 80);
        Backend good = new Backend(ip("198.18.0.21"), 8080);
        Desire desire = new Desire(PublishPolicy.always(Publish.STATUS));

        DesiredState alone = of(desire, Settings.DEFAULT, withBackends(cluster(loop), loop, own, good));
        DesiredState both = of(desire, Settings.DEFAULT, withBackends(cluster(web, loop), loop, own, good));
        DesiredState only = of(desire, Settings.DEFAULT, withBackends(cluster(web, loop), loop, own));

        Frontend frontend = frontend("198.18.0.10");
        assertThat(alone.frontends().get(frontend).backends().size()).isEqualTo(2);
        assertThat(both.frontends().get(frontend).backends()).isEqualTo(new Backends.Listed(List.of(good)));
        assertThat(backendsAvailable(both, "loop").holds()).isTrue();
        assertThat(backendsAvailable(both, "loop").reason()).isEqualTo("BackendIsFrontend");
        assertThat(backendsAvailable(both, "loop").problem()).isPresent();
        assertThat(only.frontends().get(frontend).backends().isEmpty()).isTrue();
        assertThat(backendsAvailable(only, "loop").holds()).isFalse();
        assertThat(backendsAvailable(only, "loop").message()).contains("198.18.0.9:80");
        assertThat(of(desire, Settings.DEFAULT, withBackends(cluster(loop), loop, own, good)))
                .isEqualTo(alone);
    }

    @Test
    void neverLeadsToItselfByANodePort() {
        ServiceSpec web = service("web", 1, "", new ServicePort("http", Protocol.TCP, 30_080));
        PortBackends nodes = PortBackends.ofBoth(
                new Backends.OnNodes(new Backends.NodePool(List.of(ip("198.18.0.1"), ip("198.18.0.21"))), 30_080));
        DesiredState desired = of(
                Settings.DEFAULT,
                new ClusterSnapshot(
                        Map.of(web.key(), web),
                        Map.of(web.key(), Map.of(web.ports().get(0), nodes)),
                        Map.of(),
                        Set.of()));

        assertThat(desired.frontends().values())
                .extracting(FrontendConfig::backends)
                .containsExactly(new Backends.Listed(List.of(new Backend(ip("198.18.0.21"), 30_080))));
    }

    @Test
    void opensNoPortThatIsKeptForTheHost() {
        ReservedPorts reserved = new ReservedPorts(
                ImmutableRangeSet.of(Range.singleton(22)), ImmutableRangeSet.of(Range.closed(2379, 2380)));
        Settings settings = Settings.DEFAULT.with(new Boundaries(reserved, true, false, Integer.MAX_VALUE));
        ServicePort ssh = new ServicePort("ssh", Protocol.TCP, 22);
        ServicePort etcd = new ServicePort("etcd", Protocol.TCP, 2379);

        DesiredState desired = of(
                settings, cluster(service("own", 1, "", ssh, etcd, HTTP), service("web", 2, "198.18.0.9", ssh, etcd)));

        assertThat(desired.frontends().keySet())
                .extracting(Frontend::toString)
                .containsExactlyInAnyOrder("198.18.0.1:80", "198.18.0.9:2379");
        assertThat(desired.statuses().get(key("web")).status().conditions())
                .anySatisfy(condition -> assertThat(condition.message()).contains("22/TCP", "--reserved-ports"));
        assertThat(desired.statuses().get(key("own")).status().conditions())
                .anySatisfy(condition -> assertThat(condition.message()).contains("2379-2380", "on its own addresses"));
    }

    @Test
    void looksAtAllServicesAgainUnderOtherBoundaries() {
        ReservedPorts reserved = new ReservedPorts(ImmutableRangeSet.of(Range.singleton(80)), ImmutableRangeSet.of());
        Settings strict = Settings.DEFAULT.with(new Boundaries(reserved, true, false, Integer.MAX_VALUE));
        ClusterSnapshot cluster = cluster(service("web", 1, "198.18.0.9"));
        Desire desire = new Desire(PublishPolicy.always(Publish.STATUS));
        assertThat(of(desire, Settings.DEFAULT, cluster).frontends()).hasSize(1);

        assertThat(of(desire, strict, cluster).frontends()).isEmpty();
        assertThat(of(desire, Settings.DEFAULT, cluster).frontends()).hasSize(1);
    }

    /** Its next start would find one of all addresses taken. */
    @Test
    void opensNoPortOfTheHostsOnWhichAProgramOfItWasSeenToListenOnAllAddresses() {
        ReservedPorts reserved = new ReservedPorts(
                ImmutableRangeSet.of(Range.singleton(22)), ImmutableRangeSet.of(Range.closed(2379, 2380)));
        Settings settings = Settings.DEFAULT.with(new Boundaries(reserved, true, false, Integer.MAX_VALUE));
        ServicePort etcd = new ServicePort("etcd", Protocol.TCP, 2379);
        ClusterSnapshot cluster = cluster(service("web", 2, "198.18.0.9", etcd, HTTP));
        assertThat(of(settings, cluster, Host.NONE).frontends().keySet())
                .extracting(Frontend::toString)
                .containsExactlyInAnyOrder("198.18.0.9:80", "198.18.0.9:2379");

        DesiredState desired = of(settings, cluster, new Host(Set.of(), Set.of(80, 2379)));

        assertThat(desired.frontends().keySet())
                .extracting(Frontend::toString)
                .as("80 is never reserved")
                .containsExactly("198.18.0.9:80");
        assertThat(desired.statuses().get(key("web")).status().conditions())
                .anySatisfy(condition -> assertThat(condition.reason() + " " + condition.message())
                        .contains("PortReserved", "2379/TCP", "seen to listen there on all", "--reserved-ports"));
    }

    /** Programs that listen on all addresses of the host are reached by each of them. */
    @Test
    void dialsNoReservedPortForATenantOnAnyAddressOfThisHost() {
        Backend onAnotherLink = new Backend(ip("192.0.2.1"), 10_250);
        Backend onOneOfOurs = new Backend(ip("198.18.0.9"), 10_250);
        Backend pod = new Backend(ip("192.0.2.1"), 8080);
        Boundaries boundaries = new Boundaries(
                        new ReservedPorts(ImmutableRangeSet.of(Range.singleton(10_250)), ImmutableRangeSet.of()),
                        true,
                        false,
                        Integer.MAX_VALUE)
                .withForeignBackends(true);
        Settings settings = Settings.DEFAULT.with(boundaries);
        ServiceSpec web = service("web", 1, "198.18.0.9");
        ClusterSnapshot cluster = withBackends(cluster(web), web, pod, onAnotherLink, onOneOfOurs);
        Desire desire = new Desire(PublishPolicy.always(Publish.STATUS));
        Link link = new Link(
                LINK.name(),
                LINK.index(),
                LINK.state(),
                LINK.hostAddresses(),
                LINK.gateways(),
                true,
                new Host(Set.of(ip("192.0.2.1")), Set.of()));
        Allocations allocations = Allocator.allocate(cluster, AddressSupply.of(link), Allocations.NONE);

        assertThat(desire.of(Inputs.live(cluster, on(link, HOST)).with(settings), allocations, Placement.HERE)
                        .frontends()
                        .values())
                .extracting(FrontendConfig::backends)
                .containsExactly(new Backends.Listed(List.of(pod, onOneOfOurs)));
        assertThat(desire.of(Inputs.live(cluster, on(link, HOST, OURS)).with(settings), allocations, Placement.HERE)
                        .frontends()
                        .values())
                .as("as soon as it is there")
                .extracting(FrontendConfig::backends)
                .containsExactly(new Backends.Listed(List.of(pod)));
        assertThat(desire.of(Inputs.live(cluster, on(link, HOST)).with(settings), allocations, Placement.HERE)
                        .frontends()
                        .values())
                .extracting(FrontendConfig::backends)
                .containsExactly(new Backends.Listed(List.of(pod, onOneOfOurs)));
    }

    private static ActualState on(Link link, AddressStatus... addresses) {
        return new ActualState(link, List.of(addresses), Map.of(), Map.of());
    }

    private static DesiredState of(Settings settings, ClusterSnapshot cluster, Host host) {
        Link link =
                new Link(LINK.name(), LINK.index(), LINK.state(), LINK.hostAddresses(), LINK.gateways(), true, host);
        return new Desire(PublishPolicy.always(Publish.STATUS))
                .of(
                        Inputs.live(cluster, on(link, HOST, OURS)).with(settings),
                        Allocator.allocate(cluster, AddressSupply.of(link), Allocations.NONE),
                        Placement.HERE);
    }

    @Test
    void dialsNothingForATenantThatLeadsBackIntoTheHostButPodsOnItsNetwork() {
        Backend pod = new Backend(ip("198.18.0.1"), 8080);
        Backend elsewhere = new Backend(ip("198.18.0.21"), 10_250);
        ServiceSpec web = service("web", 1, "198.18.0.9");
        ClusterSnapshot cluster = withBackends(
                cluster(web),
                web,
                pod,
                elsewhere,
                new Backend(ip("127.0.0.1"), 8080),
                new Backend(ip("::1"), 8080),
                new Backend(ip("169.254.169.254"), 80),
                new Backend(ip("fe80::1"), 80),
                new Backend(ip("224.0.0.1"), 80),
                new Backend(ip("ff02::1"), 80),
                new Backend(ip("0.0.0.0"), 80),
                new Backend(ip("::"), 80),
                new Backend(ip("198.18.0.1"), 10_250),
                new Backend(ip("2001:db8::1"), 2_379));
        ReservedPorts reserved = new ReservedPorts(
                ImmutableRangeSet.of(Range.singleton(10_250)), ImmutableRangeSet.of(Range.closed(2379, 2380)));
        Boundaries trusting = new Boundaries(reserved, true, false, Integer.MAX_VALUE);

        DesiredState desired = of(Settings.DEFAULT.with(trusting.withForeignBackends(true)), cluster);

        assertThat(desired.frontends().values())
                .extracting(FrontendConfig::backends)
                .containsExactly(new Backends.Listed(List.of(pod, elsewhere)));
        Condition told = backendsAvailable(desired, "web");
        assertThat(told.reason()).isEqualTo("BackendNotAllowed");
        assertThat(told.message()).contains("127.0.0.1:8080", "and others", "--reserved-ports");
        DesiredState ofAFile = of(Settings.DEFAULT.with(trusting), cluster);
        assertThat(ofAFile.frontends().values().iterator().next().backends().size())
                .as("who writes a file may name any")
                .isEqualTo(12);
    }

    private static DesiredState of(Settings settings, ClusterSnapshot cluster) {
        return of(new Desire(PublishPolicy.always(Publish.STATUS)), settings, cluster);
    }

    private static DesiredState of(Desire desire, Settings settings, ClusterSnapshot cluster) {
        return desire.of(
                Inputs.live(cluster, actual(List.of(HOST, OURS), Map.of())).with(settings),
                Allocator.allocate(cluster, SUPPLY, Allocations.NONE),
                Placement.HERE);
    }

    private static Condition backendsAvailable(DesiredState desired, String service) {
        return desired.statuses().get(key(service)).status().conditions().stream()
                .filter(condition -> condition.type() == Condition.Type.BACKENDS_AVAILABLE)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void saysWhatEachBackendDidWhenNoneAnswers() {
        ClusterSnapshot cluster = cluster(service("web", 1, "198.18.0.9"));
        FrontendStatus unanswered = new FrontendStatus(
                OPEN.config(),
                FrontendStatus.State.OPEN,
                Optional.of(
                        new Problem(Reason.BackendsUnavailable, "198.18.0.21:80 ECONNREFUSED (Connection refused)")));
        ActualState seen = actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), unanswered));

        ServiceStatus status = status(cluster, seen);

        assertThat(status.ingress()).as("the address stays").hasSize(1);
        assertThat(status.conditions())
                .contains(Condition.bad(
                        Condition.Type.BACKENDS_AVAILABLE,
                        Reason.BackendsUnavailable,
                        "no backend of port 80/TCP answers: 198.18.0.21:80 ECONNREFUSED (Connection refused)"));
    }

    private static ServiceSpec with(Policies policies) {
        ServiceSpec plain = service("web", 1, "198.18.0.9");
        return new ServiceSpec(
                plain.key(),
                plain.uid(),
                plain.createdAt(),
                plain.request(),
                plain.families(),
                plain.everyFamily(),
                plain.sharingKey(),
                plain.ports(),
                policies);
    }

    @Test
    void keepsItsPromiseWhileAnAddressIsOnlyBeingPutBack() {
        ClusterSnapshot plain = cluster(service("web", 1, "198.18.0.9"));
        ActualState seen = actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), OPEN));
        ServiceStatus said = status(plain, seen);
        ClusterSnapshot published = published(plain, said);
        ActualState gone = actual(List.of(HOST), Map.of(frontend("198.18.0.9"), OPEN));
        assertThat(status(published, gone).ingress()).isEqualTo(said.ingress());
    }

    @Test
    void keepsTheAllocationAndSaysSoWhileTheLinkIsAway() {
        ClusterSnapshot plain = cluster(service("web", 1, "198.18.0.9"));
        ActualState seen = actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), OPEN));
        ClusterSnapshot published = published(plain, status(plain, seen));
        Allocations held = Allocator.allocate(plain, SUPPLY, Allocations.NONE);
        ActualState away = new ActualState(
                Link.absent("br0", Link.State.MISSING), List.of(), Map.of(frontend("198.18.0.9"), OPEN), Map.of());
        DesiredState desired = new Desire(PublishPolicy.always(Publish.STATUS))
                .of(
                        Inputs.live(published, away),
                        Allocator.allocate(published, AddressSupply.of(away.link()), held),
                        Placement.HERE);
        ServiceStatus status = desired.statuses().get(key("web")).status();
        assertThat(programmed(status).reason()).isEqualTo("LinkNotReady");
        assertThat(status.allocated()).containsExactly(Held.exclusive(ip("198.18.0.9")));
        assertThat(desired.claimed()).containsExactly(ip("198.18.0.9"));
    }

    @Test
    void tellsExternalIpsOnlyWhenAskedTo() {
        ClusterSnapshot cluster = cluster(service("web", 1, "198.18.0.9"));
        ActualState actual = actual(List.of(HOST, OURS), Map.of(frontend("198.18.0.9"), OPEN));
        Allocations allocations = Allocator.allocate(cluster, SUPPLY, Allocations.NONE);
        ServiceStatus status = new Desire(PublishPolicy.always(Publish.EXTERNAL_IPS))
                .of(Inputs.live(cluster, actual), allocations, Placement.HERE)
                .statuses()
                .get(key("web"))
                .status();
        assertThat(status.externalIps()).containsExactly(ip("198.18.0.9"));
        assertThat(status.ingress()).isEmpty();
    }

    @Test
    void takesEverythingBackFromAServiceThatIsNoLongerOurs() {
        ServiceStatus said =
                new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(ip("198.18.0.9"))), List.of());
        ClusterSnapshot leftover =
                new ClusterSnapshot(Map.of(), Map.of(), Map.of(key("web"), new Published("uid-web", said)), Set.of());
        assertThat(status(leftover, actual(List.of(HOST), Map.of()))).isEqualTo(ServiceStatus.NONE);
    }

    private static ClusterSnapshot published(ClusterSnapshot cluster, ServiceStatus said) {
        return new ClusterSnapshot(
                cluster.services(),
                cluster.backends(),
                Map.of(key("web"), new Published("uid-web", said)),
                cluster.nodeAddresses());
    }

    private static ServiceStatus web(String request, ActualState actual) {
        return status(cluster(service("web", 1, request)), actual);
    }

    private static ServiceStatus status(ClusterSnapshot cluster, ActualState actual) {
        return desired(cluster, actual).statuses().get(key("web")).status();
    }

    private static DesiredState desired(ClusterSnapshot cluster, ActualState actual) {
        Allocations allocations = Allocator.allocate(cluster, AddressSupply.of(actual.link()), Allocations.NONE);
        return new Desire(PublishPolicy.always(Publish.STATUS))
                .of(Inputs.live(cluster, actual), allocations, Placement.HERE);
    }

    private static ActualState actual(List<AddressStatus> addresses, Map<Frontend, FrontendStatus> frontends) {
        return new ActualState(LINK, addresses, frontends, Map.of());
    }

    private static Condition programmed(ServiceStatus status) {
        return status.conditions().stream()
                .filter(condition -> condition.type() == Condition.Type.PROGRAMMED)
                .findFirst()
                .orElseThrow();
    }
}
