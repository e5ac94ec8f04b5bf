package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the kernel says when nobody has asked. */
@ExtendWith(InNetworkNamespace.class)
class LinkMonitorTest {
    @BeforeEach
    void makeALink(NetworkNamespace network) {
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("addr add 198.18.0.1/24 dev veth0");
    }

    @Test
    void hearsOfAddressesLinksAndDefaultRoutesOnly(NetworkNamespace network) throws Exception {
        try (LinkMonitor monitor = LinkMonitor.open("veth0")) {
            assertThat(monitor.drain().lookAgain()).as("nothing has happened").isFalse();

            network.ip("addr add 198.18.0.9/24 dev veth0");
            assertThat(monitor.drain().lookAgain()).isTrue();
            network.ip("link set veth0 mtu 1400");
            assertThat(monitor.drain().lookAgain()).isTrue();
            network.ip("route add default dev veth0");
            assertThat(monitor.drain().lookAgain()).isTrue();

            network.ip("route add 192.0.2.0/24 dev veth0");
            assertThat(monitor.drain().lookAgain())
                    .as("a route that is not the default one")
                    .isFalse();
        }
    }

    @Test
    void tellsWhetherTheLinkWasDownForAMomentAndWhetherRoutesMayHaveChanged(NetworkNamespace network) throws Exception {
        try (LinkMonitor monitor = LinkMonitor.open("veth0")) {
            network.ip("route add default dev veth0");
            network.ip("link set lo down");
            assertThat(monitor.drain()).isEqualTo(new LinkMonitor.News(true, true, false));

            network.ip("link set veth0 down");
            network.ip("link set veth0 up");
            assertThat(monitor.drain().linkWasDown()).isTrue();
            network.ip("addr add 198.18.0.9/24 dev veth0");
            assertThat(monitor.drain()).isEqualTo(new LinkMonitor.News(true, false, false));
        }
    }

    @Test
    void whatWasLostIsAReasonToLookAgainOnce(NetworkNamespace network) throws Exception {
        try (LinkMonitor monitor =
                LinkMonitor.open("veth0", 1)) { // the kernel makes it as much as it must: a few messages
            for (int i = 1; i <= 100; i++) {
                network.ip("route add 192.0.2." + i + "/32 dev veth0"); // none of them is a reason by itself
            }

            assertThat(monitor.drain().lookAgain()).isTrue();
            assertThat(monitor.drain().lookAgain()).isFalse();
        }
    }
}
