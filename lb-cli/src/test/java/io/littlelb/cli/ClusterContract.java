package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.net.InetAddresses;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.k8s.ClusterScope;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What must hold on any API server, of one who uses it for his own Services. */
abstract class ClusterContract extends ClusterWorld {
    @Test
    void servesAServiceWithoutARequestOnTheLinksOwnAddress() throws Exception {
        String before = addresses();
        start();
        create("web", service -> service);

        awaitIngress("web", "198.18.0.1");
        assertThat(ask("198.18.0.1", 80)).isEqualTo("web");
        LoadBalancerIngress ingress =
                get("web").getStatus().getLoadBalancer().getIngress().get(0);
        assertThat(ingress.getIpMode()).isEqualTo("Proxy");
        assertThat(ingress.getPorts())
                .singleElement()
                .satisfies(
                        port -> assertThat(port.getPort() + port.getProtocol()).isEqualTo("80TCP"));
        assertThat(conditions("web"))
                .containsExactly(
                        "littlelb.io/Allocated=True Allocated: 198.18.0.1 (the address of link veth0)",
                        "littlelb.io/Programmed=True Programmed: serving 198.18.0.1:80",
                        "littlelb.io/BackendsAvailable=True BackendsAvailable: every port has a backend");
        assertThat(addresses()).isEqualTo(before);
    }

    @Test
    void servesARequestedAddressUntilTheServiceIsDeleted() throws Exception {
        String before = addresses();
        start();
        create("web", service -> asks(service, "198.18.0.9"));

        awaitIngress("web", "198.18.0.9");
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
        assertThat(addresses()).contains("198.18.0.9/32 scope global");

        user.services().inNamespace("default").withName("web").delete();
        awaitTrue(() -> addresses().equals(before));
    }

    @Test
    void servesBothFamilies() throws Exception {
        start();
        create(
                "web",
                service -> dualStack(
                        annotated(service, "littlelb.io/addresses", "198.18.0.9,2001:db8::9"), "RequireDualStack"));

        awaitIngress("web", "198.18.0.9", "2001:db8::9");
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
        assertThat(ask("2001:db8::9", 80)).isEqualTo("web over IPv6");
    }

    @Test
    void readsTheAnnotationThatOtherLoadBalancersUse() throws Exception {
        start();
        create("web", service -> annotated(service, "metallb.io/loadBalancerIPs", "198.18.0.9"));

        awaitIngress("web", "198.18.0.9");
    }

    @Test
    void followsEveryChangeOfTheAddress() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        edit("web", service -> asks(service, "198.18.0.10"));
        awaitIngress("web", "198.18.0.10");
        awaitTrue(() -> !addresses().contains("198.18.0.9/"));
        assertThat(ask("198.18.0.10", 80)).isEqualTo("web");

        edit("web", service -> asks(service, "203.0.113.9"));
        awaitReason("web", "littlelb.io/Allocated", "AddressNotInSubnet");
        awaitTrue(() -> !addresses().contains("198.18.0.10/"));
        awaitTrue(() -> ingress("web").isEmpty());
    }

    @Test
    void refusesTheSecondWhoAsksForAnAddressAndServesItWhenTheFirstHasGone() throws Exception {
        start();
        create("first", service -> asks(service, "198.18.0.9"));
        awaitIngress("first", "198.18.0.9");
        create("second", service -> asks(service, "198.18.0.9", 8080));

        awaitReason("second", "littlelb.io/Allocated", "AddressInUse");
        awaitTrue(() -> !events("second").isEmpty());
        assertThat(events("second")).singleElement().satisfies(event -> {
            assertThat(event.getReason()).isEqualTo("AddressInUse");
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getNote()).contains("198.18.0.9").contains("default/first");
        });
        assertThat(ingress("second")).isEmpty();
        assertThat(ask("198.18.0.9", 80)).isEqualTo("first");

        user.services().inNamespace("default").withName("first").delete();
        awaitIngress("second", "198.18.0.9");
        assertThat(ask("198.18.0.9", 8080)).isEqualTo("second");
    }

    @Test
    void refusesTheSecondWhoWantsAPortOfTheLinksAddress() throws Exception {
        start();
        create("first", service -> service);
        awaitIngress("first", "198.18.0.1");
        create("second", service -> service);

        awaitReason("second", "littlelb.io/Allocated", "PortInUse");
        assertThat(condition("second", "littlelb.io/Allocated").orElseThrow().getMessage())
                .contains("default/first");
        assertThat(ingress("first")).containsExactly("198.18.0.1");
    }

    @Test
    void givesAddressesOfAPoolUntilItIsUsedUpAndAgainWhenOneIsFree() throws Exception {
        start(giving("198.18.0.64-198.18.0.65"));
        create("first", service -> service);
        awaitIngress("first", "198.18.0.64");
        create("second", service -> service);
        awaitIngress("second", "198.18.0.65");
        create("third", service -> service);
        awaitReason("third", "littlelb.io/Allocated", "PoolExhausted");
        assertThat(ask("198.18.0.65", 80)).isEqualTo("second");

        user.services().inNamespace("default").withName("first").delete();

        awaitIngress("third", "198.18.0.64");
        assertThat(ingress("second")).containsExactly("198.18.0.65");
    }

    @Test
    void whatAPoolGaveIsKeptAcrossARestart() throws Exception {
        start(giving("198.18.0.64-198.18.0.66"));
        create("zeta", service -> service);
        awaitIngress("zeta", "198.18.0.64");
        create("alpha", service -> service);
        awaitIngress("alpha", "198.18.0.65");
        loadBalancer.close();

        start(giving("198.18.0.64-198.18.0.66"));

        awaitIngress("zeta", "198.18.0.64");
        awaitIngress("alpha", "198.18.0.65");
    }

    @Test
    void aServiceThatTurnsDualStackGetsTheOtherFamilyAsWell() throws Exception {
        start(giving("198.18.0.64/30", "2001:db8::40/126"));
        create("web", service -> service);
        awaitIngress("web", "198.18.0.64");

        edit("web", service -> dualStack(service, "RequireDualStack"));

        awaitIngress("web", "198.18.0.64", "2001:db8::40");
        assertThat(ask("2001:db8::40", 80)).isEqualTo("web over IPv6");
        assertThat(ask("198.18.0.64", 80)).isEqualTo("web");
    }

    @Test
    void aFamilyThatIsOnlyPreferredIsNotMissed() throws Exception {
        start(giving("198.18.0.64/30"));
        create("web", service -> dualStack(service, "PreferDualStack"));

        awaitIngress("web", "198.18.0.64");
        assertThat(conditions("web")).contains("littlelb.io/Allocated=True Allocated: 198.18.0.64");
    }

    @Test
    void badInputIsToldOnTheServiceAndDisturbsNobody() throws Exception {
        network.ip("route add default via 198.18.0.254");
        node("node-2", Map.of(), "198.18.0.21");
        start();
        create("good", service -> asks(service, "198.18.0.9"));
        awaitIngress("good", "198.18.0.9");
        String before = addresses();

        Map<String, String> reasons = Map.of(
                "not-an-ip", "InvalidAddress",
                "localhost", "InvalidAddress",
                "224.0.0.1", "InvalidAddress",
                "127.0.0.1", "InvalidAddress",
                "0.0.0.0", "InvalidAddress",
                "198.18.0.255", "InvalidAddress",
                "198.18.0.0", "InvalidAddress",
                "198.18.0.254", "InvalidAddress",
                "198.18.0.21", "AddressIsNode",
                "203.0.113.9", "AddressNotInSubnet");
        int number = 0;
        for (Map.Entry<String, String> bad : reasons.entrySet()) {
            String name = "bad-" + number++;
            create(name, service -> asks(service, bad.getKey(), 1_080));
            awaitReason(name, "littlelb.io/Allocated", bad.getValue());
            user.services().inNamespace("default").withName(name).delete();
        }
        create("both", service -> annotated(asks(service, "198.18.0.10"), "littlelb.io/addresses", "198.18.0.11"));
        awaitReason("both", "littlelb.io/Allocated", "ConflictingRequest");

        assertThat(addresses()).isEqualTo(before);
        assertThat(ask("198.18.0.9", 80)).isEqualTo("good");
    }

    @Test
    void leavesServicesOfOtherTypesAndClassesAlone() throws Exception {
        start();
        create(
                "theirs",
                service -> new ServiceBuilder(asks(service, "198.18.0.9"))
                        .editSpec()
                        .withLoadBalancerClass("example.com/other")
                        .endSpec()
                        .build());
        create(
                "inner",
                service -> new ServiceBuilder(service)
                        .editSpec()
                        .withType("ClusterIP")
                        .endSpec()
                        .build());
        create("ours", service -> service);

        awaitIngress("ours", "198.18.0.1");
        for (String name : List.of("theirs", "inner")) {
            assertThat(get(name).getStatus().getConditions()).isEmpty();
            assertThat(ingress(name)).isEmpty();
            assertThat(events(name)).isEmpty();
        }
        assertThat(addresses()).doesNotContain("198.18.0.9/");
    }

    @Test
    void aTypeChangeTakesEverythingBack() throws Exception {
        String before = addresses();
        start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        create("web", service -> asks(service, "198.18.0.9"));
        awaitTrue(() -> externalIps("web").contains("198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        edit(
                "web",
                service -> new ServiceBuilder(service)
                        .editSpec()
                        .withType("ClusterIP")
                        .withLoadBalancerIP(null)
                        .endSpec()
                        .build());

        awaitTrue(() -> addresses().equals(before));
        awaitTrue(() -> get("web").getStatus().getConditions().isEmpty());
        awaitTrue(() -> externalIps("web").isEmpty());
        awaitTrue(() -> get("web").getMetadata().getAnnotations() == null
                || get("web").getMetadata().getAnnotations().isEmpty());
    }

    @Test
    void mergesItsExternalIpsWithThoseOfOthers() throws Exception {
        start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        create(
                "web",
                service -> new ServiceBuilder(asks(service, "198.18.0.9"))
                        .editSpec()
                        .withExternalIPs("203.0.113.7")
                        .endSpec()
                        .build());
        awaitTrue(() -> externalIps("web").equals(List.of("203.0.113.7", "198.18.0.9")));
        assertThat(get("web").getMetadata().getAnnotations()).containsEntry("littlelb.io/external-ips", "198.18.0.9");

        loadBalancer.close();

        assertThat(externalIps("web")).containsExactly("203.0.113.7");
    }

    @Test
    void aCleanStopTakesBackAllButTheAllocation() throws Exception {
        String before = addresses();
        start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");
        awaitTrue(() -> !externalIps("web").isEmpty());

        loadBalancer.close();

        assertThat(addresses()).isEqualTo(before);
        assertThat(ingress("web")).isEmpty();
        assertThat(externalIps("web")).isEmpty();
        assertThat(get("web").getStatus().getConditions()).isEmpty();
        assertThat(get("web").getMetadata().getAnnotations()).isEqualTo(Map.of("littlelb.io/allocated", "198.18.0.9"));
    }

    @Test
    void theHolderKeepsItsAddressAcrossARestart() throws Exception {
        start();
        create("zeta", service -> asks(service, "198.18.0.9"));
        awaitIngress("zeta", "198.18.0.9");
        loadBalancer.close();
        create("alpha", service -> asks(service, "198.18.0.9"));

        start();

        awaitIngress("zeta", "198.18.0.9");
        awaitReason("alpha", "littlelb.io/Allocated", "AddressInUse");
    }

    /** Both tenants may write Services, and neither their statuses; the thief's Service is the older one. */
    @Test
    void whoAnnotatesHisServiceWithAnAddressOfAnotherDoesNotGetItByARestart() throws Exception {
        start(giving("198.18.0.64-198.18.0.66"));
        create("thief", service -> service);
        awaitIngress("thief", "198.18.0.64");
        create("holder", service -> service);
        awaitIngress("holder", "198.18.0.65");
        loadBalancer.close();
        edit("thief", service -> annotated(service, "littlelb.io/allocated", "198.18.0.65"));
        create("late", service -> annotated(service, "littlelb.io/allocated", "198.18.0.65"));

        start(giving("198.18.0.64-198.18.0.66"));

        awaitIngress("holder", "198.18.0.65");
        awaitTrue(() -> ingress("thief").size() == 1 && ingress("late").size() == 1);
        assertThat(ask("198.18.0.65", 80)).isEqualTo("holder");
    }

    @Test
    void anExternalIpThatOnlyAForgedAnnotationCallsOursStays() throws Exception {
        start(publishing(PublishPolicy.besideTheCluster(Set.of())));
        create(
                "web",
                service -> new ServiceBuilder(
                                annotated(asks(service, "198.18.0.9"), "littlelb.io/external-ips", "203.0.113.7"))
                        .editSpec()
                        .withExternalIPs("203.0.113.7")
                        .endSpec()
                        .build());

        awaitTrue(() -> externalIps("web").equals(List.of("203.0.113.7", "198.18.0.9")));
        loadBalancer.close();
        assertThat(externalIps("web")).containsExactly("203.0.113.7");
    }

    @Test
    void anAddressThatIsRemovedByHandComesBack() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        network.ip("addr del 198.18.0.9/32 dev veth0");

        awaitTrue(() -> addresses().contains("198.18.0.9/32"));
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
    }

    @Test
    void anAddressThatIsRemovedWheneverItComesComesBackAndThatIsSaid() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        for (int i = 0; i < 3; i++) {
            awaitTrue(() -> addresses().contains("198.18.0.9/32"));
            network.ip("addr del 198.18.0.9/32 dev veth0");
        }

        awaitReason("web", "littlelb.io/Programmed", "AddressRemoved");
        awaitTrue(
                () -> events("web").stream().anyMatch(event -> event.getReason().equals("AddressRemoved")));
        awaitTrue(() -> addresses().contains("198.18.0.9/32"));
        awaitIngress("web", "198.18.0.9");
    }

    @Test
    void aLinkThatGoesAwayFreezesWhatIsAllocated() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        network.ip("link set veth0 down");
        awaitReason("web", "littlelb.io/Programmed", "LinkNotReady");
        assertThat(condition("web", "littlelb.io/Allocated").orElseThrow().getStatus())
                .isEqualTo("True");

        network.ip("link set veth0 up");
        awaitTrue(() -> condition("web", "littlelb.io/Programmed")
                .orElseThrow()
                .getStatus()
                .equals("True"));
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
    }

    @Test
    void anAddressThatAnotherHostHasIsAConflictUntilThatHasGone() throws Exception {
        try (NetworkNamespace other = NetworkNamespace.create()) {
            network.ip("link set veth1 netns " + other.threadId());
            other.ip("link set veth1 address 02:00:00:00:00:77 up");
            other.ip("addr add 198.18.0.9/24 dev veth1");
            start();
            create("web", service -> asks(service, "198.18.0.9"));

            awaitReason("web", "littlelb.io/Programmed", "AddressConflict");
            awaitTrue(() -> !events("web").isEmpty());
            assertThat(events("web")).singleElement().satisfies(event -> {
                assertThat(event.getReason()).isEqualTo("AddressConflict");
                assertThat(event.getNote()).contains("02:00:00:00:00:77").contains("strictARP");
            });
            assertThat(ingress("web")).isEmpty();
            assertThat(addresses()).doesNotContain("198.18.0.9/");

            other.ip("addr del 198.18.0.9/24 dev veth1");
            awaitIngress("web", "198.18.0.9");
            assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
        }
    }

    @Test
    void withoutAMatchingNodeItSaysSo() throws Exception {
        start(new Parts(new ClusterScope(
                ClusterScope.Mode.NODE_PORT,
                io.littlelb.k8s.NodeSelector.parse("role=nobody"),
                ClusterScope.NodeAddressType.InternalIP,
                Set.of(),
                Optional.empty(),
                Optional.empty())));
        create("web", service -> asks(service, "198.18.0.9"));

        awaitReason("web", "littlelb.io/BackendsAvailable", "NoMatchingNodes");
        assertThat(condition("web", "littlelb.io/BackendsAvailable")
                        .orElseThrow()
                        .getMessage())
                .contains("the 1 node")
                .contains("role=nobody");
        awaitTrue(() -> addresses().contains("198.18.0.9/32"));
    }

    @Test
    void withoutANodePortItSaysSo() throws Exception {
        start();
        create(
                "web",
                service -> new ServiceBuilder(asks(service, "198.18.0.9"))
                        .editSpec()
                        .withAllocateLoadBalancerNodePorts(false)
                        .editFirstPort()
                        .withNodePort(null)
                        .endPort()
                        .endSpec()
                        .build());

        awaitReason("web", "littlelb.io/BackendsAvailable", "NoNodePort");
    }

    @Test
    void insideTheClusterItServesReadyEndpoints() throws Exception {
        startPod(0);
        start(new Parts(ClusterScope.everything(ClusterScope.Mode.ENDPOINTS)));
        create("web", service -> asks(service, "198.18.0.9"));
        awaitReason("web", "littlelb.io/BackendsAvailable", "NoBackends");

        user.discovery()
                .v1()
                .endpointSlices()
                .inNamespace("default")
                .resource(new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withName("web-1")
                        .addToLabels("kubernetes.io/service-name", "web")
                        .endMetadata()
                        .withAddressType("IPv4")
                        .addNewPort()
                        .withName("http")
                        .withPort(POD_PORT)
                        .withProtocol("TCP")
                        .endPort()
                        .addNewEndpoint()
                        .withAddresses(pod(0))
                        .withNewConditions()
                        .withReady(true)
                        .endConditions()
                        .endEndpoint()
                        .build())
                .create();

        awaitTrue(() -> condition("web", "littlelb.io/BackendsAvailable")
                .orElseThrow()
                .getStatus()
                .equals("True"));
        awaitIngress("web", "198.18.0.9");
        awaitTrue(() -> ask("198.18.0.9", 80).equals("pod " + pod(0)));
    }

    /** What the endpoint slice controller says of a Service whose selector matches no pod once stopped everything. */
    @ParameterizedTest
    @EnumSource
    void aServiceWithoutPodsCostsTheOthersNothing(ClusterScope.Mode mode) throws Exception {
        Assumptions.assumeTrue(
                mode == ClusterScope.Mode.NODE_PORT || cluster.makesSlices(),
                "not run: this cluster has no controller that makes EndpointSlices");
        startPod(0);
        start(new Parts(ClusterScope.everything(mode)));
        for (int i = 0; i < 20; i++) {
            int port = 8_000 + i;
            slice("web-" + i, Set.of(pod(0)));
            create("web-" + i, service -> asks(service, "198.18.0." + (100 + port % 100), port));
        }
        create("empty", service -> selecting(asks(service, "198.18.0.9"), "nobody"));
        create("late", service -> asks(service, "198.18.0.10"));
        slice("late", Set.of(pod(0)));

        String expected = mode == ClusterScope.Mode.NODE_PORT ? "late" : "pod " + pod(0);
        awaitIngress("late", "198.18.0.10");
        awaitTrue(() -> ask("198.18.0.10", 80).equals(expected));
        for (int i = 0; i < 20; i++) {
            awaitIngress("web-" + i, "198.18.0." + (100 + i));
        }
        if (mode == ClusterScope.Mode.ENDPOINTS) {
            awaitReason("empty", "littlelb.io/BackendsAvailable", "NoBackends");
        }
        loadBalancer.close();
        assertThat(ingress("late")).isEmpty();
        assertThat(addresses()).doesNotContain("198.18.0.10/");
    }

    @Test
    void endpointsInManySlicesAndMoreThanOnceAreServedOnceEach() throws Exception {
        for (int i = 0; i < 3; i++) {
            startPod(i);
        }
        slice("web", "web-a", List.of(pod(0), pod(1)));
        slice("web", "web-b", List.of(pod(1), pod(2)));
        start(new Parts(ClusterScope.everything(ClusterScope.Mode.ENDPOINTS)));
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            answers.add(ask("198.18.0.9", 80));
        }

        assertThat(answers)
                .containsExactlyInAnyOrder(
                        "pod " + pod(0),
                        "pod " + pod(0),
                        "pod " + pod(1),
                        "pod " + pod(1),
                        "pod " + pod(2),
                        "pod " + pod(2));
    }

    /** The API server takes it from anybody who may write statuses; it once took listener and address away. */
    @Test
    void aStatusThatMakesNoSenseIsNoReasonToServeNobody() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        user.services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"198.18.0.9\",\"ports\":[{\"port\":0,\"protocol\":\"foo\"}]}]}}}");

        awaitTrue(
                () -> events("web").stream().anyMatch(event -> event.getReason().equals("StatusConflict")));
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
        user.services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\":{\"loadBalancer\":null}}");
        awaitTrue(() -> !get("web").getStatus().getLoadBalancer().getIngress().isEmpty()
                && get("web")
                                .getStatus()
                                .getLoadBalancer()
                                .getIngress()
                                .get(0)
                                .getPorts()
                                .get(0)
                                .getPort()
                        == 80);
    }

    /** As kubelet and cloud providers do with all that they see on the node's links. */
    @Test
    void anAddressOfOursThatANodeTellsOfStaysOurs() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        node("node-2", Map.of(), "127.0.0.1", "198.18.0.9");
        create("other", service -> asks(service, "198.18.0.10"));
        awaitIngress("other", "198.18.0.10"); // so the node has been looked at

        assertThat(condition("web", "littlelb.io/Allocated").orElseThrow().getStatus())
                .isEqualTo("True");
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
    }

    @Test
    void theApiServerRefusesANodePortThatIsTakenAndASourceRangeThatIsNone() {
        create("web", service -> service);
        int taken = get("web").getSpec().getPorts().get(0).getNodePort();

        assertThatThrownBy(() -> create(
                        "second",
                        service -> new ServiceBuilder(service)
                                .editSpec()
                                .editFirstPort()
                                .withNodePort(taken)
                                .endPort()
                                .endSpec()
                                .build()))
                .hasMessageContaining("provided port is already allocated");
        assertThatThrownBy(() -> create(
                        "third",
                        service -> new ServiceBuilder(service)
                                .editSpec()
                                .withLoadBalancerSourceRanges("foo")
                                .endSpec()
                                .build()))
                .hasMessageContaining("must be a valid CIDR value");
    }

    @Test
    void theApiServerCompletesAService() {
        create(
                "web",
                service -> new ServiceBuilder(service)
                        .editSpec()
                        .withSessionAffinity("ClientIP")
                        .endSpec()
                        .build());

        ServiceSpec spec = get("web").getSpec();
        assertThat(spec.getIpFamilies()).containsExactly("IPv4");
        assertThat(spec.getIpFamilyPolicy()).isEqualTo("SingleStack");
        assertThat(spec.getExternalTrafficPolicy()).isEqualTo("Cluster");
        assertThat(spec.getInternalTrafficPolicy()).isEqualTo("Cluster");
        assertThat(spec.getAllocateLoadBalancerNodePorts()).isTrue();
        assertThat(spec.getSessionAffinityConfig().getClientIP().getTimeoutSeconds())
                .isEqualTo(10_800);
        assertThat(spec.getPorts().get(0).getProtocol()).isEqualTo("TCP");
        assertThat(spec.getPorts().get(0).getTargetPort().getIntVal()).isEqualTo(80);
        assertThat(get("web").getMetadata().getManagedFields())
                .anySatisfy(entry -> assertThat(entry.getFieldsV1().getAdditionalProperties())
                        .containsKey("f:spec"));
    }

    private static Service selecting(Service service, String app) {
        return new ServiceBuilder(service)
                .editSpec()
                .addToSelector("app", app)
                .endSpec()
                .build();
    }

    @Test
    void inOneNamespaceItNeedsNoRightBeyondIt() throws Exception {
        ClusterScope scope = new ClusterScope(
                ClusterScope.Mode.ENDPOINTS,
                io.littlelb.k8s.NodeSelector.ALL,
                ClusterScope.NodeAddressType.InternalIP,
                Set.of("default"),
                Optional.empty(),
                Optional.empty());
        start(new Parts(scope), cluster.littleLb(List.of("rbac-one-namespace.yaml")));
        create("web", service -> asks(service, "198.18.0.9"));

        awaitIngress("web", "198.18.0.9");
        create("refused", service -> asks(service, "198.18.0.9"));
        awaitTrue(() -> !events("refused").isEmpty());
    }

    @Test
    void aStatusThatSomebodyElseOwnsIsLeftToThem() throws Exception {
        create("web", service -> asks(service, "198.18.0.9"));
        user.services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch("{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"203.0.113.7\"}]}}}");
        start();

        awaitTrue(
                () -> events("web").stream().anyMatch(event -> event.getReason().equals("StatusConflict")));
        assertThat(ingress("web")).containsExactly("203.0.113.7");
        assertThat(ask("198.18.0.9", 80)).as("it is served all the same").isEqualTo("web");

        user.services()
                .inNamespace("default")
                .withName("web")
                .subresource("status")
                .patch("{\"status\":{\"loadBalancer\":null}}");
        awaitIngress("web", "198.18.0.9");
    }

    /** As {@code kubectl get -o yaml}, another name and {@code kubectl apply} make it. */
    @Test
    void aCopyOfAServiceGetsAStatusThoughSomebodyElseHasOurAnnotation() throws Exception {
        start(giving("198.18.0.64-198.18.0.66"));
        create("web", service -> service);
        awaitIngress("web", "198.18.0.64");
        create(
                "copy",
                service -> annotated(
                        service,
                        "littlelb.io/allocated",
                        get("web").getMetadata().getAnnotations().get("littlelb.io/allocated")));

        awaitIngress("copy", "198.18.0.65");
        awaitConflict("copy", "kubectl annotate service copy -n default littlelb.io/allocated-");
        edit(
                "copy",
                service -> new ServiceBuilder(service)
                        .editMetadata()
                        .withAnnotations(null)
                        .endMetadata()
                        .build());

        awaitTrue(() -> Map.of("littlelb.io/allocated", "198.18.0.65")
                .equals(get("copy").getMetadata().getAnnotations()));
    }

    /** As charts render it, and tools apply it. */
    @Test
    void aServiceThatIsAppliedWithEmptyAnnotationsGetsAStatus() throws Exception {
        start();
        String chart = """
                {"kind": "Service", "apiVersion": "v1", "metadata": {"name": "web", "namespace": "default"%s},
                 "spec": {"type": "LoadBalancer", "loadBalancerIP": "198.18.0.9", "ports": [{"name": "http", "port": 80}]}}""";
        apply("web", chart.formatted(", \"annotations\": {}"));

        awaitIngress("web", "198.18.0.9");
        awaitConflict("web", "annotations: {}");
        apply("web", chart.formatted(""));

        awaitTrue(() -> Map.of("littlelb.io/allocated", "198.18.0.9")
                .equals(get("web").getMetadata().getAnnotations()));
    }

    private void awaitConflict(String service, String remedy) {
        awaitTrue(() -> events(service).stream()
                .anyMatch(event -> event.getReason().equals("StatusConflict")
                        && event.getNote().contains(remedy)));
    }

    /** As it is written: the client library would leave out what is empty. */
    private void apply(String name, String json) {
        String path = "api/v1/namespaces/default/services/" + name + "?fieldManager=helm";
        HttpClient http = user.getHttpClient();
        HttpResponse<String> answer = http.sendAsync(
                        http.newHttpRequestBuilder()
                                .uri(user.getMasterUrl() + path)
                                .method("PATCH", "application/apply-patch+yaml", json)
                                .build(),
                        String.class)
                .join();
        assertThat(answer.isSuccessful()).as(answer.body()).isTrue();
    }

    @Test
    void whenAComplaintIsMendedOneEventSaysSo() throws Exception {
        start();
        create("web", service -> asks(service, "203.0.113.9"));
        awaitTrue(() -> reasons("web").equals(List.of("AddressNotInSubnet")));

        edit("web", service -> asks(service, "198.18.0.9"));

        awaitIngress("web", "198.18.0.9");
        awaitTrue(() -> reasons("web").equals(List.of("AddressNotInSubnet", "Served")));
        assertThat(events("web"))
                .filteredOn(event -> event.getReason().equals("Served"))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.getType()).isEqualTo("Normal");
                    assertThat(event.getNote()).contains("serving 198.18.0.9:80");
                });
    }

    @Test
    void theAnnotationForSourceRangesIsHonouredAsTheFieldIs() throws Exception {
        start();
        create(
                "web",
                service -> annotated(
                        asks(service, "198.18.0.9"),
                        "service.beta.kubernetes.io/load-balancer-source-ranges",
                        "203.0.113.0/24"));
        awaitIngress("web", "198.18.0.9");

        assertThat(ask("198.18.0.9", 80)).as("closed without data").isEmpty();
    }

    @Test
    void whileTheApiServerIsAwayEverythingGoesOn() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");

        cluster.goAway();
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
        network.ip("addr del 198.18.0.9/32 dev veth0");
        awaitTrue(() -> addresses().contains("198.18.0.9/32"));

        cluster.comeBack();
        create("second", service -> asks(service, "198.18.0.10"));
        awaitIngress("second", "198.18.0.10");
    }

    /** Each pod is gone as soon as its endpoint is; a real one goes on accepting for a while, which only makes it easier. */
    @Test
    void aRollingUpdateDisturbsNoNewConnection() throws Exception {
        Map<String, TcpServer> pods = new LinkedHashMap<>();
        for (int i = 0; i < 3; i++) {
            pods.put(pod(i), startPod(i));
        }
        slice("web", pods.keySet());
        start(new Parts(ClusterScope.everything(ClusterScope.Mode.ENDPOINTS)));
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");
        AtomicBoolean over = new AtomicBoolean();
        Queue<String> answers = new ConcurrentLinkedQueue<>();
        Thread clients = network.call(() -> {
            Thread thread = new Thread(() -> {
                while (!over.get()) {
                    answers.add(outcome());
                }
            });
            thread.start();
            return thread;
        });

        for (int i = 3; i < 9; i++) {
            String coming = pod(i);
            pods.put(coming, startPod(i));
            slice("web", pods.keySet());
            awaitTrue(() -> answers.contains("pod " + coming));
            String going = pods.keySet().iterator().next();
            TcpServer gone = pods.remove(going);
            slice("web", pods.keySet());
            gone.close();
            int before = answers.size();
            awaitTrue(() -> answers.size() > before + 100);
        }
        over.set(true);
        clients.join();

        List<String> failed =
                answers.stream().filter(answer -> !answer.startsWith("pod ")).toList();
        assertThat(answers).hasSizeGreaterThan(600);
        assertThat(failed).as("of %s connections", answers.size()).isEmpty();
    }

    @Test
    void aSliceThatNamesAPortOfTheHostsProgramsIsNotDialledAndThatIsSaid() throws Exception {
        AtomicBoolean dialled = new AtomicBoolean();
        opened(network.call(() -> TcpServer.start(InetAddresses.forString("198.18.0.1"), 10_250, client -> {
            dialled.set(true);
        })));
        slice("web", "attack", List.of("198.18.0.1"), 10_250);
        start(new Parts(ClusterScope.everything(ClusterScope.Mode.ENDPOINTS)));
        create("web", service -> asks(service, "198.18.0.9"));

        awaitReason("web", "littlelb.io/BackendsAvailable", "BackendNotAllowed");
        awaitTrue(() -> reasons("web").contains("BackendNotAllowed"));
        assertThat(dialled).isFalse();
    }

    private static String outcome() {
        try {
            return Traffic.ask("198.18.0.9", 80);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void whatSecurityAsksForAndMakesNoSenseClosesThePorts() throws Exception {
        start();
        create("web", service -> annotated(asks(service, "198.18.0.9"), "littlelb.io/proxy-protocol", "v9"));

        awaitReason("web", "littlelb.io/Programmed", "InvalidAnnotation");
        assertThat(condition("web", "littlelb.io/Programmed").orElseThrow().getMessage())
                .contains("\"v9\"");
        assertThat(ingress("web")).isEmpty();
    }

    @Test
    void aLaterServiceOfTheSameNameIsAnother() throws Exception {
        start();
        create("web", service -> asks(service, "198.18.0.9"));
        awaitIngress("web", "198.18.0.9");
        String uid = get("web").getMetadata().getUid();

        user.services().inNamespace("default").withName("web").delete();
        create("web", service -> asks(service, "198.18.0.10"));

        assertThat(get("web").getMetadata().getUid()).isNotEqualTo(uid);
        assertThat(ingress("web")).doesNotContain("198.18.0.9");
        awaitIngress("web", "198.18.0.10");
        assertThat(get("web").getMetadata().getAnnotations()).containsEntry("littlelb.io/allocated", "198.18.0.10");
        awaitTrue(() -> !addresses().contains("198.18.0.9/"));
    }

    @Test
    void aPortOfAnotherProtocolIsToldAndTheOthersAreServed() throws Exception {
        start();
        create(
                "web",
                service -> new ServiceBuilder(asks(service, "198.18.0.9"))
                        .editSpec()
                        .addNewPort()
                        .withName("sctp")
                        .withProtocol("SCTP")
                        .withPort(9_999)
                        .endPort()
                        .endSpec()
                        .build());

        awaitIngress("web", "198.18.0.9");
        assertThat(ask("198.18.0.9", 80)).isEqualTo("web");
        assertThat(condition("web", "LoadBalancerPortsError").orElseThrow().getReason())
                .isEqualTo("ProtocolNotSupported");
        assertThat(get("web").getStatus().getLoadBalancer().getIngress().get(0).getPorts())
                .filteredOn(port -> port.getPort() == 9_999)
                .singleElement()
                .satisfies(port -> assertThat(port.getError()).isEqualTo("ProtocolNotSupported"));
    }
}
