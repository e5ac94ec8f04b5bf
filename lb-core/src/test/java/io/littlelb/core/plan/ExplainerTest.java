package io.littlelb.core.plan;

import static io.littlelb.core.plan.Fixtures.HOST_4;
import static io.littlelb.core.plan.Fixtures.LINK;
import static io.littlelb.core.plan.Fixtures.cluster;
import static io.littlelb.core.plan.Fixtures.ip;
import static io.littlelb.core.plan.Fixtures.key;
import static io.littlelb.core.plan.Fixtures.present;
import static io.littlelb.core.plan.Fixtures.service;
import static io.littlelb.core.plan.Fixtures.sharing;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Members;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Trust;
import io.littlelb.core.plan.Explanation.Answer;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a person reads of a Service; that it never contradicts the pass, the laws hold. */
final class ExplainerTest {
    private static final ServiceSpec WEB = service("web", 1, "198.18.0.9");
    private static final ServiceSpec MAIL = service("mail", 2, "198.18.0.9");
    private static final AddressPool POOL = new AddressPool(
            "gold", List.of(AddressRange.parse("198.18.0.8-198.18.0.10").orElseThrow()));

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
                        "198.18.0.9:80/TCP is open",
                        "port 80/TCP has 1 IPv4 backends: [198.18.0.21:8080]");
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

        Explanation explained = explainer(POOL).explainNew(decided(cluster(first), POOL), second);

        assertThat(explained.problem()).isEmpty();
        assertThat(explained.findings())
                .anyMatch(finding -> finding.answer() == Answer.REMARK
                        && finding.reason().filter(Reason.PortInUse::equals).isPresent())
                .anyMatch(finding -> finding.text().startsWith("198.18.0.9 is the lowest free address of pool gold"));
    }

    @Test
    void aServiceThatDoesNotExistYetIsToldWhatItWouldGet() {
        Decision now = decided(cluster(service("holder", 1, "")), POOL);

        Explanation fits = explainer(POOL).explainNew(now, service("new", 9, ""));
        Explanation taken = explainer(POOL).explainNew(now, service("new", 9, "198.18.0.8"));

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

        Explanation web = explainer().explain(decision, WEB.key());

        assertThat(web.isServed()).isFalse();
        assertThat(web.problem().orElseThrow().reason()).isEqualTo(Reason.Drained);
        assertThat(web.problem().orElseThrow().detail()).contains("a person has drained");
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

        assertThat(explainer().explain(stopping, WEB.key()).isServed()).isFalse();
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
                explainer().explain(decided(inputs(Trust.REMEMBERED, cluster, Orders.NONE)), WEB.key());
        Explanation unknown =
                explainer().explain(decided(inputs(Trust.NOT_KNOWN, ClusterSnapshot.EMPTY, Orders.NONE)), WEB.key());
        Explanation stranger = explain(service("stranger", 1, ""), cluster);

        assertThat(remembered.isServed()).isTrue();
        assertThat(remembered.findings().get(0).answer()).isEqualTo(Answer.REMARK);
        assertThat(unknown.findings()).singleElement().matches(finding -> finding.answer() == Answer.PENDING);
        assertThat(stranger.findings()).singleElement().matches(finding -> finding.answer() == Answer.REFUSED);
    }

    private static Explainer explainer(AddressPool... pools) {
        return new Explainer(List.of(pools), Boundaries.NONE);
    }

    private static Explanation explain(ServiceSpec service, ClusterSnapshot cluster) {
        return explainer().explain(decided(inputs(Trust.LIVE, cluster, Orders.NONE)), service.key());
    }

    private static Decision decided(ClusterSnapshot cluster, AddressPool pool) {
        return decided(inputs(Trust.LIVE, cluster, Orders.NONE), pool);
    }

    /** What a settled pass concludes. */
    private static Decision decided(Inputs inputs, AddressPool... pools) {
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
                cluster,
                orders,
                Members.ALONE,
                new ActualState(LINK, addresses, frontends, cluster.published()),
                Set.of(Protocol.TCP));
    }
}
