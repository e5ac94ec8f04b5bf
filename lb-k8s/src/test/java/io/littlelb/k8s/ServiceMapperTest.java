package io.littlelb.k8s;

import static io.littlelb.k8s.Fixtures.ip;
import static io.littlelb.k8s.Fixtures.map;
import static io.littlelb.k8s.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Balance;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.TrafficPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceMapperTest {
    private static final ServicePort HTTP = new ServicePort("http", Protocol.TCP, 80);

    @Test
    void readsWhatAServiceAsksFor() {
        MappedService mapped =
                map(web().editSpec().withLoadBalancerIP("198.18.0.9").endSpec().build());

        assertThat(mapped.asks())
                .contains(new ServiceSpec(
                        new ServiceKey("default", "web"),
                        "uid-1",
                        Instant.parse("2026-01-01T00:00:00Z"),
                        new AddressRequest.Literal(List.of(ip("198.18.0.9"))),
                        Set.of(Family.IPV4),
                        true,
                        Optional.empty(),
                        List.of(HTTP),
                        Policies.DEFAULT));
        assertThat(mapped.nodePorts()).isEqualTo(Map.of(HTTP, 30_080));
        assertThat(mapped.published()).isEmpty();
    }

    @Test
    void readsBothFamilies() {
        Service dual = web().editSpec().withIpFamilies("IPv6", "IPv4").endSpec().build();

        assertThat(map(dual).asks().orElseThrow().families()).containsExactlyInAnyOrder(Family.IPV4, Family.IPV6);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"littlelb.io/addresses", "metallb.io/loadBalancerIPs", "metallb.universe.tf/loadBalancerIPs"})
    void readsTheAddressAnnotationUnderAllItsNames(String key) {
        Service service = web().editMetadata()
                .addToAnnotations(key, "198.18.0.9, 2001:db8::9")
                .endMetadata()
                .build();

        assertThat(map(service).asks().orElseThrow().request())
                .isEqualTo(new AddressRequest.Literal(List.of(ip("198.18.0.9"), ip("2001:db8::9"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "littlelb.io/allow-shared-ip",
                "metallb.io/allow-shared-ip",
                "metallb.universe.tf/allow-shared-ip"
            })
    void readsTheSharingKeyUnderAllItsNames(String key) {
        Service service = web().editMetadata()
                .addToAnnotations(key, "shared")
                .endMetadata()
                .build();

        assertThat(map(service).asks().orElseThrow().sharingKey()).contains("shared");
    }

    @Test
    void isNotOursWhenOfAnotherTypeOrClassOrBeingDeleted() {
        List<Service> others = List.of(
                web().editSpec().withType("NodePort").endSpec().build(),
                web().editSpec()
                        .withLoadBalancerClass("example.com/other")
                        .endSpec()
                        .build(),
                web().editMetadata()
                        .withDeletionTimestamp("2026-01-02T00:00:00Z")
                        .endMetadata()
                        .build());

        assertThat(others).allSatisfy(service -> assertThat(map(service).asks()).isEmpty());
    }

    @Test
    void withAClassExactlyThatClassIsOurs() {
        ServiceMapper mapper = new ServiceMapper(Optional.of("littlelb.io/lb"));

        assertThat(mapper.map(web().build()).asks()).isEmpty();
        assertThat(mapper.map(web().editSpec()
                                .withLoadBalancerClass("littlelb.io/lb")
                                .endSpec()
                                .build())
                        .asks())
                .isPresent();
    }

    @Test
    void readsSourceRangesAndClosesThePortsWhenOneIsBad() {
        Service good = web().editSpec()
                .withLoadBalancerSourceRanges("198.18.0.0/24", " 2001:db8::/32 ")
                .endSpec()
                .build();
        Service bad = web().editSpec()
                .withLoadBalancerSourceRanges("198.18.0.0/24", "10.0.0.0/33")
                .endSpec()
                .build();

        assertThat(map(good).asks().orElseThrow().policies().traffic().sourceRanges())
                .containsExactly(
                        Cidr.parse("198.18.0.0/24").orElseThrow(),
                        Cidr.parse("2001:db8::/32").orElseThrow());
        assertThat(map(bad).asks().orElseThrow().policies().problem()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.InvalidAnnotation);
            assertThat(problem.detail()).contains("spec.loadBalancerSourceRanges: \"10.0.0.0/33\"");
        });
    }

    @Test
    void readsTheAnnotationForSourceRangesWhereTheFieldIsEmpty() {
        ServiceBuilder annotated = web().editMetadata()
                .addToAnnotations(Annotations.SOURCE_RANGES, "198.18.0.0/24, 2001:db8::/32")
                .endMetadata();
        Service both = new ServiceBuilder(annotated.build())
                .editSpec()
                .withLoadBalancerSourceRanges("203.0.113.0/24")
                .endSpec()
                .build();
        Service bad = web().editMetadata()
                .addToAnnotations(Annotations.SOURCE_RANGES, "198.18.0.0/24,foo")
                .endMetadata()
                .build();

        assertThat(map(annotated.build())
                        .asks()
                        .orElseThrow()
                        .policies()
                        .traffic()
                        .sourceRanges())
                .containsExactly(
                        Cidr.parse("198.18.0.0/24").orElseThrow(),
                        Cidr.parse("2001:db8::/32").orElseThrow());
        assertThat(map(both).asks().orElseThrow().policies().traffic().sourceRanges())
                .containsExactly(Cidr.parse("203.0.113.0/24").orElseThrow());
        assertThat(map(bad).asks().orElseThrow().policies().problem()).hasValueSatisfying(problem -> {
            assertThat(problem.reason()).isEqualTo(Reason.InvalidAnnotation);
            assertThat(problem.detail()).contains(Annotations.SOURCE_RANGES + ": \"foo\"");
        });
    }

    @Test
    void readsWhatIsSaidAboutItsTraffic() {
        Service service = web().editMetadata()
                .addToAnnotations("littlelb.io/balance", "least-connections")
                .addToAnnotations("littlelb.io/proxy-protocol", "v1")
                .addToAnnotations("littlelb.io/idle-timeout", "5m")
                .endMetadata()
                .editSpec()
                .withSessionAffinity("ClientIP")
                .endSpec()
                .build();
        Service withTimeout = new ServiceBuilder(service)
                .editSpec()
                .withNewSessionAffinityConfig()
                .withNewClientIP(60)
                .endSessionAffinityConfig()
                .endSpec()
                .build();

        TrafficPolicy traffic = policies(service).traffic();

        assertThat(traffic.balance()).isEqualTo(Balance.LEAST_CONNECTIONS);
        assertThat(traffic.proxyProtocol()).isEqualTo(ProxyProtocol.V1);
        assertThat(traffic.idleTimeout()).contains(Duration.ofMinutes(5));
        assertThat(traffic.affinity()).contains(Duration.ofHours(3));
        assertThat(policies(withTimeout).traffic().affinity()).contains(Duration.ofMinutes(1));
        assertThat(policies(web().build())).isEqualTo(Policies.DEFAULT);
    }

    @Test
    void aPolicyThatMakesNoSenseIsIgnoredUnlessSecurityAsksForIt() {
        Policies ignored = policies(web().editMetadata()
                .addToAnnotations("littlelb.io/balance", "best")
                .endMetadata()
                .build());
        Policies closed = policies(web().editMetadata()
                .addToAnnotations("littlelb.io/proxy-protocol", "v9")
                .endMetadata()
                .build());

        assertThat(ignored.problem()).isEmpty();
        assertThat(ignored.ignored())
                .containsExactly(new Problem(
                        Reason.InvalidAnnotation,
                        "littlelb.io/balance: \"best\" is none of round-robin, least-connections, client-ip; the default"
                                + " holds"));
        assertThat(closed.problem())
                .contains(new Problem(
                        Reason.InvalidAnnotation, "littlelb.io/proxy-protocol: \"v9\" is none of off, v1, v2, v2-tlv"));
    }

    private static Policies policies(Service service) {
        return map(service).asks().orElseThrow().policies();
    }

    @Test
    void aServiceThatMakesNoSenseIsNoRequestForNothing() {
        Service senseless = web().editSpec()
                .editFirstPort()
                .withPort(-1)
                .endPort()
                .endSpec()
                .build();

        assertThatThrownBy(() -> map(senseless))
                .isInstanceOf(UnreadableException.class)
                .hasMessage("spec.ports.port is -1");
    }
}
