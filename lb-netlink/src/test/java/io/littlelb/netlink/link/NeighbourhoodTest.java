package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.linux.MacAddress;
import io.littlelb.netlink.arp.ArpFrame;
import io.littlelb.netlink.arp.ConflictProbing;
import io.littlelb.netlink.arp.PacketSocket;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two hosts on one wire: what the manager of the one says, as the other hears it, and the other way round. */
@ExtendWith(InNetworkNamespace.class)
class NeighbourhoodTest {
    private static final Cidr ADDRESS = Cidr.parse("198.18.0.9/24").orElseThrow();
    private static final Cidr ADDRESS_6 = Cidr.parse("2001:db8::9/64").orElseThrow();
    private static final InetAddress IP = ADDRESS.address();

    private final NetworkNamespace other = NetworkNamespace.create();
    private NetworkNamespace home;
    private RtnetlinkAddressManager manager;
    private PacketSocket wire;
    private MacAddress own;
    private MacAddress others;

    @BeforeEach
    void connect(NetworkNamespace network) throws Exception {
        home = network;
        home.connect("lan", other, "lan");
        home.ip("addr add 198.18.0.1/24 brd + dev lan");
        home.ip("addr add 2001:db8::1/64 dev lan nodad");
        other.ip("addr add 198.18.0.2/24 brd + dev lan");
        other.ip("addr add 2001:db8::2/64 dev lan nodad");
        own = home.call(NeighbourhoodTest::mac);
        others = other.call(NeighbourhoodTest::mac);
        wire = other.call(
                () -> PacketSocket.open(NetworkInterface.getByName("lan").getIndex()));
        manager = home.call(() -> RtnetlinkAddressManager.open("lan"));
    }

    @AfterEach
    void close() {
        manager.close();
        wire.close();
        other.close();
    }

    @Test
    void asksThreeTimesBeforeAnAddressIsUsedAndThenAnnouncesIt() {
        manager.add(ADDRESS);

        List<ArpFrame> heard = heardUntil(frames -> frames.contains(ArpFrame.gratuitousReply(own, IP)));

        ArpFrame probe = ArpFrame.probe(own, IP);
        assertThat(heard)
                .containsExactly(
                        probe, probe, probe, ArpFrame.announcement(own, IP), ArpFrame.gratuitousReply(own, IP));
        assertThat(home.ip("-o addr show dev lan")).contains("198.18.0.9/24");
        await().until(() -> manager.counters().announcements() >= 2);
        Instant first = manager.histories().get(IP).announcedAt().orElseThrow();
        List<ArpFrame> more = heardUntil(frames -> frames.size() >= 4);
        assertThat(more).startsWith(ArpFrame.announcement(own, IP), ArpFrame.gratuitousReply(own, IP));
        await().until(() -> manager.counters().announcements() >= 6);
        assertThat(manager.histories().get(IP).announcedAt().orElseThrow()).isAfter(first);
        assertThat(manager.counters().conflicts()).isZero();

        manager.remove(ADDRESS);
        await().until(() -> manager.histories().isEmpty());
    }

    @Test
    void teachesTheNewPlaceOfAnAddressToHostsThatHadAnotherInBothFamilies() {
        other.ip("neigh add 198.18.0.9 lladdr 02:00:00:00:00:77 dev lan nud stale");
        other.ip("neigh add 2001:db8::9 lladdr 02:00:00:00:00:77 dev lan nud stale");

        manager.add(ADDRESS);
        manager.add(ADDRESS_6);

        await().pollInSameThread()
                .until(() -> other.ip("neigh show 198.18.0.9 dev lan").contains(own.toString()));
        await().pollInSameThread()
                .until(() -> other.ip("neigh show 2001:db8::9 dev lan").contains(own.toString()));
    }

    @Test
    void doesNotTakeAnAddressThatAnotherHostHasUntilItIsFree() {
        other.ip("addr add 198.18.0.9/24 dev lan");

        manager.add(ADDRESS);

        awaitState(AddressStatus.State.CONFLICT);
        assertThat(status().orElseThrow().detail()).contains(others.toString());
        assertThat(home.ip("-o addr show dev lan")).doesNotContain("198.18.0.9/");

        other.ip("addr del 198.18.0.9/24 dev lan");
        manager.add(ADDRESS);
        assertThat(status().map(AddressStatus::state)).contains(AddressStatus.State.CONFLICT); // until it is known
        awaitState(AddressStatus.State.PRESENT);
    }

    @Test
    void defendsAnAddressOnceThenReportsTheOtherAndNoticesWhenItHasGone() throws Exception {
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);
        heardUntil(frames -> frames.size() >= 9); // probes and the first announcements are over

        say(ArpFrame.announcement(others, IP));
        heardUntil(frames -> frames.contains(ArpFrame.announcement(own, IP)));
        assertThat(status().map(AddressStatus::state)).contains(AddressStatus.State.PRESENT);
        say(ArpFrame.announcement(others, IP));

        awaitState(AddressStatus.State.CONFLICT);
        assertThat(status().orElseThrow().detail()).contains(others.toString());
        manager.add(ADDRESS); // as the next pass does; nobody answers
        awaitState(AddressStatus.State.PRESENT);
    }

    @Test
    void whatAnEarlierProcessLeftIsAnnouncedWhenItIsAskedForAndNotBefore() throws Exception {
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);
        manager.close();
        while (wire.receive().isPresent()) {} // what the earlier one said; a frame is there as soon as it is sent
        manager = home.call(() -> RtnetlinkAddressManager.open("lan"));
        awaitState(AddressStatus.State.ADOPTED);
        assertThat(wire.receive()).isEmpty();

        manager.add(ADDRESS);

        awaitState(AddressStatus.State.PRESENT);
        ArpFrame probe = ArpFrame.probe(own, IP);
        assertThat(heardUntil(frames -> frames.contains(ArpFrame.gratuitousReply(own, IP))))
                .as("while nobody looked after it, another host may have taken it")
                .containsExactly(
                        probe, probe, probe, ArpFrame.announcement(own, IP), ArpFrame.gratuitousReply(own, IP));
    }

    @Test
    void anAdoptedAddressThatAnotherHostHasTakenIsAConflict() {
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);
        manager.close();
        other.ip("addr add 198.18.0.9/24 dev lan");
        manager = home.call(() -> RtnetlinkAddressManager.open("lan"));
        awaitState(AddressStatus.State.ADOPTED);

        manager.add(ADDRESS);

        awaitState(AddressStatus.State.CONFLICT);
        assertThat(status().orElseThrow().detail()).contains(others.toString());
    }

    @Test
    void whileTheLinkWasDownAnotherHostMayHaveTakenAnAddress() {
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);
        home.ip("link set lan down");
        other.ip("addr add 198.18.0.9/24 dev lan");

        home.ip("link set lan up");

        awaitState(AddressStatus.State.CONFLICT);
        other.ip("addr del 198.18.0.9/24 dev lan");
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);
    }

    @Test
    void ofIpv6TheKernelAsksAgainWhenTheLinkComesBack() {
        manager.add(ADDRESS_6);
        awaitState(ADDRESS_6, AddressStatus.State.PRESENT);
        home.ip("link set lan down"); // which takes all IPv6 addresses away
        await().until(() -> status(ADDRESS_6).isEmpty());
        other.ip("addr add 2001:db8::9/64 dev lan nodad");
        home.ip("link set lan up");
        home.ip("addr add 2001:db8::1/64 dev lan nodad");

        manager.add(ADDRESS_6);

        awaitState(ADDRESS_6, AddressStatus.State.CONFLICT);
        other.ip("addr del 2001:db8::9/64 dev lan");
        manager.add(ADDRESS_6);
        awaitState(ADDRESS_6, AddressStatus.State.PRESENT);
    }

    @Test
    void anAddressIsServedWhileItIsAskedForAgainAndIsAnnouncedAfterwardsOnly() throws Exception {
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);
        heardUntil(frames -> frames.size() >= 9);
        Set<AddressStatus.State> states = EnumSet.noneOf(AddressStatus.State.class);
        manager.onChange(() -> status().ifPresent(status -> states.add(status.state())));

        home.ip("link set lan down");
        home.ip("link set lan up");

        ArpFrame probe = ArpFrame.probe(own, IP);
        List<ArpFrame> heard = heardUntil(frames -> frames.contains(ArpFrame.gratuitousReply(own, IP)));
        assertThat(heard.subList(heard.indexOf(probe), heard.size()))
                .containsExactly(
                        probe, probe, probe, ArpFrame.announcement(own, IP), ArpFrame.gratuitousReply(own, IP));
        assertThat(states).isSubsetOf(AddressStatus.State.PRESENT);
    }

    @Test
    void aRivalThatIsSilentIsForgottenWhereNobodyIsAsked() throws Exception {
        manager.close();
        manager = home.call(
                () -> RtnetlinkAddressManager.open("lan", LinkConfig.DEFAULT.withProbing(ConflictProbing.OFF)));
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);

        for (int i = 0; i < 3; i++) {
            say(ArpFrame.announcement(others, IP));
        }

        awaitState(AddressStatus.State.CONFLICT);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(status().map(AddressStatus::state)).contains(AddressStatus.State.PRESENT));
    }

    @Test
    void framesOfAVlanThatNoLinkHereHasAreNotForUs() throws Exception {
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);
        heardUntil(frames -> frames.size() >= 9);

        for (int i = 0; i < 3; i++) {
            sayInVlan(7, ArpFrame.announcement(others, IP));
        }
        say(ArpFrame.announcement(others, IP)); // the first that counts: it is answered, and no reason for more

        assertThat(heardUntil(frames -> frames.contains(ArpFrame.announcement(own, IP))))
                .isNotEmpty();
        assertThat(status().map(AddressStatus::state)).contains(AddressStatus.State.PRESENT);
    }

    @Test
    void announcesAgainWhenTheLinkComesBackWithAnotherHardwareAddress() {
        manager.add(ADDRESS);
        awaitState(AddressStatus.State.PRESENT);

        home.ip("link set lan address 02:00:00:00:00:55");

        ArpFrame fromTheNewOne = ArpFrame.announcement(new MacAddress(0x0200_0000_0055L), IP);
        heardUntil(frames -> frames.contains(fromTheNewOne));
    }

    private void say(ArpFrame frame) throws IOException {
        frame.writeTo(wire.frame());
        wire.send();
    }

    /** IEEE 802.1Q: the type 0x8100 and the number of the VLAN come after the addresses. */
    private void sayInVlan(int vlan, ArpFrame frame) throws IOException {
        frame.writeTo(wire.frame());
        byte[] plain = new byte[wire.frame().remaining()];
        wire.frame().get(plain);
        wire.frame().clear();
        wire.frame().put(plain, 0, 12).putShort((short) 0x8100).putShort((short) vlan);
        wire.frame().put(plain, 12, plain.length - 12).flip();
        wire.send();
    }

    /** What the other host hears about the address from now on, up to what is waited for. */
    private List<ArpFrame> heardUntil(java.util.function.Predicate<List<ArpFrame>> enough) {
        List<ArpFrame> heard = new ArrayList<>();
        await().pollInSameThread().until(() -> {
            Optional<ArpFrame> frame = wire.receive();
            while (frame.isPresent()) {
                if (frame.get().targetIp().equals(IP) && !frame.get().sender().equals(others)) {
                    heard.add(frame.get());
                }
                frame = enough.test(heard) ? Optional.empty() : wire.receive();
            }
            return enough.test(heard);
        });
        return heard;
    }

    private Optional<AddressStatus> status() {
        return status(ADDRESS);
    }

    private Optional<AddressStatus> status(Cidr address) {
        return manager.addresses().stream()
                .filter(status -> status.cidr().equals(address))
                .findFirst();
    }

    private void awaitState(AddressStatus.State state) {
        awaitState(ADDRESS, state);
    }

    private void awaitState(Cidr address, AddressStatus.State state) {
        await().untilAsserted(() ->
                assertThat(status(address).map(AddressStatus::state)).contains(state));
    }

    private static MacAddress mac() throws IOException {
        return MacAddress.read(
                java.nio.ByteBuffer.wrap(NetworkInterface.getByName("lan").getHardwareAddress()));
    }
}
