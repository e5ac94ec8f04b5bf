package io.littlelb.k8s;

import static io.littlelb.k8s.Fixtures.ip;
import static io.littlelb.k8s.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.model.ServiceStatus.Ingress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedStatusTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.5Z");
    private static final ServiceStatus STATUS = new ServiceStatus(
            List.of(
                    new Ingress(
                            ip("198.18.0.9"),
                            List.of(
                                    new Ingress.Port(80, Protocol.TCP, Optional.empty()),
                                    new Ingress.Port(53, Protocol.UDP, Optional.of(Reason.ProtocolNotSupported)))),
                    new Ingress(ip("2001:db8::9"), List.of())),
            List.of(
                    ServiceStatus.Condition.good(ServiceStatus.Condition.Type.ALLOCATED, "198.18.0.9"),
                    ServiceStatus.Condition.bad(
                            ServiceStatus.Condition.Type.PROGRAMMED, Reason.BindFailed, "bind: EADDRINUSE"),
                    ServiceStatus.Condition.remark(
                            ServiceStatus.Condition.Type.PORTS_ERROR, Reason.ProtocolNotSupported, "UDP")),
            List.of(Held.exclusive(ip("198.18.0.9")), new Held(ip("2001:db8::9"), Held.Terms.LINK)),
            List.of());

    @Test
    void readsBackWhatItWrote() {
        Service written = onto(web().build(), STATUS);

        assertThat(PublishedStatus.read(written, true).orElseThrow().status()).isEqualTo(STATUS);
        assertThat(written.getStatus().getLoadBalancer().getIngress())
                .allSatisfy(ingress -> assertThat(ingress.getIpMode()).isEqualTo("Proxy"));
        assertThat(written.getMetadata().getUid()).isEqualTo("uid-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.9", "198.18.0.9=shared", "198.18.0.9=link"})
    void anAddressIsHeldOnTheTermsThatAreWrittenBesideIt(String annotation) {
        ServiceStatus read =
                PublishedStatus.read(holding(annotation), true).orElseThrow().status();

        Service again = PublishedStatus.write(web().build(), read, NOW);
        assertThat(again.getMetadata().getAnnotations()).containsEntry("littlelb.io/allocated", annotation);
    }

    @Test
    void termsThatMakeNoSenseAreNotTheWholeStory() {
        Published read = PublishedStatus.read(holding("198.18.0.9=lent"), true).orElseThrow();

        assertThat(read.status().allocated()).containsExactly(Held.exclusive(ip("198.18.0.9")));
        assertThat(read.isComplete()).isFalse();
    }

    private static Service holding(String annotation) {
        return web().editMetadata()
                .addToAnnotations("littlelb.io/allocated", annotation)
                .withManagedFields(annotated("littlelb", "status", "littlelb.io/allocated"))
                .endMetadata()
                .build();
    }

    @Test
    void nothingSaidIsAnEmptyBody() {
        Service body = PublishedStatus.write(web().build(), ServiceStatus.NONE, NOW);

        assertThat(body.getStatus()).isNull();
        assertThat(body.getMetadata().getAnnotations()).isEmpty();
    }

    @Test
    void theTimeOfTransitionStaysWhileTheConditionDoes() {
        Service before = onto(web().build(), STATUS);
        Instant later = NOW.plusSeconds(60);
        ServiceStatus changed = new ServiceStatus(
                List.of(),
                List.of(
                        ServiceStatus.Condition.good(ServiceStatus.Condition.Type.ALLOCATED, "198.18.0.10"),
                        ServiceStatus.Condition.good(ServiceStatus.Condition.Type.PROGRAMMED, "serving")),
                List.of(),
                List.of());

        List<Condition> conditions =
                PublishedStatus.write(before, changed, later).getStatus().getConditions();

        assertThat(conditions)
                .extracting(Condition::getLastTransitionTime)
                .containsExactly("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z");
    }

    @Test
    void onAServiceThatIsNotServedAnIngressOfAnotherIsNotOurs() {
        Service theirs = new ServiceBuilder(web().build())
                .withNewStatus()
                .withNewLoadBalancer()
                .addNewIngress()
                .withIp("203.0.113.7")
                .endIngress()
                .endLoadBalancer()
                .endStatus()
                .build();
        Service ours = new ServiceBuilder(theirs)
                .editMetadata()
                .addNewManagedField()
                .withManager("littlelb")
                .withFieldsV1(fields("f:status"))
                .endManagedField()
                .endMetadata()
                .build();

        Service annotated = new ServiceBuilder(theirs)
                .editMetadata()
                .addNewManagedField()
                .withManager("littlelb")
                .withFieldsV1(fields("f:metadata"))
                .endManagedField()
                .endMetadata()
                .build();

        assertThat(PublishedStatus.read(theirs, false)).isEmpty();
        assertThat(PublishedStatus.read(annotated, false)).isEmpty();
        assertThat(PublishedStatus.read(ours, false)).isPresent();
    }

    /** The API server takes all of these from anybody who may write statuses. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{\"ip\": \"198.18.0.9\", \"ports\": [{\"port\": 0, \"protocol\": \"foo\"}]}]",
                "[{\"ip\": \"198.18.0.9\", \"ports\": [{\"port\": 80, \"protocol\": \"TCP\", \"error\": \"example.com/odd\"}]}]",
                "[{\"ip\": \"foo\"}]",
                "[{\"ip\": null, \"hostname\": \"example.com\"}]",
                "[{\"ip\": \"198.18.0.9\", \"hostname\": \"example.com\"}]",
                "[{\"ports\": [{\"port\": 80, \"protocol\": \"TCP\"}]}]",
                "[{}]",
            })
    void whatMakesNoSenseInAStatusIsKnownToStandThere(String ingress) {
        Service service = withStatus("{\"loadBalancer\": {\"ingress\": " + ingress + "}, \"conditions\": null}");

        assertThat(PublishedStatus.read(service, true).orElseThrow().isComplete())
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{}",
                "{\"loadBalancer\": null, \"conditions\": null}",
                "{\"loadBalancer\": {\"ingress\": null}, \"conditions\": [null]}",
                "{\"loadBalancer\": {\"ingress\": [null]}}",
                "{\"conditions\": [{\"type\": null}, {\"type\": \"example.com/Theirs\", \"status\": \"odd\"}]}",
            })
    void nothingInAStatusIsNothingSaid(String status) {
        assertThat(PublishedStatus.read(withStatus(status), true)).isEmpty();
    }

    @Test
    void conditionsWithoutReasonOrWithAnOddStatusAreOursAndNotWhatWeSay() {
        Service service = withStatus("""
                {"conditions": [{"type": "littlelb.io/Programmed", "status": "odd", "reason": null, "message": null, "lastTransitionTime": null},
                                {"type": "littlelb.io/Programmed", "status": "True"}]}""");

        assertThat(PublishedStatus.read(service, true).orElseThrow().isComplete())
                .isFalse();
        assertThat(PublishedStatus.write(service, STATUS, NOW).getStatus().getConditions())
                .allSatisfy(condition ->
                        assertThat(condition.getLastTransitionTime()).isEqualTo("2026-01-01T00:00:00Z"));
    }

    private static Service withStatus(String json) {
        String object =
                "{\"kind\": \"Service\", \"apiVersion\": \"v1\", \"metadata\": {\"name\": \"web\"}, \"status\": " + json
                        + "}";
        return WireObjects.serialization().unmarshal(object, Service.class);
    }

    private static FieldsV1 fields(String field) {
        FieldsV1 fields = new FieldsV1();
        fields.setAdditionalProperty(field, Map.of());
        return fields;
    }

    @Test
    void anExternalIpIsOursOnlyIfTheAnnotationSaysSoAndItIsThere() {
        Service service = web().editMetadata()
                .addToAnnotations("littlelb.io/external-ips", "198.18.0.9,198.18.0.10")
                .withManagedFields(annotated("littlelb", "", "littlelb.io/external-ips"))
                .endMetadata()
                .editSpec()
                .withExternalIPs("198.18.0.9", "203.0.113.7")
                .endSpec()
                .build();

        assertThat(PublishedStatus.read(service, true).orElseThrow().status().externalIps())
                .containsExactly(ip("198.18.0.9"));
    }

    @Test
    void anAnnotationThatSomebodyElseWroteIsNoEvidence() {
        Service forged = web().editMetadata()
                .addToAnnotations("littlelb.io/allocated", "198.18.0.9")
                .addToAnnotations("littlelb.io/external-ips", "198.18.0.9")
                .withManagedFields(
                        annotated("kubectl-edit", "", "littlelb.io/allocated"),
                        annotated("kubectl-edit", "status", "littlelb.io/allocated"),
                        annotated("littlelb", "", "littlelb.io/allocated"), // which anybody may call himself
                        annotated("kubectl-edit", "", "littlelb.io/external-ips"),
                        annotated("littlelb", "status", "littlelb.io/external-ips"))
                .endMetadata()
                .editSpec()
                .withExternalIPs("198.18.0.9")
                .endSpec()
                .build();

        assertThat(PublishedStatus.read(forged, true)).isEmpty();
        assertThat(PublishedStatus.read(forged, false)).isEmpty();
    }

    private static ManagedFieldsEntry annotated(String manager, String subresource, String annotation) {
        FieldsV1 fields = new FieldsV1();
        fields.setAdditionalProperty("f:metadata", Map.of("f:annotations", Map.of("f:" + annotation, Map.of())));
        return new ManagedFieldsEntryBuilder()
                .withManager(manager)
                .withSubresource(subresource.isEmpty() ? null : subresource)
                .withFieldsV1(fields)
                .build();
    }

    /** What an API server makes of the body. */
    private static Service onto(Service live, ServiceStatus status) {
        Service body = PublishedStatus.write(live, status, NOW);
        return new ServiceBuilder(live)
                .editMetadata()
                .withAnnotations(body.getMetadata().getAnnotations())
                .withManagedFields(annotated("littlelb", "status", "littlelb.io/allocated"))
                .endMetadata()
                .withStatus(body.getStatus())
                .build();
    }
}
