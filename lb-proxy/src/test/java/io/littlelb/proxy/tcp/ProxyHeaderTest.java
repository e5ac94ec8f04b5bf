package io.littlelb.proxy.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.Lists;
import com.google.common.io.BaseEncoding;
import com.google.common.net.InetAddresses;
import com.google.common.primitives.Bytes;
import io.littlelb.core.model.ProxyProtocol;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Byte by byte, as HAProxy's doc/proxy-protocol.txt has it; and what is written is what is read. */
class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    @Test
    void versionOneIsALine() {
        assertThat(line("192.0.2.7", "198.18.0.9")).isEqualTo("PROXY TCP4 192.0.2.7 198.18.0.9 40000 80\r\n");
        assertThat(line("2001:db8::7", "2001:db8::9")).isEqualTo("PROXY TCP6 2001:db8::7 2001:db8::9 40000 80\r\n");
    }

    @Test
    void versionTwoIsBinary() {
        assertThat(hex(header(ProxyProtocol.V2, "192.0.2.7", "198.18.0.9")))
                .isEqualTo(SIGNATURE + "21" + "11" + "000c" + "c0000207" + "c6120009" + "9c40" + "0050");
        assertThat(hex(header(ProxyProtocol.V2, "2001:db8::7", "2001:db8::9")))
                .isEqualTo(SIGNATURE + "21" + "21" + "0024" + "20010db8000000000000000000000007"
                        + "20010db8000000000000000000000009" + "9c40" + "0050");
    }

    @Test
    void nothingIsSaidWhereNothingIsAskedFor() {
        assertThat(header(ProxyProtocol.OFF, "192.0.2.7", "198.18.0.9")).isEmpty();
    }

    @Test
    void aProxyThatSpeaksForItselfSaysSo() {
        assertThat(new String(ProxyHeader.LOCAL.bytes(ProxyProtocol.V1), StandardCharsets.US_ASCII))
                .isEqualTo("PROXY UNKNOWN\r\n");
        assertThat(hex(ProxyHeader.LOCAL.bytes(ProxyProtocol.V2))).isEqualTo(SIGNATURE + "20" + "00" + "0000");
    }

    @Test
    void addressesOfTwoFamiliesAreBothSaidInIpv6() {
        assertThat(line("2001:db8::7", "198.18.0.9"))
                .isEqualTo("PROXY TCP6 2001:db8::7 ::ffff:198.18.0.9 40000 80\r\n");
        assertThat(hex(header(ProxyProtocol.V2, "192.0.2.7", "2001:db8::9")))
                .endsWith("00000000000000000000ffffc0000207" + "20010db8000000000000000000000009" + "9c40" + "0050");
    }

    static Stream<List<Object>> everyPair() {
        List<String> ips = List.of(
                "0.0.0.0",
                "192.0.2.7",
                "255.255.255.255",
                "::",
                "::1",
                "2001:db8::7",
                "64:ff9b::c000:207",
                "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
        return Lists.<Object>cartesianProduct(
                List.of(ProxyProtocol.V1, ProxyProtocol.V2, ProxyProtocol.V2_TLV),
                ips,
                ips,
                List.of(0, 1, 80, 32767, 32768, 65535))
                .stream();
    }

    @ParameterizedTest
    @MethodSource("everyPair")
    void whatIsWrittenIsRead(List<Object> pair) throws Exception {
        int port = (int) pair.get(3);
        ProxyHeader header = ProxyHeader.of(
                new InetSocketAddress(InetAddresses.forString((String) pair.get(1)), port),
                new InetSocketAddress(InetAddresses.forString((String) pair.get(2)), 0xffff - port));
        byte[] bytes = header.bytes((ProxyProtocol) pair.get(0));
        for (int cut = 0; cut < Math.min(bytes.length, ProxyHeader.TELLING); cut++) {
            assertThat(ProxyHeader.length(Arrays.copyOf(bytes, cut)).orElse(bytes.length))
                    .as("by %d bytes of it", cut)
                    .isEqualTo(bytes.length);
        }

        assertThat(ProxyHeader.length(Bytes.concat(bytes, "GET".getBytes(StandardCharsets.US_ASCII))))
                .hasValue(bytes.length);
        assertThat(ProxyHeader.read(bytes)).isEqualTo(header);
    }

    @Test
    void extensionsAreWrittenWhereTheyAreAskedFor() throws Exception {
        ByteBuffer extensions = ByteBuffer.wrap(bytes("02" + "0003" + "616263"));
        ProxyHeader header = new ProxyHeader(route("192.0.2.7", 40_000, "198.18.0.9", 80), extensions);

        assertThat(hex(header.bytes(ProxyProtocol.V2_TLV)))
                .isEqualTo(SIGNATURE + "21" + "11" + "0012" + "c0000207" + "c6120009" + "9c40" + "0050" + "02" + "0003"
                        + "616263");
        assertThat(header.bytes(ProxyProtocol.V2)).hasSize(16 + 12);
        assertThat(ProxyHeader.read(header.bytes(ProxyProtocol.V2_TLV))).isEqualTo(header);
    }

    @Test
    void theLongestIsRead() throws Exception {
        byte[] longest = ByteBuffer.allocate(ProxyHeader.MOST)
                .put(bytes(SIGNATURE + "2111" + "ffff" + "c0000207" + "c6120009" + "9c40" + "0050" + "ea"))
                .putShort((short) (0xffff - 12 - 3))
                .array();

        assertThat(ProxyHeader.length(Arrays.copyOf(longest, 16))).hasValue(65_551);
        assertThat(ProxyHeader.read(longest).bytes(ProxyProtocol.V2_TLV)).isEqualTo(longest);
    }

    /** HAProxy with send-proxy towards an IPv4 client on an IPv6 socket, nginx with proxy_protocol on, and we ourselves. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.80 40000 80\r\n",
                "PROXY TCP6 ::FFFF:c000:207 0:0:0:0:0:ffff:c000:250 40000 80\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.80 40000 80\r\n",
            })
    void anIpv4AddressIsOneHoweverItIsWritten(String line) throws Exception {
        ProxyHeader header = ProxyHeader.read(line.getBytes(StandardCharsets.US_ASCII));

        assertThat(header.route()).isEqualTo(route("192.0.2.7", 40_000, "192.0.2.80", 80));
        assertThat(new String(header.bytes(ProxyProtocol.V1), StandardCharsets.US_ASCII))
                .isEqualTo("PROXY TCP4 192.0.2.7 192.0.2.80 40000 80\r\n");
    }

    @Test
    void haproxyTellsTheServerNameAndTheTlsVersion()
            throws Exception { // send-proxy-v2-ssl proxy-v2-options authority,crc32c
        byte[] recorded = withChecksum(bytes(
                SIGNATURE // signature
                        + "21" // version 2, PROXY
                        + "11" // TCP over IPv4
                        + "003e" // 62 bytes follow
                        + "c0000207" // client 192.0.2.7
                        + "c0000250" // destination 192.0.2.80
                        + "9c40" // client's port 40000
                        + "01bb" // destination's port 443
                        + "03" + "0004" + "00000000" // PP2_TYPE_CRC32C
                        + "02" + "000b" + "6578616d706c652e636f6d" // PP2_TYPE_AUTHORITY "example.com"
                        + "20" + "0016" // PP2_TYPE_SSL
                        + "01" // PP2_CLIENT_SSL
                        + "00000000" // verified
                        + "21" + "0007" + "544c5376312e33" // PP2_SUBTYPE_SSL_VERSION "TLSv1.3"
                        + "25" + "0004" + "52534134" // PP2_SUBTYPE_SSL_KEY_ALG "RSA4"
                        + "")); // end

        ProxyHeader header = ProxyHeader.read(recorded);

        assertThat(header.route()).isEqualTo(route("192.0.2.7", 40_000, "192.0.2.80", 443));
        assertThat(hex(header.bytes(ProxyProtocol.V2_TLV)))
                .as("without the checksum, which was of another header")
                .endsWith("9c40" + "01bb" + "02000b6578616d706c652e636f6d" + "200016" + "01" + "00000000"
                        + "210007544c5376312e33" + "25000452534134");
        recorded[16]++;
        assertThatThrownBy(() -> ProxyHeader.read(recorded)).hasMessageContaining("checksum");
    }

    @Test
    void awsTellsItsEndpoint()
            throws Exception { // a network load balancer with a VPC endpoint; health checks are LOCAL
        byte[] recorded = bytes(
                SIGNATURE // signature
                        + "21" // version 2, PROXY
                        + "11" // TCP over IPv4
                        + "0054" // 84 bytes follow
                        + "ac1f076e" // client 172.31.7.110
                        + "ac1f0a02" // destination 172.31.10.2
                        + "c8c5" // client's port 51397
                        + "1f90" // destination's port 8080
                        + "03" + "0004" + "4f2c8bbd" // PP2_TYPE_CRC32C
                        + "04" + "0023" + "00".repeat(35) // PP2_TYPE_NOOP
                        + "ea" + "0016" // PP2_TYPE_AWS
                        + "01" // PP2_SUBTYPE_AWS_VPCE_ID
                        + "767063652d30386432626631356661633530303163"); // "vpce-08d2bf15fac5001c"
        withChecksum(recorded);

        ProxyHeader header = ProxyHeader.read(recorded);

        assertThat(header.route()).isEqualTo(route("172.31.7.110", 51_397, "172.31.10.2", 8080));
        assertThat(hex(header.bytes(ProxyProtocol.V2_TLV)))
                .endsWith("ea" + "0016" + "01" + "767063652d30386432626631356661633530303163");
    }

    /** Fills in the checksum, the first extension behind addresses of IPv4. */
    private static byte[] withChecksum(byte[] header) {
        ByteBuffer.wrap(header).putShort(14, (short) (header.length - 16)).putInt(31, 0);
        CRC32C sum = new CRC32C();
        sum.update(header);
        ByteBuffer.wrap(header).putInt(31, (int) sum.getValue());
        return header;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "50524f587920", // PROXy
                "474554202f", // GET /
                "0d0a0d0a000d0a515549540b", // another signature
                SIGNATURE + "31" + "11" + "000c", // version 3
                SIGNATURE + "22" + "11" + "000c", // an unknown command
            })
    void whatIsNoHeaderIsNoneAtOnce(String hex) {
        assertThatThrownBy(() -> ProxyHeader.length(bytes(hex))).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                SIGNATURE + "21" + "11" + "0004" + "c0000207", // an address only
                SIGNATURE + "21" + "21" + "000c" + "c0000207" + "c6120009" + "9c40" + "0050", // IPv4 called IPv6
                SIGNATURE + "21" + "11" + "000e" + "c0000207" + "c6120009" + "9c40" + "0050"
                        + "0200", // half an extension
                SIGNATURE + "21" + "11" + "000f" + "c0000207" + "c6120009" + "9c40" + "0050"
                        + "020001", // without its value
                SIGNATURE + "21" + "11" + "0010" + "c0000207" + "c6120009" + "9c40" + "0050"
                        + "03000100", // a short checksum
            })
    void aBlockThatMakesNoSenseIsNoHeader(String hex) {
        assertThatThrownBy(() -> ProxyHeader.read(bytes(hex))).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 192.0.2.7 198.18.0.9 40000\r\n",
                "PROXY TCP4 192.0.2.7 198.18.0.9 40000 80 1\r\n",
                "PROXY TCP6 192.0.2.7 198.18.0.9 40000 80\r\n",
                "PROXY TCP4 ::ffff:192.0.2.7 ::ffff:198.18.0.9 40000 80\r\n",
                "PROXY TCP4 192.0.2.07 198.18.0.9 40000 80\r\n",
                "PROXY TCP4 2001:db8::7 2001:db8::9 40000 80\r\n",
                "PROXY TCP6 fe80::7%eth0 2001:db8::9 40000 80\r\n",
                "PROXY TCP6 [2001:db8::7] 2001:db8::9 40000 80\r\n",
                "PROXY TCP4 example.com 198.18.0.9 40000 80\r\n",
                "PROXY TCP4 192.0.2.7 198.18.0.9 65536 80\r\n",
                "PROXY TCP4 192.0.2.7 198.18.0.9 40000 -1\r\n",
                "PROXY TCP4 192.0.2.7 198.18.0.9 40000 0080\r\n",
                "PROXY TCP4 192.0.2.7 198.18.0.9 40000 \uff18\uff10\r\n",
                "PROXY UDP4 192.0.2.7 198.18.0.9 40000 80\r\n",
                "PROXY TCP4  192.0.2.7 198.18.0.9 40000 80\r\n",
                "PROXY \r\n",
            })
    void aLineThatMakesNoSenseIsNoHeader(String line) {
        assertThatThrownBy(() -> ProxyHeader.read(line.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(ProtocolException.class);
    }

    @Test
    void aLineEndsInTime() throws Exception {
        byte[] most = ("PROXY UNKNOWN " + "x".repeat(107 - 16) + "\r\n").getBytes(StandardCharsets.US_ASCII);

        assertThat(ProxyHeader.length(most)).hasValue(107);
        assertThat(ProxyHeader.length(Arrays.copyOf(most, 106))).isEqualTo(OptionalInt.empty());
        most[105] = 'x';
        assertThatThrownBy(() -> ProxyHeader.length(most)).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "50524f585920554e4b4e4f574e0d0a", // PROXY UNKNOWN
                "50524f585920554e4b4e4f574e2061206220630d0a", // PROXY UNKNOWN a b c
                SIGNATURE + "20" + "00" + "0000", // the proxy's own, to see whether we are there
                SIGNATURE + "20" + "11" + "000c" + "c0000207" + "c6120009" + "9c40" + "0050", // its own, with addresses
                SIGNATURE + "21" + "00" + "0003" + "040000", // of nothing that is specified
                SIGNATURE + "21" + "12" + "000c" + "c0000207" + "c6120009" + "9c40" + "0050", // UDP
                SIGNATURE + "21" + "31" + "0002" + "0000", // a unix socket
            })
    void aProxyMayNotSayWhoTheClientIs(String hex) throws Exception {
        byte[] header = bytes(hex);

        assertThat(ProxyHeader.length(header)).hasValue(header.length);
        assertThat(ProxyHeader.read(header)).isEqualTo(ProxyHeader.LOCAL);
    }

    private static Optional<ProxyHeader.Route> route(String client, int clientPort, String destination, int port) {
        return Optional.of(new ProxyHeader.Route(
                new InetSocketAddress(InetAddresses.forString(client), clientPort),
                new InetSocketAddress(InetAddresses.forString(destination), port)));
    }

    private static String line(String client, String destination) {
        return new String(header(ProxyProtocol.V1, client, destination), StandardCharsets.US_ASCII);
    }

    private static byte[] header(ProxyProtocol protocol, String client, String destination) {
        return new ProxyHeader(route(client, 40_000, destination, 80), ByteBuffer.allocate(0)).bytes(protocol);
    }

    private static byte[] bytes(String hex) {
        return BaseEncoding.base16().lowerCase().decode(hex);
    }

    private static String hex(byte[] bytes) {
        return BaseEncoding.base16().lowerCase().encode(bytes);
    }
}
