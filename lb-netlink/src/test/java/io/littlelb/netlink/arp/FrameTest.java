package io.littlelb.netlink.arp;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Addresses;
import io.littlelb.linux.MacAddress;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Frames byte by byte, as the RFCs draw them. */
class FrameTest {
    private static final MacAddress OWN = new MacAddress(0x0200_0000_0009L);
    private static final InetAddress IP = ip("198.18.0.9");
    private static final String ETHERNET = "ffffffffffff" + "020000000009" + "0806";
    private static final String IPV4_OVER_ETHERNET = "0001" + "0800" + "06" + "04";

    @Test
    void aProbeNamesNoSender() {
        assertThat(written(ArpFrame.probe(OWN, IP)))
                .isEqualTo(ETHERNET + IPV4_OVER_ETHERNET
                        + "0001" // request
                        + "020000000009" + "00000000" // RFC 5227 2.1.1: all zeroes, so that no cache learns it
                        + "000000000000" + "c6120009");
    }

    @Test
    void anAnnouncementNamesTheAddressTwice() {
        assertThat(written(ArpFrame.announcement(OWN, IP)))
                .isEqualTo(ETHERNET + IPV4_OVER_ETHERNET + "0001" + "020000000009" + "c6120009" + "000000000000"
                        + "c6120009");
    }

    @Test
    void aGratuitousReplyIsToEverybody() {
        assertThat(written(ArpFrame.gratuitousReply(OWN, IP)))
                .isEqualTo(ETHERNET + IPV4_OVER_ETHERNET + "0002" + "020000000009" + "c6120009" + "ffffffffffff"
                        + "c6120009");
    }

    @Test
    void readsWhatItWrites() {
        for (ArpFrame frame : new ArpFrame[] {
            ArpFrame.probe(OWN, IP), ArpFrame.announcement(OWN, IP), ArpFrame.gratuitousReply(OWN, IP)
        }) {
            ByteBuffer bytes = ByteBuffer.allocate(64);
            frame.writeTo(bytes);
            assertThat(ArpFrame.read(bytes)).contains(frame);
        }
    }

    @Test
    void takesNothingElseForArp() {
        ByteBuffer bytes = ByteBuffer.allocate(64);
        ArpFrame.probe(OWN, IP).writeTo(bytes);
        bytes.limit(ArpFrame.LENGTH - 1);
        assertThat(ArpFrame.read(bytes)).as("one byte short").isEmpty();
        bytes.limit(ArpFrame.LENGTH);
        for (int at : new int[] {12, 14, 16, 18, 19}) {
            byte before = bytes.get(at);
            bytes.put(at, (byte) 0x55);
            assertThat(ArpFrame.read(bytes)).as("byte " + at).isEmpty();
            bytes.put(at, before);
        }
        assertThat(ArpFrame.read(bytes)).isPresent();
    }

    @Test
    void advertisesAnIpv6AddressToAllNodes() {
        ByteBuffer bytes = ByteBuffer.allocate(128);
        NeighbourAdvertisement.write(OWN, ip("2001:db8::9"), bytes);

        assertThat(hex(bytes))
                .isEqualTo("333300000001" + "020000000009" + "86dd"
                        + "60000000" + "0020" + "3a" + "ff"
                        + "20010db8000000000000000000000009" + "ff020000000000000000000000000001"
                        + "88" + "00" + "f912" // computed apart from this code
                        + "20000000"
                        + "20010db8000000000000000000000009"
                        + "02" + "01" + "020000000009");
    }

    @Test
    void printsAHardwareAddress() {
        assertThat(OWN).hasToString("02:00:00:00:00:09");
        assertThat(MacAddress.BROADCAST).hasToString("ff:ff:ff:ff:ff:ff");
    }

    private static String written(ArpFrame frame) {
        ByteBuffer bytes = ByteBuffer.allocate(64);
        frame.writeTo(bytes);
        return hex(bytes);
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.limit()];
        bytes.get(0, copy);
        return HexFormat.of().formatHex(copy);
    }

    private static InetAddress ip(String text) {
        return Addresses.parse(text).orElseThrow();
    }
}
