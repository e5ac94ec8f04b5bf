package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.annotated;
import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static io.littlelb.cli.ClusterWorld.giving;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who holds an address keeps it, across restarts too, on any API server. */
interface HoldersContract {
    @Test
    default void givesAddressesOfAPoolUntilItIsUsedUpAndAgainWhenOneIsFree(ClusterWorld world) throws Exception {
        world.start(giving("198.18.0.64-198.18.0.65"));
        world.create("first", service -> service);
        world.awaitIngress("first", "198.18.0.64");
        world.create("second", service -> service);
        world.awaitIngress("second", "198.18.0.65");
        world.create("third", service -> service);
        world.awaitReason("third", "littlelb.io/Allocated", "PoolExhausted");
        assertThat(world.ask("198.18.0.65", 80)).isEqualTo("second");

        world.user.services().inNamespace("default").withName("first").delete();

        world.awaitIngress("third", "198.18.0.64");
        assertThat(world.ingress("second")).containsExactly("198.18.0.65");
    }

    @Test
    default void whatAPoolGaveIsKeptAcrossARestart(ClusterWorld world) throws Exception {
        world.start(giving("198.18.0.64-198.18.0.66"));
        world.create("zeta", service -> service);
        world.awaitIngress("zeta", "198.18.0.64");
        world.create("alpha", service -> service);
        world.awaitIngress("alpha", "198.18.0.65");
        world.loadBalancer.close();

        world.start(giving("198.18.0.64-198.18.0.66"));

        world.awaitIngress("zeta", "198.18.0.64");
        world.awaitIngress("alpha", "198.18.0.65");
    }

    @Test
    default void theHolderKeepsItsAddressAcrossARestart(ClusterWorld world) throws Exception {
        world.start();
        world.create("zeta", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("zeta", "198.18.0.9");
        world.loadBalancer.close();
        world.create("alpha", service -> asks(service, "198.18.0.9"));

        world.start();

        world.awaitIngress("zeta", "198.18.0.9");
        world.awaitReason("alpha", "littlelb.io/Allocated", "AddressInUse");
    }

    /** Both tenants may write Services, and neither their statuses; the thief's Service is the older one. */
    @Test
    default void whoAnnotatesHisServiceWithAnAddressOfAnotherDoesNotGetItByARestart(ClusterWorld world)
            throws Exception {
        world.start(giving("198.18.0.64-198.18.0.66"));
        world.create("thief", service -> service);
        world.awaitIngress("thief", "198.18.0.64");
        world.create("holder", service -> service);
        world.awaitIngress("holder", "198.18.0.65");
        world.loadBalancer.close();
        world.edit("thief", service -> annotated(service, "littlelb.io/allocated", "198.18.0.65"));
        world.create("late", service -> annotated(service, "littlelb.io/allocated", "198.18.0.65"));

        world.start(giving("198.18.0.64-198.18.0.66"));

        world.awaitIngress("holder", "198.18.0.65");
        awaitTrue(() ->
                world.ingress("thief").size() == 1 && world.ingress("late").size() == 1);
        assertThat(world.ask("198.18.0.65", 80)).isEqualTo("holder");
    }
}
