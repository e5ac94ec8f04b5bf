package io.littlelb.k8s;

import static io.littlelb.k8s.Fixtures.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.k8s.ServiceManifest.Reading;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceManifestTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final ClusterScope ALL = ClusterScope.everything(Mode.NODE_PORT);
    private static final List<Family> IPV4 = List.of(Family.IPV4);
    private static final String WEB = """
            apiVersion: v1
            kind: Service
            metadata:
              name: web
            spec:
              type: LoadBalancer
              loadBalancerIP: 198.18.0.9
              ports:
                - port: 80
            """;

    @Test
    void oneIsReadAsTheClusterWouldShowIt() throws Exception {
        Reading web = read(WEB, ALL);

        assertThat(web.key()).isEqualTo(new ServiceKey("default", "web"));
        assertThat(web.notOurs()).isEmpty();
        assertThat(web.asks())
                .contains(new ServiceSpec(
                        new ServiceKey("default", "web"),
                        "new",
                        NOW,
                        new AddressRequest.Literal(List.of(ip("198.18.0.9"))),
                        Set.of(Family.IPV4),
                        true,
                        Optional.empty(),
                        List.of(new ServicePort("", Protocol.TCP, 80)),
                        Policies.DEFAULT));
    }

    @Test
    void jsonIsReadAsWell() throws Exception {
        String json = """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "a"},
                 "spec": {"type": "LoadBalancer", "ipFamilyPolicy": "RequireDualStack", "ports": [{"port": 53, "protocol": "UDP"}]}}
                """;

        ServiceSpec web = read(json, ALL).asks().orElseThrow();
        assertThat(web.key()).isEqualTo(new ServiceKey("a", "web"));
        assertThat(web.ports()).containsExactly(new ServicePort("", Protocol.UDP, 53));
        assertThat(web.families()).containsExactlyInAnyOrder(Family.IPV4, Family.IPV6);
    }

    @Test
    void whatStandsBesideTheServiceIsNoMatter() throws Exception {
        String deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n";
        String list = "apiVersion: v1\nkind: List\nitems:\n- {kind: ConfigMap, apiVersion: v1}\n- "
                + WEB.strip().replace("\n", "\n  ") + "\n";

        assertThat(read("# all of it\n---\n" + deployment + "---\n" + WEB + "...\n---\n# no more", ALL)
                        .asks())
                .isPresent();
        assertThat(read(list, ALL).asks()).isPresent();
    }

    @Test
    void oneThatWouldNotBeOursIsToldWhy() throws Exception {
        ClusterScope scope = new ClusterScope(
                ALL.mode(), ALL.nodes(), ALL.nodeAddress(), Set.of("b", "a"), Optional.of("lb"), Optional.empty());
        String ours = WEB.replace("type: LoadBalancer", "type: LoadBalancer\n  loadBalancerClass: lb");

        assertThat(read(WEB.replace("  type: LoadBalancer\n", ""), ALL).notOurs())
                .contains("it is of type ClusterIP, and only Services of type LoadBalancer are served");
        assertThat(read(ours, ALL).notOurs())
                .contains("its loadBalancerClass is \"lb\", and only those without one are served"
                        + " (--load-balancer-class)");
        assertThat(read(WEB, scope).notOurs())
                .contains("it has no loadBalancerClass, and only those of \"lb\" are served (--load-balancer-class)");
        assertThat(read(ours, scope).notOurs())
                .contains("its namespace \"default\" is not served, only a, b (--namespace)");
        assertThat(read(ours.replace("name: web", "name: web\n  namespace: b"), scope)
                        .asks())
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|there is no Service in it, but nothing",
                "# nothing|there is no Service in it, but nothing",
                "just words|it is no object of Kubernetes, but only \"just words\"",
                "{a: [|it is neither YAML nor JSON",
                "{a: 1}|there is no Service in it, but an object without a kind",
                "{kind: Deployment, metadata: {name: web}}|there is no Service in it, but Deployment web",
                "{kind: Service, apiVersion: serving.knative.dev/v1}|but Service of serving.knative.dev/v1",
                "{kind: List, apiVersion: v1, items: [{kind: Pod}, {kind: Job}]}|there is no Service in it, but Pod, Job",
                "{kind: Service, apiVersion: v1}|metadata is not set",
                "{kind: Service, apiVersion: v1, metadata: {name: web}, spec: {type: LoadBalancer}}|spec.ports is empty",
                "{kind: Service, apiVersion: v1, metadata: {name: web}, spec: {type: LoadBalancer, ports: [{port: many}]}}|many",
                "{kind: Service, apiVersion: v1, metadata: {name: web}, spec: {type: LoadBalancer, ports: [{port: 0}]}}"
                        + "|Service \"web\": spec.ports.port is 0",
            })
    void whatIsNoServiceOrMakesNoSenseIsSaid(String text, String message) {
        assertThatThrownBy(() -> read(text == null ? "" : text, ALL))
                .isInstanceOf(ManifestException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void allServicesOfSeveralDocumentsAreReadInTheirOrder() throws Exception {
        String mail = WEB.replace("name: web", "name: mail");
        String account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n";
        String inside = WEB.replace("name: web", "name: inside").replace("type: LoadBalancer", "type: ClusterIP");

        List<Reading> all =
                ServiceManifest.readAll(String.join("---\n", WEB, account, mail, inside), ALL, IPV4, () -> NOW);
        assertThat(all)
                .extracting(reading -> reading.key().toString())
                .containsExactly("default/web", "default/mail", "default/inside");
        assertThat(all).extracting(reading -> reading.asks().isPresent()).containsExactly(true, true, false);
    }

    @Test
    void oneOfSeveralThatMakesNoSenseIsNamed() {
        String mail = WEB.replace("name: web", "name: mail").replace("port: 80", "port: 0");

        assertThatThrownBy(() -> ServiceManifest.readAll(WEB + "---\n" + mail, ALL, IPV4))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith("Service \"mail\": spec.ports.port is 0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SingleStack|IPv6|IPv6",
                "SingleStack|IPv6 IPv4|IPv6",
                "PreferDualStack|IPv6|IPv6",
                "PreferDualStack|IPv4 IPv6|IPv4 IPv6",
                "RequireDualStack|IPv6|IPv4 IPv6",
            })
    void oneThatNamesNoFamilyGetsThoseThatTheClusterWouldGiveIt(String policy, String cluster, String given)
            throws Exception {
        String plain = WEB.replace("  loadBalancerIP: 198.18.0.9\n", "")
                .replace("spec:", "spec:\n  ipFamilyPolicy: " + policy);

        Reading web = ServiceManifest.readAll(plain, ALL, families(cluster), () -> NOW)
                .get(0);
        assertThat(web.asks().orElseThrow().families()).containsExactlyInAnyOrderElementsOf(families(given));
    }

    @Test
    void oneThatNamesItsFamilyKeepsIt() throws Exception {
        String ipv6 = WEB.replace("  loadBalancerIP: 198.18.0.9\n", "  ipFamilies: [IPv6]\n");

        assertThat(read(ipv6, ALL).asks().orElseThrow().families()).containsExactly(Family.IPV6);
    }

    /** It is a client that sends them, and a thread of those few that answer. */
    @Test
    @Timeout(10)
    void manyEmptyLinesAreReadInNoTime() throws Exception {
        assertThat(read(WEB + "\n".repeat(100_000), ALL).asks()).isPresent();
        assertThat(read("---" + " \n".repeat(100_000) + "---\n" + WEB, ALL).asks())
                .isPresent();
    }

    private static List<Family> families(String words) {
        return Arrays.stream(words.split(" "))
                .map(word -> word.equals("IPv6") ? Family.IPV6 : Family.IPV4)
                .toList();
    }

    private static Reading read(String text, ClusterScope scope) throws ManifestException {
        List<Reading> all = ServiceManifest.readAll(text, scope, IPV4, () -> NOW);
        assertThat(all).hasSize(1);
        return all.get(0);
    }
}
