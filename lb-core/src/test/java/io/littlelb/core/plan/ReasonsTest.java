package io.littlelb.core.plan;

import static io.littlelb.core.plan.Fixtures.HOST_4;
import static io.littlelb.core.plan.Fixtures.HOST_6;
import static io.littlelb.core.plan.ServiceWorld.FRONTEND;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ReservedPorts;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.core.plan.Explanation.Answer;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** For every reason a world in which it is the first that an explanation gives. */
final class ReasonsTest {
    /** They keep something from being written on a Service, and nobody from reaching it. */
    private static final Set<Reason> OF_WRITING = EnumSet.of(Reason.StatusConflict, Reason.ExternalIPsRefused);

    /** These tell of frontends, backends and statuses, which a Service does not have before it exists. */
    private static final Set<Reason> NOT_KNOWN_BEFORE = EnumSet.of(
            Reason.BindFailed,
            Reason.NoNodePort,
            Reason.NoMatchingNodes,
            Reason.NoBackends,
            Reason.BackendsUnavailable,
            Reason.BackendIsFrontend,
            Reason.BackendNotAllowed,
            Reason.StatusConflict,
            Reason.ExternalIPsRefused);

    private static final Backend HERE = new Backend(Fixtures.ip("127.0.0.1"), 8080);
    private static final Backend ITSELF = new Backend(Fixtures.ip("198.18.0.9"), 80);
    private static final Backend POD = new Backend(Fixtures.ip("198.18.0.21"), 8080);

    @Test
    void aServiceThatIsServedAsAskedHasNone() {
        assertThat(new ServiceWorld().explain().isServed()).isTrue();
        assertThat(new ServiceWorld().explain().findings()).allMatch(finding -> finding.answer() == Answer.GOOD);
        assertThat(new ServiceWorld().explainNew().isServed()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void isTheFirstThatIsGiven(Reason reason) {
        Explanation explanation = world(reason).explain();

        boolean onlyARemark = OF_WRITING.contains(reason);
        assertThat(explanation.isServed()).isEqualTo(onlyARemark);
        assertThat(explanation.problem().map(Problem::reason))
                .isEqualTo(onlyARemark ? Optional.empty() : Optional.of(reason));
        assertThat(firstReason(explanation)).contains(reason);
    }

    @ParameterizedTest
    @EnumSource
    void isTheFirstThatIsGivenOfAServiceThatIsToBe(Reason reason) {
        Explanation explanation = world(reason).explainNew();

        boolean known = !NOT_KNOWN_BEFORE.contains(reason);
        assertThat(firstReason(explanation)).isEqualTo(known ? Optional.of(reason) : Optional.empty());
        assertThat(explanation.isServed()).isEqualTo(!known);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"LinkNotReady", "AddressRemoved", "InvalidAnnotation", "BackendIsFrontend", "BackendNotAllowed"})
    void isARemarkWhereTheServiceIsServedAllTheSame(Reason reason) {
        Explanation explanation = servedAllTheSame(reason).explain();

        assertThat(explanation.isServed()).isTrue();
        assertThat(explanation.problem()).isEmpty();
        assertThat(firstReason(explanation)).contains(reason);
    }

    @Test
    void whatWasComplainedOfIsOverOnceEverythingStandsThatIsToStand() {
        ServiceWorld world = world(Reason.StatusConflict);

        assertThat(world.explain().findings())
                .contains(Finding.remark(Topic.PUBLISHED, problem(Reason.StatusConflict)));
        assertThat(firstReason(world.settled().explain())).isEmpty();
    }

    private static Optional<Reason> firstReason(Explanation explanation) {
        return explanation.findings().stream()
                .flatMap(finding -> finding.reason().stream())
                .findFirst();
    }

    private static ServiceWorld world(Reason reason) {
        ServiceWorld world = new ServiceWorld();
        return switch (reason) {
            case InvalidAddress -> world.asking("198.18.0.255", "");
            case AddressNotInSubnet -> world.asking("192.0.2.9", "");
            case AddressIsNode -> world.asking("198.18.0.200", "");
            case ConflictingRequest -> world.asking("198.18.0.9", "198.18.0.10");
            case AddressInUse -> world.holder("198.18.0.9");
            case PortInUse -> world.holder("").asking("", "");
            case PoolExhausted ->
                world.pool("gold", "198.18.0.8-198.18.0.8").holder("").asking("", "");
            case NoAddressOfFamily -> world.link(Link.State.UP, true, HOST_4).asking("2001:db8::9", "");
            case LinkNotReady -> world.link(Link.State.DOWN, true, HOST_4, HOST_6);
            case AddressConflict -> world.address("198.18.0.9", AddressStatus.State.CONFLICT, "another has it");
            case AddressFailed -> world.address("198.18.0.9", AddressStatus.State.FAILED, "EPERM");
            case AddressRemoved -> world.address("198.18.0.9", AddressStatus.State.REMOVED, "taken off 3 times");
            case BindFailed -> world.frontend(FRONTEND, FrontendStatus.failed(ServiceWorld.config(), "EADDRINUSE"));
            case NoNodePort, NoMatchingNodes -> world.backends(PortBackends.none(problem(reason)));
            case NoBackends -> world.backends(PortBackends.NONE);
            case BackendsUnavailable ->
                world.frontend(
                        FRONTEND,
                        new FrontendStatus(
                                ServiceWorld.config(), FrontendStatus.State.OPEN, Optional.of(problem(reason))));
            case ProtocolNotSupported -> world.ports(Fixtures.HTTP, new ServicePort("dns", Protocol.UDP, 53));
            case InvalidAnnotation -> world.policies(Policies.closed(problem(reason)));
            case PortReserved -> world.boundaries(reserved(80), true, false, 9);
            case TooManyPorts ->
                world.boundaries(ReservedPorts.NONE, true, false, 1)
                        .ports(Fixtures.HTTP, new ServicePort("https", Protocol.TCP, 443));
            case AddressIsHosts ->
                world.boundaries(ReservedPorts.NONE, false, false, 9).asking("198.18.0.1", "");
            case NotFromPool ->
                world.boundaries(ReservedPorts.NONE, true, true, 9).pool("gold", "198.18.0.64-198.18.0.65");
            case BackendIsFrontend -> world.backends(listed(ITSELF));
            case BackendNotAllowed ->
                world.boundaries(ReservedPorts.NONE, true, false, 9).backends(listed(HERE));
            case Drained -> world.drained();
            case StatusConflict, ExternalIPsRefused -> world.complaint(problem(reason));
        };
    }

    private static ServiceWorld servedAllTheSame(Reason reason) {
        ServiceWorld world = new ServiceWorld();
        return switch (reason) {
            case LinkNotReady -> world.link(Link.State.UP, false, HOST_4, HOST_6);
            case AddressRemoved -> world.address("198.18.0.9", AddressStatus.State.PRESENT, "was taken off 3 times");
            case InvalidAnnotation ->
                world.policies(new Policies(TrafficPolicy.DEFAULT, Optional.empty(), List.of(problem(reason))));
            case BackendIsFrontend -> world.backends(listed(ITSELF, POD));
            case BackendNotAllowed ->
                world.boundaries(ReservedPorts.NONE, true, false, 9).backends(listed(HERE, POD));
            default -> throw new IllegalArgumentException(reason.name());
        };
    }

    private static Problem problem(Reason reason) {
        return new Problem(reason, "for a reason");
    }

    private static PortBackends listed(Backend... backends) {
        return PortBackends.ofBoth(new Backends.Listed(List.of(backends)));
    }

    private static ReservedPorts reserved(int port) {
        return new ReservedPorts(ImmutableRangeSet.of(Range.closed(port, port)), ImmutableRangeSet.of());
    }
}
