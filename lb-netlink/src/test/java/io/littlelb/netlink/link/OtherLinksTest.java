package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.port.AddressManager;
import io.littlelb.netlink.arp.ConflictProbing;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a link knows of the rest of its host. */
@ExtendWith(InNetworkNamespace.class)
class OtherLinksTest {
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private NetworkNamespace network;

    @BeforeEach
    void makeTwoLinks(NetworkNamespace home) {
        network = home;
        for (String link : List.of("veth0", "veth2")) {
            network.ip("link add " + link + " type veth peer name " + link + "-peer");
            network.ip("link set " + link + " up");
            network.ip("link set " + link + "-peer up");
        }
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
        network.ip("addr add 2001:db8::1/64 dev veth0 nodad");
    }

    @AfterEach
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.5/24, veth2",
        "2001:db8::5/64 nodad, veth2",
        "198.18.0.5/32, lo",
        "2001:db8::5/128, lo",
        "198.18.0.5/32 scope host, lo",
        "198.18.0.5 peer 192.0.2.1/32, veth2"
    })
    void knowsWhatOtherLinksHaveAsItComesAndGoes(String address, String link) throws Exception {
        AddressManager manager = open("veth0");
        AtomicInteger told = new AtomicInteger();
        manager.onChange(told::incrementAndGet);
        InetAddress ip = ip(address.split("[/ ]", 2)[0]);
        assertThat(manager.link().isElsewhere(ip)).isFalse();

        network.ip("addr add " + address + " dev " + link);
        await().until(() -> manager.link().isElsewhere(ip));
        assertThat(told).as("a reason for a pass").hasPositiveValue();

        network.ip("addr del " + address.replace(" nodad", "") + " dev " + link);
        await().until(() -> !manager.link().isElsewhere(ip));
    }

    @Test
    void loopbackAndLinkLocalAddressesAreNotElsewhere() throws Exception {
        network.ip("addr add fe80::5/64 dev veth2 nodad");
        network.ip("addr add 169.254.1.1/16 dev veth2");
        network.ip("addr add 198.18.0.5/24 dev veth2");

        assertThat(open("veth0").link().host().addresses()).containsExactly(ip("198.18.0.5"));
    }

    @Test
    void whatTheHostHasOnTheLinkItselfAsWellIsItsOwnThere() throws Exception {
        network.ip("addr add 198.18.0.1/32 dev lo");

        AddressManager manager = open("veth0");

        assertThat(manager.link().isElsewhere(ip("198.18.0.1"))).isFalse();
        assertThat(manager.link().isHosts(ip("198.18.0.1"))).isTrue();
    }

    /** It puts there what we have published, and would have us take it back for that. */
    @Test
    void whatKubeProxyHasOnItsLinkOfServicesIsNotTheHosts() throws Exception {
        network.ip("link add kube-ipvs0 type bridge");
        network.ip("addr add 198.18.0.9/32 dev kube-ipvs0");
        network.ip("addr add 198.18.0.5/32 dev veth2");

        assertThat(open("veth0").link().host().addresses()).containsExactly(ip("198.18.0.5"));
    }

    @ParameterizedTest
    @CsvSource({"198.18.0.9/32", "2001:db8::9/128"})
    void anAddressThatTwoInstancesHavePutOnTheirLinksAtOnceIsElsewhereForOneOfThem(String text) throws Exception {
        network.ip("addr add 198.18.0.2/24 brd + dev veth2");
        network.ip("addr add 2001:db8::2/64 dev veth2 nodad");
        AddressManager first = open("veth0");
        AddressManager second = open("veth2");
        Cidr address = Cidr.parse(text).orElseThrow();

        first.add(address);
        second.add(address);

        await().until(() -> isPresent(first, address) && second.link().isElsewhere(address.address()));
        await().until(() -> second.link().isElsewhere(address.address()));
        assertThat(first.link().isElsewhere(address.address())).isFalse();
        second.remove(address);
        await().until(() -> !isPresent(second, address));
        assertThat(second.link().isElsewhere(address.address())).isTrue();
        first.remove(address);
        await().until(() -> !second.link().isElsewhere(address.address()));
    }

    @Test
    void tellsOfPortsOnWhichProgramsOfTheHostListenOnAllAddresses() throws Exception {
        try (ServerSocket onAll = new ServerSocket(0);
                ServerSocket onOne = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket ofNoConcern = new ServerSocket(0)) {
            LinkConfig config = LinkConfig.DEFAULT.withWatchedPorts(ImmutableRangeSet.unionOf(
                    List.of(Range.singleton(onAll.getLocalPort()), Range.singleton(onOne.getLocalPort()))));
            AddressManager manager = opened(RtnetlinkAddressManager.open("veth0", config));

            assertThat(ofNoConcern.isBound()).isTrue();
            assertThat(manager.link().host().ports()).containsExactly(onAll.getLocalPort());
        }
    }

    private static boolean isPresent(AddressManager manager, Cidr address) {
        return manager.addresses().stream()
                .anyMatch(status -> status.cidr().equals(address)
                        && status.owned()
                        && status.state() == AddressStatus.State.PRESENT);
    }

    private static InetAddress ip(String text) {
        return Addresses.parse(text).orElseThrow();
    }

    private AddressManager open(String link) throws Exception {
        return opened(RtnetlinkAddressManager.open(link, LinkConfig.DEFAULT.withProbing(ConflictProbing.OFF)));
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }
}
