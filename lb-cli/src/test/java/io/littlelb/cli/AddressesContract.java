package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.annotated;
import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static io.littlelb.cli.ClusterWorld.dualStack;
import static io.littlelb.cli.ClusterWorld.giving;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which Service has which address, on any API server. */
interface AddressesContract {
    @Test
    default void servesAServiceWithoutARequestOnTheLinksOwnAddress(ClusterWorld world) throws Exception {
        String before = world.addresses();
        world.start();
        world.create("web", service -> service);

        world.awaitIngress("web", "198.18.0.1");
        assertThat(world.ask("198.18.0.1", 80)).isEqualTo("web");
        LoadBalancerIngress ingress =
                world.get("web").getStatus().getLoadBalancer().getIngress().get(0);
        assertThat(ingress.getIpMode()).isEqualTo("Proxy");
        assertThat(ingress.getPorts())
                .singleElement()
                .satisfies(
                        port -> assertThat(port.getPort() + port.getProtocol()).isEqualTo("80TCP"));
        assertThat(world.conditions("web"))
                .containsExactly(
                        "littlelb.io/Allocated=True Allocated: 198.18.0.1 (the address of link veth0)",
                        "littlelb.io/Programmed=True Programmed: serving 198.18.0.1:80",
                        "littlelb.io/BackendsAvailable=True BackendsAvailable: every port has a backend");
        assertThat(world.addresses()).isEqualTo(before);
    }

    @Test
    default void servesARequestedAddressUntilTheServiceIsDeleted(ClusterWorld world) throws Exception {
        String before = world.addresses();
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));

        world.awaitIngress("web", "198.18.0.9");
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
        assertThat(world.addresses()).contains("198.18.0.9/32 scope global");

        world.user.services().inNamespace("default").withName("web").delete();
        awaitTrue(() -> world.addresses().equals(before));
    }

    @Test
    default void servesBothFamilies(ClusterWorld world) throws Exception {
        world.start();
        world.create(
                "web",
                service -> dualStack(
                        annotated(service, "littlelb.io/addresses", "198.18.0.9,2001:db8::9"), "RequireDualStack"));

        world.awaitIngress("web", "198.18.0.9", "2001:db8::9");
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
        assertThat(world.ask("2001:db8::9", 80)).isEqualTo("web over IPv6");
    }

    @Test
    default void readsTheAnnotationThatOtherLoadBalancersUse(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> annotated(service, "metallb.io/loadBalancerIPs", "198.18.0.9"));

        world.awaitIngress("web", "198.18.0.9");
    }

    @Test
    default void followsEveryChangeOfTheAddress(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        world.edit("web", service -> asks(service, "198.18.0.10"));
        world.awaitIngress("web", "198.18.0.10");
        awaitTrue(() -> !world.addresses().contains("198.18.0.9/"));
        assertThat(world.ask("198.18.0.10", 80)).isEqualTo("web");

        world.edit("web", service -> asks(service, "203.0.113.9"));
        world.awaitReason("web", "littlelb.io/Allocated", "AddressNotInSubnet");
        awaitTrue(() -> !world.addresses().contains("198.18.0.10/"));
        awaitTrue(() -> world.ingress("web").isEmpty());
    }

    @Test
    default void refusesTheSecondWhoAsksForAnAddressAndServesItWhenTheFirstHasGone(ClusterWorld world)
            throws Exception {
        world.start();
        world.create("first", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("first", "198.18.0.9");
        world.create("second", service -> asks(service, "198.18.0.9", 8080));

        world.awaitReason("second", "littlelb.io/Allocated", "AddressInUse");
        awaitTrue(() -> !world.events("second").isEmpty());
        assertThat(world.events("second")).singleElement().satisfies(event -> {
            assertThat(event.getReason()).isEqualTo("AddressInUse");
            assertThat(event.getType()).isEqualTo("Warning");
            assertThat(event.getNote()).contains("198.18.0.9").contains("default/first");
        });
        assertThat(world.ingress("second")).isEmpty();
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("first");

        world.user.services().inNamespace("default").withName("first").delete();
        world.awaitIngress("second", "198.18.0.9");
        assertThat(world.ask("198.18.0.9", 8080)).isEqualTo("second");
    }

    @Test
    default void refusesTheSecondWhoWantsAPortOfTheLinksAddress(ClusterWorld world) throws Exception {
        world.start();
        world.create("first", service -> service);
        world.awaitIngress("first", "198.18.0.1");
        world.create("second", service -> service);

        world.awaitReason("second", "littlelb.io/Allocated", "PortInUse");
        assertThat(world.condition("second", "littlelb.io/Allocated")
                        .orElseThrow()
                        .getMessage())
                .contains("default/first");
        assertThat(world.ingress("first")).containsExactly("198.18.0.1");
    }

    @Test
    default void aServiceThatTurnsDualStackGetsTheOtherFamilyAsWell(ClusterWorld world) throws Exception {
        world.start(giving("198.18.0.64/30", "2001:db8::40/126"));
        world.create("web", service -> service);
        world.awaitIngress("web", "198.18.0.64");

        world.edit("web", service -> dualStack(service, "RequireDualStack"));

        world.awaitIngress("web", "198.18.0.64", "2001:db8::40");
        assertThat(world.ask("2001:db8::40", 80)).isEqualTo("web over IPv6");
        assertThat(world.ask("198.18.0.64", 80)).isEqualTo("web");
    }

    @Test
    default void aFamilyThatIsOnlyPreferredIsNotMissed(ClusterWorld world) throws Exception {
        world.start(giving("198.18.0.64/30"));
        world.create("web", service -> dualStack(service, "PreferDualStack"));

        world.awaitIngress("web", "198.18.0.64");
        assertThat(world.conditions("web")).contains("littlelb.io/Allocated=True Allocated: 198.18.0.64");
    }

    @Test
    default void badInputIsToldOnTheServiceAndDisturbsNobody(ClusterWorld world) throws Exception {
        world.network.ip("route add default via 198.18.0.254");
        world.node("node-2", Map.of(), "198.18.0.21");
        world.start();
        world.create("good", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("good", "198.18.0.9");
        String before = world.addresses();

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
            world.create(name, service -> asks(service, bad.getKey(), 1_080));
            world.awaitReason(name, "littlelb.io/Allocated", bad.getValue());
            world.user.services().inNamespace("default").withName(name).delete();
        }
        world.create(
                "both", service -> annotated(asks(service, "198.18.0.10"), "littlelb.io/addresses", "198.18.0.11"));
        world.awaitReason("both", "littlelb.io/Allocated", "ConflictingRequest");

        assertThat(world.addresses()).isEqualTo(before);
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("good");
    }

    @Test
    default void leavesServicesOfOtherTypesAndClassesAlone(ClusterWorld world) throws Exception {
        world.start();
        world.create(
                "theirs",
                service -> new ServiceBuilder(asks(service, "198.18.0.9"))
                        .editSpec()
                        .withLoadBalancerClass("example.com/other")
                        .endSpec()
                        .build());
        world.create(
                "inner",
                service -> new ServiceBuilder(service)
                        .editSpec()
                        .withType("ClusterIP")
                        .endSpec()
                        .build());
        world.create("ours", service -> service);

        world.awaitIngress("ours", "198.18.0.1");
        for (String name : List.of("theirs", "inner")) {
            assertThat(world.get(name).getStatus().getConditions()).isEmpty();
            assertThat(world.ingress(name)).isEmpty();
            assertThat(world.events(name)).isEmpty();
        }
        assertThat(world.addresses()).doesNotContain("198.18.0.9/");
    }

    @Test
    default void aLaterServiceOfTheSameNameIsAnother(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");
        String uid = world.get("web").getMetadata().getUid();

        world.user.services().inNamespace("default").withName("web").delete();
        world.create("web", service -> asks(service, "198.18.0.10"));

        assertThat(world.get("web").getMetadata().getUid()).isNotEqualTo(uid);
        assertThat(world.ingress("web")).doesNotContain("198.18.0.9");
        world.awaitIngress("web", "198.18.0.10");
        assertThat(world.get("web").getMetadata().getAnnotations())
                .containsEntry("littlelb.io/allocated", "198.18.0.10");
        awaitTrue(() -> !world.addresses().contains("198.18.0.9/"));
    }

    /** As kubelet and cloud providers do with all that they see on the node's links. */
    @Test
    default void anAddressOfOursThatANodeTellsOfStaysOurs(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        world.node("node-2", Map.of(), "127.0.0.1", "198.18.0.9");
        world.create("other", service -> asks(service, "198.18.0.10"));
        world.awaitIngress("other", "198.18.0.10"); // so the node has been looked at

        assertThat(world.condition("web", "littlelb.io/Allocated").orElseThrow().getStatus())
                .isEqualTo("True");
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
    }
}
