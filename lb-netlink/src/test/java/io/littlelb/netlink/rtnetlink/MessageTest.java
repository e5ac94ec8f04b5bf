package io.littlelb.netlink.rtnetlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.netlink.wire.NetlinkConnection;
import io.littlelb.netlink.wire.NetlinkException;
import io.littlelb.netlink.wire.NetlinkMessage;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages as a real kernel sent them, byte by byte. */
class MessageTest {
    private static final int OURS = 76;

    @Test
    void readsAnAddressOfTheHost() throws Exception {
        AddressMessage address = AddressMessage.read(payload(Bytes.HOST_IPV4));

        assertThat(address.cidr()).hasToString("198.18.0.1/24");
        assertThat(address.linkIndex()).isEqualTo(3);
        assertThat(address.label()).isEqualTo("veth0");
        assertThat(address.isGlobal()).isTrue();
        assertThat(address.isSecondary()).isFalse();
        assertThat(address.protocol()).isZero();
    }

    @Test
    void readsTheMark() throws Exception {
        AddressMessage ipv4 = AddressMessage.read(payload(Bytes.OURS_IPV4));
        AddressMessage ipv6 = AddressMessage.read(payload(Bytes.OURS_IPV6));

        assertThat(ipv4.protocol()).isEqualTo(OURS);
        assertThat(ipv4.isSecondary()).isTrue();
        assertThat(ipv6.cidr()).hasToString("2001:db8::9/64");
        assertThat(ipv6.protocol()).isEqualTo(OURS);
        assertThat(ipv6.isTentative()).isFalse();
        assertThat(ipv6.isTemporary()).isFalse();
    }

    @Test
    void takesTheHostsEndOfAPointToPointAddress() throws Exception {
        assertThat(AddressMessage.read(payload(Bytes.POINT_TO_POINT)).cidr()).hasToString("192.0.2.1/32");
    }

    @Test
    void leavesAnIpv4MappedAddressAnIpv6Address() throws Exception {
        String mapped = Bytes.OURS_IPV6.replace("20010db8000000000000000000000009", "00000000000000000000ffffc6120009");

        Cidr read = AddressMessage.read(payload(mapped)).cidr();

        assertThat(read).hasToString("::ffff:c612:9/64").isNotEqualTo(cidr("198.18.0.9/32"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.0.9/24", "2001:db8::9/64"})
    void makesNothingButTheRecordThatItReads(String address) throws Exception {
        Cidr written = cidr(address);
        AddressMessage message = toAdd(written);
        ByteBuffer memory = ByteBuffer.allocateDirect(256).order(ByteOrder.nativeOrder());
        message.writeTo(memory);
        ByteBuffer payload = memory.flip().slice().order(ByteOrder.nativeOrder());

        long record = bytesMade(() -> toAdd(written.family(), written.high(), written.low(), written.prefixLength()));
        long read = bytesMade(() -> AddressMessage.read(payload));
        long wrote = bytesMade(() -> {
            message.writeTo(memory.clear());
            return memory;
        });

        assertThat(read).as("bytes to read a message").isEqualTo(record);
        assertThat(wrote).as("bytes to write a message").isZero();
    }

    private static AddressMessage toAdd(Family family, long high, long low, int prefixLength) {
        return toAdd(new Cidr(family, high, low, prefixLength));
    }

    /** What doing it once takes of the heap, after it was done often. */
    private static long bytesMade(Callable<?> action) throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int times = 10_000;
        long before = 0;
        Object made = "";
        for (int i = 0; i < 2 * times; i++) {
            if (i == times) {
                before = threads.getCurrentThreadAllocatedBytes();
            }
            made = action.call();
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(made).isNotNull();
        return bytes / times;
    }

    @Test
    void readsALink() throws Exception {
        LinkMessage link = LinkMessage.read(payload(Bytes.LINK));

        assertThat(link.index()).isEqualTo(3);
        assertThat(link.name()).isEqualTo("veth0");
        assertThat(link.isUp()).isTrue();
        assertThat(link.mac()).hasToString("Optional[f2:1c:dc:81:12:f2]");
        assertThat(link.promotesSecondaries()).isTrue();
        assertThat(link.speaksArpAs()).as("nothing is at the other end").isEmpty();
    }

    @Test
    void writesTheAddressToAdd() {
        assertThat(request("198.18.0.9/24"))
                .isEqualTo(("40000000 1400 0506 07000000 00000000"
                                + "02 18 00 00 03000000"
                                + "0800 0200 c6120009" // IFA_LOCAL
                                + "0800 0100 c6120009" // IFA_ADDRESS
                                + "0800 0800 00020000" // IFA_FLAGS: no prefix route
                                + "0500 0b00 4c 000000" // IFA_PROTO 76
                                + "0800 0400 c61200ff") // IFA_BROADCAST
                        .replace(" ", ""));
    }

    @Test
    void writesAnIpv6AddressThatIsNeverPreferred() {
        assertThat(request("2001:db8::9/64"))
                .contains("14000600" + "00000000" + "ffffffff")
                .doesNotContain("08000400");
    }

    @Test
    void writesNoBroadcastWhereThereIsNone() {
        assertThat(request("198.18.0.9/31")).doesNotContain("08000400");
    }

    @Test
    void findsTheGateways() throws Exception {
        RouteMessage one = RouteMessage.read(payload(Bytes.DEFAULT_ROUTE));
        RouteMessage several = RouteMessage.read(payload(Bytes.MULTIPATH_ROUTE));

        assertThat(one.isDefault()).isTrue();
        assertThat(one.hops())
                .extracting(hop -> hop.linkIndex() + " " + Addresses.print(hop.gateway()))
                .containsExactly("3 198.18.0.254");
        assertThat(several.isDefault()).isFalse();
        assertThat(several.hops())
                .extracting(hop -> Addresses.print(hop.gateway()))
                .containsExactly("198.18.0.250", "198.18.0.251");
    }

    @Test
    void saysWhatTheKernelSaid() {
        assertThatThrownBy(() -> NetlinkConnection.checkEnd("add address", message(Bytes.REFUSED)))
                .isInstanceOf(NetlinkException.class)
                .hasMessage("add address: EINVAL (Invalid argument): ipv4: Invalid prefix length");
    }

    @Test
    void takesAnAckForAYes() throws Exception {
        NetlinkMessage ack = message(Bytes.ACK);

        NetlinkConnection.checkEnd("add address", ack);

        assertThat(ack.sequence()).isEqualTo(7);
    }

    @Test
    void takesMessagesOffADatagramOneByOne() throws Exception {
        ByteBuffer datagram = Bytes.of(Bytes.HOST_IPV4 + Bytes.DEFAULT_ROUTE);

        assertThat(NetlinkMessage.next(datagram).type()).isEqualTo(Rtnetlink.RTM_NEWADDR);
        assertThat(NetlinkMessage.next(datagram).type()).isEqualTo(Rtnetlink.RTM_NEWROUTE);
        assertThat(datagram.hasRemaining()).isFalse();
    }

    @Test
    void printsAMessageInALine() throws Exception {
        assertThat(MessageText.of(message(request("198.18.0.9/24"))))
                .isEqualTo("RTM_NEWADDR request,ack,create,excl seq 7: 198.18.0.9/24 on link 3 scope 0 flags 0x200"
                        + " protocol 76");
        assertThat(MessageText.of(message(Bytes.HOST_IPV4)))
                .isEqualTo("RTM_NEWADDR multi seq 7: 198.18.0.1/24 on link 3 scope 0 flags 0x80 protocol 0"
                        + " label veth0");
        assertThat(MessageText.of(message(Bytes.DEFAULT_ROUTE))).endsWith("route to a /0 via 198.18.0.254 on link 3");
        assertThat(MessageText.of(message(Bytes.REFUSED)))
                .isEqualTo("NLMSG_ERROR seq 7: refused: EINVAL (Invalid argument): ipv4: Invalid prefix length");
        assertThat(MessageText.of(message(Bytes.ACK))).isEqualTo("NLMSG_ERROR seq 7: no error");
        String cut = "14000000 1400 0000 07000000 00000000 02180000"; // half an ifaddrmsg
        assertThat(MessageText.of(message(cut)))
                .isEqualTo("RTM_NEWADDR seq 7: malformed netlink message: an ifaddrmsg of 4 bytes");
    }

    private static AddressMessage toAdd(Cidr cidr) {
        return new AddressMessage(
                cidr, 3, Rtnetlink.RT_SCOPE_UNIVERSE, Rtnetlink.IFA_F_NOPREFIXROUTE, "", OURS, AddressMessage.FOREVER);
    }

    private static String request(String cidr) {
        ByteBuffer request = ByteBuffer.allocate(256).order(ByteOrder.nativeOrder());
        AddressMessage added = toAdd(cidr(cidr));
        NetlinkMessage.append(request, Rtnetlink.RTM_NEWADDR, 0x605, 7, added::writeTo);
        return Bytes.hex(request.flip());
    }

    private static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }

    private static NetlinkMessage message(String hex) throws NetlinkException {
        return NetlinkMessage.next(Bytes.of(hex));
    }

    private static ByteBuffer payload(String hex) throws NetlinkException {
        return message(hex).payload();
    }
}
