package io.littlelb.core.plan;

import static io.littlelb.core.plan.Fixtures.HOST_4;
import static io.littlelb.core.plan.Fixtures.LINK;
import static io.littlelb.core.plan.Fixtures.cluster;
import static io.littlelb.core.plan.Fixtures.ip;
import static io.littlelb.core.plan.Fixtures.key;
import static io.littlelb.core.plan.Fixtures.present;
import static io.littlelb.core.plan.Fixtures.service;
import static io.littlelb.core.plan.Fixtures.sharing;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressHistory;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.DialTimes;
import io.littlelb.core.model.Ejection;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Host;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Members;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.model.Trust;
import io.littlelb.core.plan.Explanation.Answer;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a person reads of a Service; that it never contradicts the pass, the laws hold. */
final class ExplainerTest {
    private static final ServiceSpec WEB = service("web", 1, "198.18.0.9");
    private static final ServiceSpec MAIL = service("mail", 2, "198.18.0.9");
    private static final AddressPool POOL = new AddressPool(
            "gold", List.of(AddressRange.parse("198.18.0.8-198.18.0.10").orElseThrow()));

    private static final SourceContact SILENT = new SourceContact(
            "https://198.18.0.20:6443/",
            Optional.of(Instant.EPOCH),
            Optional.of("the API server has not answered since 12:00:01"));
    private static final Backend ONE = new Backend(ip("198.18.0.21"), 8080);
    private static final Backend TWO = new Backend(ip("198.18.0.22"), 8080);

    @Test
    void everyAnswerOfAServiceThatIsServedHasItsGrounds() {
        Explanation web = explain(WEB, cluster(WEB, MAIL));

        assertThat(web.isServed()).isTrue();
        assertThat(web.problem()).isEmpty();
        assertThat(web.findings()).allMatch(finding -> finding.answer() == Answer.GOOD);
        assertThat(web.findings().stream().map(Finding::text))
                .containsSubsequence(
                        "asks for 198.18.0.9",
                        "198.18.0.9 is in 198.18.0.0/24 of link br0, and neither a gateway's nor a node's",
                        "nobody else holds 198.18.0.9",
                        "198.18.0.9 on link br0",
                        "port 80 open on 198.18.0.9",
                        "port 80/TCP has 1 backend: [198.18.0.21:8080]");
    }

    @Test
    void whoComesSecondIsToldWhoHoldsTheAddressAndNothingIsAskedBeyond() {
        Explanation mail = explain(MAIL, cluster(WEB, MAIL));

        assertThat(mail.isServed()).isFalse();
        assertThat(mail.problem())
                .contains(new Problem(Reason.AddressInUse, "198.18.0.9 is held by Service default/web"));
        assertThat(mail.findings()).noneMatch(finding -> finding.topic() == Topic.PORTS);
    }

    @Test
    void whoCannotJoinItsNeighbourAndGetsTheNextAddressHearsOfBoth() {
        ServiceSpec first = sharing(service("first", 1, ""), "one");
        ServiceSpec second = sharing(service("second", 2, ""), "one");

        Explanation explained = explainer().explainNew(decided(cluster(first), POOL), second);

        assertThat(explained.problem()).isEmpty();
        assertThat(explained.findings())
                .anyMatch(finding -> finding.answer() == Answer.REMARK
                        && finding.reason().filter(Reason.PortInUse::equals).isPresent())
                .anyMatch(finding -> finding.text().startsWith("198.18.0.9 is the lowest free address of pool gold"));
    }

    @Test
    void aServiceThatDoesNotExistYetIsToldWhatItWouldGet() {
        Decision now = decided(cluster(service("holder", 1, "")), POOL);

        Explanation fits = explainer().explainNew(now, service("new", 9, ""));
        Explanation taken = explainer().explainNew(now, service("new", 9, "198.18.0.8"));

        assertThat(fits.isServed()).isTrue();
        assertThat(fits.findings())
                .anyMatch(finding -> finding.text().startsWith("198.18.0.9 is the lowest free address of pool gold"));
        assertThat(taken.isServed()).isFalse();
        assertThat(taken.problem().orElseThrow().reason()).isEqualTo(Reason.AddressInUse);
    }

    @Test
    void whatAPersonHasDrainedIsToldSo() {
        ClusterSnapshot cluster = cluster(WEB);
        Decision decision = decided(inputs(Trust.LIVE, cluster, Orders.NONE.drain(WEB.key())));

        Explanation web = explainer().explain(decision, WEB.key(), Evidence.NONE);

        assertThat(web.isServed()).isFalse();
        assertThat(web.problem().orElseThrow().reason()).isEqualTo(Reason.Drained);
        assertThat(web.problem().orElseThrow().detail())
                .startsWith("a person has drained")
                .endsWith("until it is undrained (lb undrain default/web)");
    }

    @Test
    void anOrderHoldsForAServiceThatDoesNotExistYet() {
        Decision decision = decided(inputs(Trust.LIVE, cluster(), Orders.NONE.drain(WEB.key())));

        assertThat(explainer().explainNew(decision, WEB).problem().orElseThrow().reason())
                .isEqualTo(Reason.Drained);
    }

    @Test
    void aPolicyThatKeepsPortsClosedIsRefusedEvenWhereThereIsNoAddress() {
        Problem wrong = new Problem(Reason.InvalidAnnotation, "littlelb.io/proxy-protocol is \"v3\"");
        ServiceSpec elsewhere = Fixtures.with(service("closed", 1, "192.0.2.1"), Policies.closed(wrong));

        assertThat(explain(elsewhere, cluster(elsewhere)).findings()).contains(Finding.refused(Topic.POLICIES, wrong));
    }

    @Test
    void aLoadBalancerThatStopsServesNobody() {
        Inputs inputs = inputs(Trust.LIVE, cluster(WEB), Orders.NONE);
        Decision stopping = new Decision(inputs, Allocations.NONE, Placement.HERE, DesiredState.EMPTY);

        assertThat(explainer().explain(stopping, WEB.key(), Evidence.NONE).isServed())
                .isFalse();
        assertThat(explainer().explainNew(stopping, MAIL).isServed()).isFalse();
    }

    @Test
    void aPortThatCannotBeServedKeepsTheWholeFromBeingServedAsAsked() {
        ServiceSpec dns = service("dns", 1, "198.18.0.9", Fixtures.HTTP, new ServicePort("dns", Protocol.UDP, 53));

        Explanation explained = explain(dns, cluster(dns));

        assertThat(explained.isServed()).isFalse();
        assertThat(explained.problem().orElseThrow().reason()).isEqualTo(Reason.ProtocolNotSupported);
    }

    @Test
    void aSourceThatCannotTellIsSaidAndOneThatDoesNotKnowYetDecidesNothing() {
        ClusterSnapshot cluster = cluster(WEB);

        Explanation remembered =
                explainer().explain(decided(inputs(Trust.REMEMBERED, cluster, Orders.NONE)), WEB.key(), Evidence.NONE);
        Explanation unknown = explainer()
                .explain(
                        decided(inputs(Trust.NOT_KNOWN, ClusterSnapshot.EMPTY, Orders.NONE)), WEB.key(), Evidence.NONE);
        Explanation stranger = explain(service("stranger", 1, ""), cluster);

        assertThat(remembered.isServed()).isTrue();
        assertThat(remembered.findings().get(0))
                .isEqualTo(Finding.remark(
                        Topic.SERVICE,
                        "https://198.18.0.20:6443/: the API server has not answered since 12:00:01; what was known last"
                                + " stays in force"));
        assertThat(unknown.findings())
                .singleElement()
                .matches(finding -> finding.answer() == Answer.PENDING
                        && finding.text().contains("the API server has not answered since 12:00:01"));
        assertThat(stranger.findings()).singleElement().matches(finding -> finding.answer() == Answer.REFUSED);
    }

    @Test
    void aBackendThatIsEjectedIsNamedWithItsGroundsAndAnotherServicesIsNot() {
        ClusterSnapshot cluster = Fixtures.withBackends(cluster(WEB), WEB, ONE, TWO);
        Ejection ejection = new Ejection(Duration.ofMinutes(17), "ECONNREFUSED", Duration.ofSeconds(11));
        Backend gone = new Backend(ip("198.18.0.23"), 8080);
        Frontend frontend = Fixtures.frontend("198.18.0.9");
        Map<Counters.Subject, Counters> counters = Map.of(
                new Counters.Subject(frontend, WEB.key()), counters(Map.of(TWO, ejection, gone, ejection)),
                new Counters.Subject(frontend, MAIL.key()), counters(Map.of(ONE, ejection)));

        Explanation web = explainer()
                .explain(
                        decided(inputs(Trust.LIVE, cluster, Orders.NONE)),
                        WEB.key(),
                        new Evidence(counters, Map.of(), Optional.empty()));

        assertThat(web.isServed()).isTrue();
        assertThat(web.findings())
                .filteredOn(finding -> finding.answer() == Answer.REMARK)
                .containsExactly(Finding.remark(
                        Topic.BACKENDS,
                        "of port 80/TCP, 198.18.0.22:8080 is ejected: ECONNREFUSED, for 17m now; it is asked again in"
                                + " 11s, and gets clients meanwhile only where there is no other"));
    }

    @Test
    void ofManyEjectedBackendsTheFirstAreNamedAndTheOthersCounted() {
        Backend[] many = IntStream.range(0, 25)
                .mapToObj(i -> new Backend(ip("198.18.0." + (100 + i)), 8080))
                .toArray(Backend[]::new);
        Ejection ejection = new Ejection(Duration.ofSeconds(1), "silent", Duration.ZERO);
        ClusterSnapshot cluster = Fixtures.withBackends(cluster(WEB), WEB, many);
        Counters counters = counters(Stream.of(many).collect(toMap(each -> each, each -> ejection)));
        Counters.Subject subject = new Counters.Subject(Fixtures.frontend("198.18.0.9"), WEB.key());

        Explanation web = explainer()
                .explain(
                        decided(inputs(Trust.LIVE, cluster, Orders.NONE)),
                        WEB.key(),
                        new Evidence(Map.of(subject, counters), Map.of(), Optional.empty()));

        List<String> remarks = web.findings().stream()
                .filter(finding -> finding.answer() == Answer.REMARK)
                .map(Finding::text)
                .toList();
        assertThat(remarks).hasSize(11);
        assertThat(remarks.get(0))
                .startsWith("of port 80/TCP, 198.18.0.100:8080 is ejected")
                .contains("asked again now");
        assertThat(remarks.get(10)).isEqualTo("of port 80/TCP, 15 more backends are ejected");
    }

    @Test
    void anAddressThatTheNetworkWasNotToldOfAndALinkWithoutACarrierAreRemarkedUpon() {
        Instant then = Instant.parse("2026-01-01T00:00:00.25Z");
        Decision decision = decided(inputs(Trust.LIVE, cluster(WEB), Orders.NONE));

        Explanation told = explainer().explain(decision, WEB.key(), history(Optional.of(then)));
        Explanation untold = explainer().explain(decision, WEB.key(), history(Optional.empty()));
        Explanation unplugged =
                explainer().explain(decided(unplugged(cluster(WEB))), WEB.key(), history(Optional.of(then)));

        assertThat(told.findings())
                .contains(Finding.good(Topic.ADDRESS, "198.18.0.9 on link br0, announced at 2026-01-01T00:00:00Z"));
        assertThat(untold.findings())
                .anyMatch(finding -> finding.answer() == Answer.REMARK
                        && finding.text().startsWith("198.18.0.9 on link br0; the network was not told")
                        && finding.text().contains("this link knows no ARP"));
        assertThat(unplugged.findings())
                .anyMatch(finding -> finding.answer() == Answer.REMARK
                        && finding.reason().equals(Optional.of(Reason.LinkNotReady))
                        && finding.text().contains("link br0 has no carrier"));
    }

    @Test
    void whyTheNetworkWasNotToldIsSaidInTheProtocolOfTheFamilyAndWithWhatToDo() {
        ServiceSpec six = ServiceSpec.named("default/web")
                .address("2001:db8::9")
                .tcp(80)
                .build()
                .spec();
        ClusterSnapshot cluster = cluster(six);
        List<AddressStatus> there =
                List.of(present(Fixtures.HOST_6.toString(), false), present("2001:db8::9/128", true));
        Inputs inputs = Inputs.live(cluster, new ActualState(LINK, there, Map.of(), cluster.published()));
        AddressHistory untold = new AddressHistory(Instant.EPOCH, Optional.empty());
        Evidence evidence = new Evidence(Map.of(), Map.of(ip("2001:db8::9"), untold), Optional.empty());

        assertThat(explainer().explain(decided(inputs), six.key(), evidence).findings())
                .extracting(Finding::text)
                .filteredOn(text -> text.startsWith("2001:db8::9 on link br0; the network was not told where it is"))
                .singleElement()
                .asString()
                .contains("neighbour discovery", "give it the capability NET_RAW")
                .doesNotContain("ARP");
    }

    @Test
    void anAddressThatAnotherHostHasIsRefusedWithWhoHasIt() {
        AddressStatus taken = new AddressStatus(
                Fixtures.cidr("198.18.0.9/32"),
                true,
                AddressStatus.State.CONFLICT,
                "the host 02:00:00:00:00:77 has it too");
        Inputs inputs = Inputs.live(
                cluster(WEB),
                new ActualState(LINK, List.of(taken), Map.of(), cluster(WEB).published()));

        assertThat(explainer()
                        .explain(decided(inputs), WEB.key(), Evidence.NONE)
                        .problem())
                .contains(new Problem(Reason.AddressConflict, "198.18.0.9: the host 02:00:00:00:00:77 has it too"));
    }

    private static Counters counters(Map<Backend, Ejection> ejected) {
        DialTimes none = new DialTimes(Collections.nCopies(DialTimes.BOUNDS.size() + 1, 0L), Duration.ZERO);
        Map<Backend, Counters.OfBackend> backends = new HashMap<>();
        ejected.forEach((backend, ejection) ->
                backends.put(backend, new Counters.OfBackend(0, 0, 1, none, 0, 0, Optional.of(ejection))));
        return new Counters(0, 0, 0, Map.of(), 0, 0, backends);
    }

    private static Evidence history(Optional<Instant> announcedAt) {
        return new Evidence(
                Map.of(), Map.of(ip("198.18.0.9"), new AddressHistory(Instant.EPOCH, announcedAt)), Optional.empty());
    }

    private static Inputs unplugged(ClusterSnapshot cluster) {
        Link link = new Link("br0", 7, Link.State.UP, LINK.hostAddresses(), LINK.gateways(), false, Host.NONE);
        ActualState plugged = inputs(Trust.LIVE, cluster, Orders.NONE).actual();
        return Inputs.live(
                cluster, new ActualState(link, plugged.addressesByIp(), plugged.frontends(), plugged.published()));
    }

    private static Explainer explainer() {
        return new Explainer();
    }

    private static Explanation explain(ServiceSpec service, ClusterSnapshot cluster) {
        return explainer().explain(decided(inputs(Trust.LIVE, cluster, Orders.NONE)), service.key(), Evidence.NONE);
    }

    private static Decision decided(ClusterSnapshot cluster, AddressPool pool) {
        return decided(inputs(Trust.LIVE, cluster, Orders.NONE), pool);
    }

    /** What a settled pass concludes. */
    private static Decision decided(Inputs before, AddressPool... pools) {
        Inputs inputs = before.with(before.settings().with(List.of(pools)));
        AddressSupply supply = new AddressSupply(LINK, List.of(pools), Set.of());
        Allocations allocations = Allocator.allocate(inputs.cluster(), supply, Allocations.NONE);
        Desire desire = new Desire(PublishPolicy.always(Publish.STATUS));
        return new Decision(inputs, allocations, Placement.HERE, desire.of(inputs, allocations, Placement.HERE));
    }

    /** On the link is 198.18.0.9, and port 80 of it is open for the Service web, or dns. */
    private static Inputs inputs(Trust trust, ClusterSnapshot cluster, Orders orders) {
        List<AddressStatus> addresses = List.of(present(HOST_4.toString(), false), present("198.18.0.9/32", true));
        Map<Frontend, FrontendStatus> frontends = new HashMap<>();
        cluster.services().keySet().stream()
                .filter(key -> key.equals(key("web")) || key.equals(key("dns")))
                .forEach(key -> frontends.put(
                        new Frontend(ip("198.18.0.9"), 80, Protocol.TCP),
                        FrontendStatus.of(new FrontendConfig(key, Fixtures.BACKENDS), FrontendStatus.State.OPEN)));
        return new Inputs(
                trust,
                trust == Trust.LIVE ? SourceContact.HERE : SILENT,
                cluster,
                Settings.DEFAULT,
                orders,
                Members.ALONE,
                new ActualState(LINK, addresses, frontends, cluster.published()),
                Set.of(Protocol.TCP));
    }
}
