package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.netlink.arp.ConflictProbing;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens to the host's own addresses, ours never stand before them: after every step there is the route to the subnet, the host's own
 * connections come from its own address, and it can talk to its peer. The lengths are the one that the core asks for, and that of the subnet.
 */
@ExtendWith(InNetworkNamespace.class)
class HostFirstTest {
    private static final String PEER = "198.18.7.9";
    private static final String PEER_6 = "2001:db8::9";

    private final NetworkNamespace other = NetworkNamespace.create();
    private final List<Cidr> ours = new ArrayList<>();
    private NetworkNamespace home;
    private RtnetlinkAddressManager manager;
    private TcpServer peer;
    private TcpServer peer6;

    @BeforeEach
    void connect(NetworkNamespace network) throws Exception {
        home = network;
        home.connect("lan", other, "lan");
        promoteSecondaries(1); // as systemd has it
        home.ip("addr add 198.18.7.2/24 brd + dev lan");
        home.ip("addr add 2001:db8::2/64 dev lan nodad");
        other.ip("addr add 198.18.7.9/24 brd + dev lan");
        other.ip("addr add 198.18.8.9/24 brd + dev lan");
        other.ip("addr add 2001:db8::9/64 dev lan nodad");
        peer = other.call(() -> TcpServer.start(ip(PEER), 0, TcpServer.greeting("peer")));
        peer6 = other.call(() -> TcpServer.start(ip(PEER_6), 0, TcpServer.greeting("peer")));
        open();
    }

    private void open() throws IOException {
        manager = home.call(() -> RtnetlinkAddressManager.open(
                "lan",
                LinkConfig.DEFAULT.withProbing(ConflictProbing.OFF))); // what is asked of the LAN is tested elsewhere
    }

    @AfterEach
    void close() throws IOException {
        manager.close();
        peer.close();
        peer6.close();
        other.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 24})
    void anAddressThatIsRemovedAndAddedAgain(int length) {
        addOurs(length);

        home.ip("addr del 198.18.7.2/24 dev lan");
        home.ip("addr add 198.18.7.2/24 brd + dev lan");

        awaitTheHostAsBefore("198.18.7.2");
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 24})
    void anAddressThatComesBackAfterOursWereSeenAlone(int length) {
        addOurs(length);

        home.ip("addr del 198.18.7.2/24 dev lan");
        await().until(() -> manager.link().primary(Family.IPV4).isEmpty());
        home.ip("addr add 198.18.7.2/24 brd + dev lan");

        awaitTheHostAsBefore("198.18.7.2");
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 24})
    void aLeaseOfAnotherAddressOfTheSubnet(int length) {
        addOurs(length);

        home.ip("addr add 198.18.7.3/24 brd + dev lan");
        home.ip("addr del 198.18.7.2/24 dev lan");

        awaitTheHostAsBefore("198.18.7.3");
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 24})
    void aMoveToAnotherSubnetAndBack(int length) {
        addOurs(length);

        home.ip("addr del 198.18.7.2/24 dev lan");
        home.ip("addr add 198.18.8.2/24 brd + dev lan");
        await().pollInSameThread().untilAsserted(() -> {
            assertThat(routes("198.18.8.0/24")).singleElement().asString().contains("src 198.18.8.2");
            assertThat(source("198.18.8.9")).isEqualTo("198.18.8.2");
            assertThat(source("224.1.1.1")).isEqualTo("198.18.8.2");
        });
        home.ip("addr add 198.18.7.2/24 brd + dev lan");
        home.ip("addr del 198.18.8.2/24 dev lan");

        awaitTheHostAsBefore("198.18.7.2");
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 24})
    void aLinkThatGoesDownAndComesBack(int length) {
        addOurs(length);

        home.ip("link set lan down");
        home.ip("link set lan up");

        awaitTheHostAsBefore("198.18.7.2");
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 24})
    void oursRemovedByAnotherProgram(int length) {
        addOurs(length);

        home.ip("addr flush dev lan to 198.18.7.96/27");
        ours.forEach(cidr -> await().until(() -> status(cidr).isEmpty()));
        assertTheHostAsBefore("198.18.7.2");
        ours.forEach(this::add);

        awaitTheHostAsBefore("198.18.7.2");
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 24})
    void aHostThatComesAfterOurs(int length) throws Exception {
        addOurs(length);
        manager.close();
        home.ip("addr del 198.18.7.2/24 dev lan");
        home.ip("addr add 198.18.7.2/24 brd + dev lan");

        open();

        awaitTheHostAsBefore("198.18.7.2");
        assertThat(manager.addresses()).filteredOn(AddressStatus::owned).hasSize(ours.size());
    }

    @Test
    void whatAnEarlierVersionLeftInTheHostsWayIsMendedAndReplacedWithoutAMomentWithoutIt() throws Exception {
        addOurs(24);
        manager.close();
        home.ip("addr del 198.18.7.2/24 dev lan");
        home.ip("addr add 198.18.7.2/24 brd + dev lan"); // no route to the subnet now
        promoteSecondaries(0);
        List<Cidr> earlier = List.copyOf(ours);
        ours.clear();
        open();

        for (Cidr cidr : earlier) {
            manager.remove(cidr); // in either order
            add(new Cidr(cidr.address(), 32));
        }

        earlier.forEach(cidr -> await().until(() -> status(cidr).isEmpty()));
        awaitTheHostAsBefore("198.18.7.2");
        assertThat(home.ip("-o -4 addr show dev lan scope global").lines()).hasSize(1 + ours.size());
    }

    @Test
    void aConnectionGoesOnWhileItsAddressIsPutBehindTheHosts() throws Exception {
        addOurs(32);
        try (TcpServer echo = home.call(() -> TcpServer.start(ours.get(0).address(), 0, TcpServer.echo()));
                Socket client = other.call(() -> new Socket(ours.get(0).address(), echo.port()))) {
            for (int i = 0; i < 10; i++) {
                home.ip("addr del 198.18.7.2/24 dev lan");
                home.ip("addr add 198.18.7.2/24 brd + dev lan");
                awaitTheHostAsBefore("198.18.7.2");
                client.getOutputStream().write(i);
                assertThat(client.getInputStream().read()).isEqualTo(i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 64})
    void theSameOfIpv6(int length) {
        Cidr our = cidr("2001:db8::101/" + length);
        add(our);
        assertTheHostAsBefore6("2001:db8::2");

        home.ip("addr del 2001:db8::2/64 dev lan");
        home.ip("addr add 2001:db8::2/64 dev lan nodad");
        awaitTheHostAsBefore6("2001:db8::2");

        home.ip("addr add 2001:db8::3/64 dev lan nodad");
        home.ip("addr del 2001:db8::2/64 dev lan");
        awaitTheHostAsBefore6("2001:db8::3");

        home.ip("link set lan down"); // which takes all of them away
        home.ip("link set lan up");
        home.ip("addr add 2001:db8::2/64 dev lan nodad");
        await().until(() -> status(our).isEmpty());
        add(our);
        awaitTheHostAsBefore6("2001:db8::2");
    }

    @Test
    void anAddressOfOursKeepsNoRouteOfTheHostsThatHasGone() {
        add(cidr("2001:db8::101/128"));

        home.ip("addr del 2001:db8::2/64 dev lan");

        assertThat(home.ip("-6 route show dev lan")).doesNotContain("2001:db8::/64");
    }

    @Test
    void aPrivacyAddressStaysTheHostsSource() {
        home.execute(List.of("sh", "-c", "echo 2 > /proc/sys/net/ipv6/conf/lan/use_tempaddr"));
        home.ip("addr del 2001:db8::2/64 dev lan");
        home.ip("addr add 2001:db8::2/64 dev lan nodad mngtmpaddr");
        await().pollInSameThread()
                .until(() -> home.ip("-6 addr show dev lan")
                        .lines()
                        .anyMatch(line -> line.contains("temporary") && !line.contains("tentative")));
        String temporary = source(PEER_6);
        assertThat(temporary).isNotEqualTo("2001:db8::2");

        add(cidr("2001:db8::101/128"));

        assertThat(source(PEER_6)).isEqualTo(temporary);
        assertThat(manager.link().primary(Family.IPV6)).contains(cidr("2001:db8::2/64"));
    }

    private void addOurs(int length) {
        for (int i = 0; i < 3; i++) {
            add(cidr("198.18.7." + (101 + i) + "/" + length));
        }
        assertTheHostAsBefore("198.18.7.2");
    }

    private void add(Cidr cidr) {
        if (!ours.contains(cidr)) {
            ours.add(cidr);
        }
        manager.add(cidr);
        await().untilAsserted(
                        () -> assertThat(status(cidr).map(AddressStatus::state)).contains(AddressStatus.State.PRESENT));
    }

    private Optional<AddressStatus> status(Cidr cidr) {
        return manager.addresses().stream()
                .filter(status -> status.cidr().equals(cidr))
                .findFirst();
    }

    private void awaitTheHostAsBefore(String host) {
        await().atMost(Duration.ofSeconds(5)) // sooner than by a look that comes anyway
                .pollInSameThread()
                .untilAsserted(() -> assertTheHostAsBefore(host));
        assertThat(talk(PEER, peer)).isEqualTo(host);
    }

    private void assertTheHostAsBefore(String host) {
        assertThat(routes("198.18.7.0/24")).singleElement().asString().contains("src " + host);
        assertThat(source(PEER)).isEqualTo(host);
        home.ip("route replace 192.0.2.0/24 dev lan");
        assertThat(source("192.0.2.1")).as("by a route without a gateway").isEqualTo(host);
        assertThat(source("224.1.1.1")).isEqualTo(host);
        assertThat(home.ip("-o -4 addr show dev lan scope global"))
                .contains(host + "/24")
                .doesNotContain(host + "/24 brd 198.18.7.255 scope global secondary");
    }

    private void awaitTheHostAsBefore6(String host) {
        await().pollInSameThread().untilAsserted(() -> assertTheHostAsBefore6(host));
        assertThat(talk(PEER_6, peer6)).isEqualTo(host);
    }

    private void assertTheHostAsBefore6(String host) {
        assertThat(routes("2001:db8::/64")).hasSize(1);
        assertThat(source(PEER_6)).isEqualTo(host);
    }

    /** Has the host connect to its peer; returns from which address it did. */
    private String talk(String ip, TcpServer server) {
        return home.call(() -> {
            try (Socket socket = new Socket(ip, server.port())) {
                assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("peer");
                return Addresses.print(socket.getLocalAddress());
            }
        });
    }

    private List<String> routes(String subnet) {
        String family = subnet.contains(":") ? "-6" : "-4";
        return home.ip(family + " route show dev lan")
                .lines()
                .filter(route -> route.startsWith(subnet))
                .toList();
    }

    /** Which address the kernel chooses; empty when there is no way. */
    private String source(String destination) {
        String route =
                home.execute(List.of("sh", "-c", "ip route get " + destination + " oif lan 2>/dev/null || true"));
        int at = route.indexOf("src ");
        return at < 0 ? "" : route.substring(at + 4).split(" ", 2)[0];
    }

    private void promoteSecondaries(int value) {
        home.execute(List.of(
                "sh",
                "-c",
                "cd /proc/sys/net/ipv4/conf && echo " + value
                        + " | tee all/promote_secondaries lan/promote_secondaries"));
    }

    private static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }

    private static InetAddress ip(String text) {
        return Addresses.parse(text).orElseThrow();
    }
}
