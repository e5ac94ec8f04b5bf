package io.littlelb.netlink.link;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Link;
import io.littlelb.core.port.AddressManager;
import io.littlelb.netlink.arp.ConflictProbing;
import io.littlelb.netlink.rtnetlink.RtnetlinkConnection;
import io.littlelb.testkit.contract.AddressManagerContract;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the real kernel; what we claim is checked with {@code ip}. */
@ExtendWith(InNetworkNamespace.class)
class RtnetlinkAddressManagerTest extends AddressManagerContract {
    private static final Cidr ADDRESS = cidr("198.18.0.9/24");

    private NetworkNamespace network;
    private RtnetlinkAddressManager manager;
    private Optional<NetworkNamespace> rival = Optional.empty();

    @BeforeEach
    void makeALink(NetworkNamespace home) throws Exception {
        network = home;
        ip("link add veth0 type veth peer name veth1");
        ip("link set veth0 up");
        ip("link set veth1 up");
        ip("addr add 198.18.0.1/24 brd + dev veth0");
        ip("addr add 2001:db8::1/64 dev veth0 nodad");
        setPromoteSecondaries("0");
        manager = RtnetlinkAddressManager.open("veth0");
    }

    @AfterEach
    void stop() {
        manager.close();
        rival.ifPresent(NetworkNamespace::close);
    }

    @Override
    protected AddressManager manager() {
        return manager;
    }

    @Override
    protected void putForeign(Cidr address) {
        ip("addr add " + address + " dev veth0" + (address.family() == Family.IPV6 ? " nodad" : ""));
    }

    @Override
    protected void removeByStranger(Cidr address) {
        ip("addr del " + address + " dev veth0");
    }

    @Override
    protected void leaveFromEarlier(Cidr address) throws Exception {
        add(address);
        manager.close();
        manager = RtnetlinkAddressManager.open("veth0");
    }

    @Override
    protected void refuse() {
        ip("link set veth0 mtu 1000"); // too small for IPv6
    }

    @Override
    protected void allow() {
        ip("link set veth0 mtu 1500");
    }

    @Override
    protected void startRival(Cidr address) {
        rival = Optional.of(NetworkNamespace.create());
        ip("link set veth1 netns " + rival.get().threadId());
        rival.get().ip("link set veth1 up");
        rival.get().ip("addr add " + address + " dev veth1");
    }

    @Override
    protected void stopRival(Cidr address) {
        rival.orElseThrow().ip("addr del " + address + " dev veth1");
    }

    @Test
    void anAddressLooksToOthersAsItShould() throws Exception {
        add(ADDRESS);
        add(cidr("2001:db8::9/64"));

        assertThat(shown("198.18.0.9"))
                .contains("198.18.0.9/24 brd 198.18.0.255 scope global")
                .contains("noprefixroute");
        assertThat(shown("2001:db8::9"))
                .contains("2001:db8::9/64")
                .contains("deprecated")
                .contains("preferred_lft 0sec");
        assertThat(ip("route show dev veth0").lines())
                .filteredOn(route -> route.startsWith("198.18.0.0/24"))
                .hasSize(1);
    }

    @Test
    void aSecondProcessAdoptsWhatTheFirstLeft() throws Exception {
        add(ADDRESS);
        manager.close();

        manager = RtnetlinkAddressManager.open("veth0");

        assertThat(status(ADDRESS)).contains(AddressStatus.of(ADDRESS, true, AddressStatus.State.ADOPTED));
        manager.add(ADDRESS);
        awaitState(ADDRESS, AddressStatus.State.PRESENT);
        assertThat(manager.link().primary(Family.IPV4)).contains(HOST_IPV4);
    }

    /** As an earlier version left it, and before it is put behind the host's. */
    @Test
    void removingOursAfterItBecameTheFirstLeavesTheHosts() throws Exception {
        add(ADDRESS);
        manager.close();
        ip("addr del 198.18.0.1/24 dev veth0");
        ip("addr add 198.18.0.1/24 brd + dev veth0"); // the host's is now the secondary one
        assertThat(shown("198.18.0.1")).contains("secondary");
        setPromoteSecondaries("0"); // and somebody has undone what we set
        try (RtnetlinkConnection kernel = RtnetlinkConnection.open()) {
            OwnershipMark mark = OwnershipMark.forThisKernel("veth0");
            LinkLook look = new LinkLook("veth0", mark, kernel);
            look.look();

            LinkChanges changes = new LinkChanges(
                    look, new OurAddresses(mark, Optional.empty()), new AddressRequests("veth0", kernel));
            assertThat(changes.remove(List.of(ADDRESS))).isEmpty();
        }

        assertThat(shown("198.18.0.9")).isEmpty();
        assertThat(shown("198.18.0.1")).contains("198.18.0.1/24");
        assertThat(ip("route show dev veth0")).contains("198.18.0.0/24");
    }

    @Test
    void withoutPromotionTheKernelWouldHaveRemovedTheHosts() throws Exception {
        add(ADDRESS);
        manager.close();
        ip("addr del 198.18.0.1/24 dev veth0");
        ip("addr add 198.18.0.1/24 brd + dev veth0");
        setPromoteSecondaries("0");

        ip("addr del 198.18.0.9/24 dev veth0");

        assertThat(shown("198.18.0.1")).isEmpty(); // what the test above guards against
    }

    @Test
    void anAddressRemovedByHandIsSeenToBeGone() throws Exception {
        add(ADDRESS);

        ip("addr del 198.18.0.9/24 dev veth0");

        await().until(() -> status(ADDRESS).isEmpty());
    }

    @Test
    void anAddressThatIsRemovedWheneverItComesIsSaidToBe() throws Exception {
        add(ADDRESS);
        ip("addr del 198.18.0.9/24 dev veth0");
        await().until(() -> status(ADDRESS).isEmpty()); // once may be a mistake
        add(ADDRESS);
        assertThat(status(ADDRESS).orElseThrow().detail()).isEmpty();

        ip("addr del 198.18.0.9/24 dev veth0");

        awaitState(ADDRESS, AddressStatus.State.REMOVED);
        assertThat(status(ADDRESS).orElseThrow().detail()).contains("took it off the link 2 times");
        manager.add(ADDRESS);
        awaitState(ADDRESS, AddressStatus.State.PRESENT);
        assertThat(status(ADDRESS).orElseThrow().detail()).contains("took it off the link 2 times");
        manager.remove(ADDRESS);
        await().until(() -> status(ADDRESS).isEmpty());
    }

    @Test
    void whatTheLinkItselfTookAwayNobodyRemoved() throws Exception {
        for (int i = 0; i < 3; i++) {
            add(cidr("2001:db8::9/64"));
            ip("link set veth0 down");
            await().until(() -> status(cidr("2001:db8::9/64")).isEmpty());
            ip("link set veth0 up");
            ip("addr add 2001:db8::1/64 dev veth0 nodad");
        }

        add(cidr("2001:db8::9/64"));

        assertThat(status(cidr("2001:db8::9/64")).orElseThrow().detail()).isEmpty();
    }

    @Test
    void theLinksOwnAddressIsOneThatTheHostPrefers() throws Exception {
        ip("addr change 2001:db8::1/64 dev veth0 preferred_lft 0");
        ip("addr add 2001:db8::5/64 dev veth0 nodad");

        await().untilAsserted(
                        () -> assertThat(manager.link().hostAddresses()).endsWith(cidr("2001:db8::5/64"), HOST_IPV6));
        ip("addr change 198.18.0.1/24 dev veth0 preferred_lft 0 valid_lft 1000");
        ip("addr add 198.18.0.5/24 dev veth0");
        await().until(() -> manager.link().primary(Family.IPV4).equals(Optional.of(cidr("198.18.0.5/24"))));
        ip("addr del 198.18.0.5/24 dev veth0");
        await().until(() -> manager.link().primary(Family.IPV4).equals(Optional.of(HOST_IPV4))); // better than none
    }

    @Test
    void anAddressOfTheHostThatAnotherHasIsNotTheLinksOwn(NetworkNamespace home) throws Exception {
        try (NetworkNamespace other = NetworkNamespace.create()) {
            home.connect("lan", other, "lan");
            other.ip("addr add 2001:db8:1::1/64 dev lan nodad");
            home.ip("addr add 2001:db8:1::1/64 dev lan");
            home.ip("addr add 2001:db8:1::2/64 dev lan nodad");
            await().pollInSameThread().until(() -> home.ip("addr show dev lan").contains("dadfailed"));
            try (RtnetlinkAddressManager onLan = RtnetlinkAddressManager.open("lan")) {
                assertThat(onLan.link().hostAddresses()).containsExactly(cidr("2001:db8:1::2/64"));
            }
        }
    }

    @Test
    void routesAreAskedForWhenTheyMayHaveChangedOnly(NetworkNamespace home) throws Exception {
        ip("route add default via 198.18.0.254 dev veth0");
        home.execute(List.of(
                "sh",
                "-c",
                "for a in 0 1 2 3; do for b in $(seq 0 249); do echo route add 100.$a.$b.0/24 dev veth0; done; done"
                        + " | ip -batch -"));
        manager.close();
        try (Traced messages = new Traced()) {
            manager = RtnetlinkAddressManager.open("veth0");
            assertThat(messages.count("RTM_GETROUTE")).isEqualTo(2);

            for (int i = 0; i < 20; i++) {
                manager.add(cidr("198.18.0." + (10 + i) + "/32"));
            }
            for (int i = 0; i < 20; i++) {
                awaitState(cidr("198.18.0." + (10 + i) + "/32"), AddressStatus.State.PRESENT);
            }
            ip("route add 192.0.2.0/24 dev veth0");
            add(cidr("198.18.0.40/32"));
            assertThat(messages.count("RTM_GETROUTE"))
                    .as("no default route has changed")
                    .isEqualTo(2);
            ip("route replace default via 198.18.0.253 dev veth0");
            await().until(() ->
                    manager.link().gateways().contains(cidr("198.18.0.253/32").address()));
        }
    }

    /** As a router has that takes part in BGP, where those of other links are none of our concern. */
    @Test
    void ofAHundredThousandRoutesByAnotherLinkNoneIsRead(NetworkNamespace home) throws Exception {
        ip("route add default via 198.18.0.254 dev veth0");
        home.execute(
                List.of(
                        "sh",
                        "-c",
                        "for a in $(seq 0 399); do for b in $(seq 0 249); do"
                                + " echo route add $((20 + a / 250)).$((a % 250)).$b.0/24 dev veth1; done; done | ip -batch -"));
        assertThat(home.execute(List.of("sh", "-c", "ip -4 route show dev veth1 | wc -l")))
                .contains("100000");
        manager.close();

        try (Traced messages = new Traced()) {
            manager = RtnetlinkAddressManager.open("veth0");
            add(ADDRESS);

            assertThat(manager.link().gateways())
                    .contains(cidr("198.18.0.254/32").address());
            assertThat(messages.count("RTM_GETROUTE")).isEqualTo(2);
            assertThat(messages.count("RTM_NEWROUTE")).isLessThan(20);
        }
    }

    @Test
    void anIpv4MappedAddressOfTheHostsIsNoObstacle() throws Exception {
        ip("addr add ::ffff:198.18.0.9/128 dev veth0 nodad");

        add(cidr("2001:db8::9/64"));

        assertThat(shown("2001:db8::9")).contains("2001:db8::9/64");
        assertThat(shown("::ffff:198.18.0.9")).contains("::ffff:198.18.0.9/128");
    }

    @Test
    void theSameAddressOfSomebodyElseWithAnotherLengthIsUsedAsItIs() throws Exception {
        putForeign(cidr("198.18.0.9/32"));
        await().until(() -> status(cidr("198.18.0.9/32")).isPresent());

        manager.add(ADDRESS);

        await().until(() -> status(ADDRESS).isEmpty());
        assertThat(shown("198.18.0.9/24")).isEmpty();
        assertThat(status(cidr("198.18.0.9/32")).orElseThrow().owned()).isFalse();
    }

    @Test
    void followsTheLinkThroughDownUpAwayAndBack() throws Exception {
        add(ADDRESS);

        ip("link set veth0 down");
        await().until(() -> manager.link().state() == Link.State.DOWN);
        assertThat(status(ADDRESS)).isPresent();

        ip("link del veth0");
        await().until(() -> manager.link().state() == Link.State.MISSING);
        assertThat(manager.addresses()).isEmpty();

        ip("link add veth0 type veth peer name veth1");
        ip("link set veth0 up");
        ip("addr add 198.18.0.2/24 dev veth0");
        await().until(() -> manager.link().primary(Family.IPV4).equals(Optional.of(cidr("198.18.0.2/24"))));
        add(ADDRESS);
    }

    @Test
    void aLinkThatIsMissingFailsTheRequestByName() throws Exception {
        ip("link del veth0");
        await().until(() -> manager.link().state() == Link.State.MISSING);

        manager.add(ADDRESS);

        awaitState(ADDRESS, AddressStatus.State.FAILED);
        assertThat(status(ADDRESS).orElseThrow().detail()).contains("there is no link veth0");
    }

    @Test
    void aLinkIsFollowedByItsName() throws Exception {
        add(ADDRESS);

        ip("link set veth0 name elsewhere");
        await().until(() -> manager.link().state() == Link.State.MISSING);
        assertThat(manager.addresses()).isEmpty();

        ip("link set elsewhere name veth0");
        await().until(() -> status(ADDRESS)
                .filter(status -> status.state() == AddressStatus.State.PRESENT)
                .isPresent());
        assertThat(manager.link().primary(Family.IPV4)).contains(HOST_IPV4);
    }

    @Test
    void anAddressLostWithTheFirstOneOfItsSubnetIsSeenToBeGoneAndCanBeAddedAgain() throws Exception {
        add(ADDRESS);
        setPromoteSecondaries("0");

        ip("addr del 198.18.0.1/24 dev veth0");

        await().until(() -> status(ADDRESS).isEmpty());
        assertThat(shown("198.18.0.9")).isEmpty();
        assertThat(manager.link().primary(Family.IPV4)).isEmpty();
        add(ADDRESS);
    }

    @Test
    void theHostsAddressIsFollowedToAnotherSubnet() throws Exception {
        ip("addr del 198.18.0.1/24 dev veth0");
        ip("addr add 198.18.1.1/25 dev veth0");

        await().until(() -> manager.link().primary(Family.IPV4).equals(Optional.of(cidr("198.18.1.1/25"))));
    }

    @Test
    void ofManyAddressesOnlyTheOneThatIsRefusedFails() throws Exception {
        ip("link set veth0 mtu 1000"); // too small for IPv6
        await().until(() -> manager.link().primary(Family.IPV6).isEmpty());
        List<Cidr> many = new ArrayList<>();
        for (int i = 10; i < 250; i++) {
            many.add(cidr("198.18.0." + i + "/24"));
        }
        Cidr refused = cidr("2001:db8::9/64");
        many.add(120, refused);

        many.forEach(manager::add);

        awaitState(refused, AddressStatus.State.FAILED);
        await().until(() -> manager.addresses().stream()
                        .filter(status -> status.owned() && status.state() == AddressStatus.State.PRESENT)
                        .count()
                == many.size() - 1);
        many.forEach(manager::remove);
        await().until(() -> manager.addresses().stream().noneMatch(status -> many.contains(status.cidr())));
        assertThat(ip("-o addr show dev veth0").lines().filter(line -> line.contains(" inet ")))
                .singleElement()
                .asString()
                .contains("198.18.0.1/24");
    }

    @Test
    void whatHasFailedIsToldUntilItSucceeds() throws Exception {
        Cidr address = cidr("2001:db8::9/64");
        ip("link set veth0 mtu 1000");
        await().until(() -> manager.link().primary(Family.IPV6).isEmpty());
        manager.add(address);
        awaitState(address, AddressStatus.State.FAILED);

        manager.add(address);

        assertThat(status(address).orElseThrow().state())
                .as("while it is tried again")
                .isEqualTo(AddressStatus.State.FAILED);
        ip("link set veth0 mtu 1500");
        ip("addr add 2001:db8::1/64 dev veth0 nodad");
        await().until(() -> manager.link().primary(Family.IPV6).isPresent());
        manager.add(address);
        awaitState(address, AddressStatus.State.PRESENT);
    }

    @Test
    void whatTheKernelRefusesFailsWithItsErrno() throws Exception {
        ip("link set veth0 mtu 1000"); // too small for IPv6: the kernel takes the protocol off the link
        await().until(() -> manager.link().primary(Family.IPV6).isEmpty());

        manager.add(cidr("2001:db8::9/64"));

        awaitState(cidr("2001:db8::9/64"), AddressStatus.State.FAILED);
        assertThat(status(cidr("2001:db8::9/64")).orElseThrow().detail())
                .isEqualTo("add address 2001:db8::9/64 to veth0: EINVAL (Invalid argument)");
        manager.remove(cidr("2001:db8::9/64"));
        await().until(() -> status(cidr("2001:db8::9/64")).isEmpty());
    }

    @Test
    void anAddressThatAnotherHostHasIsAConflict(NetworkNamespace home) throws Exception {
        try (NetworkNamespace other = NetworkNamespace.create()) {
            home.connect("lan", other, "lan");
            other.ip("addr add 2001:db8:1::9/64 dev lan nodad");
            home.ip("addr add 2001:db8:1::1/64 dev lan nodad");
            try (RtnetlinkAddressManager onLan = RtnetlinkAddressManager.open("lan")) {
                onLan.add(cidr("2001:db8:1::9/64"));

                await().until(() -> onLan.addresses().stream()
                        .anyMatch(status -> status.state() == AddressStatus.State.CONFLICT && status.owned()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.9/24", "2001:db8::9/64"})
    void renewsALifetimeUntilItEndsAndThenTheKernelTakesTheAddress(String text) throws Exception {
        Cidr address = cidr(text);
        manager.close();
        manager = RtnetlinkAddressManager.open("veth0", LinkConfig.DEFAULT.withAddressLifetime(Duration.ofSeconds(6)));
        add(address);
        List<Integer> seen = new ArrayList<>();
        await().pollInSameThread().until(() -> {
            seen.add(validSeconds(address));
            return seen.get(seen.size() - 1) > Collections.min(seen); // it grows again
        });
        assertThat(seen).allSatisfy(left -> assertThat(left).isBetween(2, 6));

        manager.close();

        await().pollInSameThread()
                .atMost(Duration.ofSeconds(20))
                .until(() -> shown(address.toString()).isEmpty());
        assertThat(shown("198.18.0.1")).isNotEmpty();
        assertThat(ip("route show dev veth0")).contains("198.18.0.0/24");
    }

    @Test
    void whatHadALifetimeStaysForEverOnceItIsAdoptedWithoutOne() throws Exception {
        manager.close();
        manager = RtnetlinkAddressManager.open("veth0", LinkConfig.DEFAULT.withAddressLifetime(Duration.ofMinutes(1)));
        add(ADDRESS);
        assertThat(shown("198.18.0.9")).contains("valid_lft 60sec");
        manager.close();

        manager = RtnetlinkAddressManager.open("veth0");

        await().pollInSameThread().until(() -> shown("198.18.0.9").contains("valid_lft forever"));
        assertThat(status(ADDRESS).orElseThrow().owned())
                .as("a replace repeats the mark")
                .isTrue();
    }

    @Test
    void knowsTheGatewayOfTheDefaultRoute() {
        ip("route add default via 198.18.0.254 dev veth0");
        ip("route add default via 2001:db8::fe dev veth0");

        await().untilAsserted(() -> assertThat(manager.link().gateways())
                .extracting(Addresses::print)
                .containsExactlyInAnyOrder("198.18.0.254", "2001:db8::fe"));
    }

    @Test
    void onAnOlderKernelALabelIsTheMark() throws Exception {
        manager.close();
        manager = RtnetlinkAddressManager.open(
                "veth0", new OwnershipMark(0, "veth0:lb"), LinkConfig.DEFAULT.withProbing(ConflictProbing.OFF));

        add(ADDRESS);
        manager.add(cidr("2001:db8::9/64"));

        assertThat(status(ADDRESS).orElseThrow().owned()).isTrue();
        assertThat(shown("198.18.0.9")).contains("veth0:lb");
        awaitState(cidr("2001:db8::9/64"), AddressStatus.State.FAILED);
        manager.remove(ADDRESS);
        await().pollInSameThread().until(() -> shown("198.18.0.9").isEmpty());
    }

    @Test
    void listsTheLinksOfTheNamespace() throws Exception {
        List<Link> links = Links.list();

        assertThat(links).extracting(Link::name).containsExactlyInAnyOrder("lo", "veth0", "veth1");
        assertThat(links)
                .filteredOn(link -> link.name().equals("veth0"))
                .singleElement()
                .satisfies(link -> assertThat(link.hostAddresses()).containsExactly(HOST_IPV4, HOST_IPV6));
    }

    @Test
    void refusesANameThatNoLinkCanHave() {
        assertThatThrownBy(() -> RtnetlinkAddressManager.open("a-name-of-17-char"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 15 characters");
    }

    private void add(Cidr address) {
        manager.add(address);
        awaitState(address, AddressStatus.State.PRESENT);
    }

    private String ip(String line) {
        return network.ip(line);
    }

    /** The line that {@code ip} has for an address, with or without its prefix length; empty when there is none. */
    private String shown(String address) {
        String text = address.contains("/") ? address : address + "/";
        return ip("-o addr show dev veth0")
                .lines()
                .filter(line -> line.contains(" " + text))
                .collect(joining());
    }

    private int validSeconds(Cidr address) {
        Matcher left = Pattern.compile("valid_lft ([0-9]+)sec").matcher(shown(address.toString()));
        assertThat(left.find()).isTrue();
        return Integer.parseInt(left.group(1));
    }

    private void setPromoteSecondaries(String value) {
        network.execute(List.of(
                "sh",
                "-c",
                "cd /proc/sys/net/ipv4/conf && echo " + value
                        + " | tee all/promote_secondaries veth0/promote_secondaries"));
    }
}
