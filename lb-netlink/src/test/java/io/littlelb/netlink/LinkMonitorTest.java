package io.littlelb.netlink;

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
        try (LinkMonitor monitor = LinkMonitor.open()) {
            assertThat(monitor.drain()).as("nothing has happened").isFalse();

            network.ip("addr add 198.18.0.9/24 dev veth0");
            assertThat(monitor.drain()).isTrue();
            network.ip("link set veth0 mtu 1400");
            assertThat(monitor.drain()).isTrue();
            network.ip("route add default dev veth0");
            assertThat(monitor.drain()).isTrue();

            network.ip("route add 192.0.2.0/24 dev veth0");
            assertThat(monitor.drain())
                    .as("a route that is not the default one")
                    .isFalse();
        }
    }

    @Test
    void whatWasLostIsAReasonToLookAgainOnce(NetworkNamespace network) throws Exception {
        try (LinkMonitor monitor = LinkMonitor.open(1)) { // the kernel makes it as much as it must: a few messages
            for (int i = 1; i <= 100; i++) {
                network.ip("route add 192.0.2." + i + "/32 dev veth0"); // none of them is a reason by itself
            }

            assertThat(monitor.drain()).isTrue();
            assertThat(monitor.drain()).isFalse();
        }
    }
}
