package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.testkit.net.NetworkNamespace;
import org.junit.jupiter.api.Test;

/** When the world fails: the link, the network, the API server. */
interface FailuresContract {
    @Test
    default void anAddressThatIsRemovedByHandComesBack(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        world.network.ip("addr del 198.18.0.9/32 dev veth0");

        awaitTrue(() -> world.addresses().contains("198.18.0.9/32"));
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
    }

    @Test
    default void anAddressThatIsRemovedWheneverItComesComesBackAndThatIsSaid(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        for (int i = 0; i < 3; i++) {
            awaitTrue(() -> world.addresses().contains("198.18.0.9/32"));
            world.network.ip("addr del 198.18.0.9/32 dev veth0");
        }

        world.awaitReason("web", "littlelb.io/Programmed", "AddressRemoved");
        awaitTrue(() ->
                world.events("web").stream().anyMatch(event -> event.getReason().equals("AddressRemoved")));
        awaitTrue(() -> world.addresses().contains("198.18.0.9/32"));
        world.awaitIngress("web", "198.18.0.9");
    }

    @Test
    default void aLinkThatGoesAwayFreezesWhatIsAllocated(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        world.network.ip("link set veth0 down");
        world.awaitReason("web", "littlelb.io/Programmed", "LinkNotReady");
        assertThat(world.condition("web", "littlelb.io/Allocated").orElseThrow().getStatus())
                .isEqualTo("True");

        world.network.ip("link set veth0 up");
        awaitTrue(() -> world.condition("web", "littlelb.io/Programmed")
                .orElseThrow()
                .getStatus()
                .equals("True"));
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
    }

    @Test
    default void anAddressThatAnotherHostHasIsAConflictUntilThatHasGone(ClusterWorld world) throws Exception {
        try (NetworkNamespace other = NetworkNamespace.create()) {
            world.network.ip("link set veth1 netns " + other.threadId());
            other.ip("link set veth1 address 02:00:00:00:00:77 up");
            other.ip("addr add 198.18.0.9/24 dev veth1");
            world.start();
            world.create("web", service -> asks(service, "198.18.0.9"));

            world.awaitReason("web", "littlelb.io/Programmed", "AddressConflict");
            awaitTrue(() -> !world.events("web").isEmpty());
            assertThat(world.events("web")).singleElement().satisfies(event -> {
                assertThat(event.getReason()).isEqualTo("AddressConflict");
                assertThat(event.getNote()).contains("02:00:00:00:00:77").contains("strictARP");
            });
            assertThat(world.ingress("web")).isEmpty();
            assertThat(world.addresses()).doesNotContain("198.18.0.9/");

            other.ip("addr del 198.18.0.9/24 dev veth1");
            world.awaitIngress("web", "198.18.0.9");
            assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
        }
    }

    @Test
    default void whileTheApiServerIsAwayEverythingGoesOn(ClusterWorld world) throws Exception {
        world.start();
        world.create("web", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("web", "198.18.0.9");

        world.cluster.goAway();
        assertThat(world.ask("198.18.0.9", 80)).isEqualTo("web");
        world.network.ip("addr del 198.18.0.9/32 dev veth0");
        awaitTrue(() -> world.addresses().contains("198.18.0.9/32"));

        world.cluster.comeBack();
        world.create("second", service -> asks(service, "198.18.0.10"));
        world.awaitIngress("second", "198.18.0.10");
    }
}
