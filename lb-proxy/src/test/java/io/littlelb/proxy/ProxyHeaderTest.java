package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.io.BaseEncoding;
import com.google.common.net.InetAddresses;
import com.google.common.primitives.Bytes;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ProxyProtocol;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Byte by byte, as HAProxy's doc/proxy-protocol.txt has it. */
class ProxyHeaderTest {
    @Test
    void versionOneIsALine() {
        assertThat(new String(header(ProxyProtocol.V1, "192.0.2.7", "198.18.0.9"), StandardCharsets.US_ASCII))
                .isEqualTo("PROXY TCP4 192.0.2.7 198.18.0.9 40000 80\r\n");
        assertThat(new String(header(ProxyProtocol.V1, "2001:db8::7", "2001:db8::9"), StandardCharsets.US_ASCII))
                .isEqualTo("PROXY TCP6 2001:db8::7 2001:db8::9 40000 80\r\n");
    }

    @Test
    void versionTwoIsBinary() {
        String signature = "0d0a0d0a000d0a515549540a";
        assertThat(hex(header(ProxyProtocol.V2, "192.0.2.7", "198.18.0.9")))
                .isEqualTo(signature + "21" + "11" + "000c" + "c0000207" + "c6120009" + "9c40" + "0050");
        assertThat(hex(header(ProxyProtocol.V2, "2001:db8::7", "2001:db8::9")))
                .isEqualTo(signature + "21" + "21" + "0024" + "20010db8000000000000000000000007"
                        + "20010db8000000000000000000000009" + "9c40" + "0050");
    }

    @Test
    void nothingIsSaidWhereNothingIsAskedFor() {
        assertThat(header(ProxyProtocol.OFF, "192.0.2.7", "198.18.0.9")).isEmpty();
    }

    @Test
    void addressesOfTwoFamiliesAreBothSaidInIpv6() {
        assertThat(new String(header(ProxyProtocol.V1, "2001:db8::7", "198.18.0.9"), StandardCharsets.US_ASCII))
                .isEqualTo("PROXY TCP6 2001:db8::7 ::ffff:c612:9 40000 80\r\n");
        assertThat(hex(header(ProxyProtocol.V2, "2001:db8::7", "198.18.0.9")))
                .endsWith("20010db8000000000000000000000007" + "00000000000000000000ffffc6120009" + "9c40" + "0050");
    }

    @ParameterizedTest
    @CsvSource({
        "V1, 192.0.2.7, 198.18.0.9",
        "V1, 2001:db8::7, 2001:db8::9",
        "V2, 192.0.2.7, 198.18.0.9",
        "V2, 2001:db8::7, 2001:db8::9"
    })
    void whatIsWrittenIsRead(ProxyProtocol protocol, String client, String frontend) throws Exception {
        byte[] header = header(protocol, client, frontend);
        for (int cut = 0; cut < header.length; cut++) {
            assertThat(ProxyHeader.read(Arrays.copyOf(header, cut)))
                    .as("%d bytes of it", cut)
                    .isEmpty();
        }

        assertThat(ProxyHeader.read(Bytes.concat(header, "GET".getBytes(StandardCharsets.US_ASCII))))
                .contains(new ProxyHeader.Received(
                        header.length, Optional.of(new InetSocketAddress(InetAddresses.forString(client), 40_000))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "50524f587920", // PROXy
                "474554202f", // GET /
                "0d0a0d0a000d0a515549540b", // another signature
                "0d0a0d0a000d0a515549540a" + "31" + "11" + "000c", // version 3
                "0d0a0d0a000d0a515549540a" + "22" + "11" + "000c", // an unknown command
                "0d0a0d0a000d0a515549540a" + "21" + "11" + "0004" + "c0000207", // an address only
                "0d0a0d0a000d0a515549540a" + "21" + "11" + "ffff", // longer than anybody sends
            })
    void whatIsNoHeaderIsNoneAtOnce(String hex) {
        assertThatThrownBy(
                        () -> ProxyHeader.read(BaseEncoding.base16().lowerCase().decode(hex)))
                .isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 192.0.2.7 198.18.0.9 40000\r\n",
                "PROXY TCP4 192.0.2.7 198.18.0.9 40000 80 1\r\n",
                "PROXY TCP6 192.0.2.7 198.18.0.9 40000 80\r\n",
                "PROXY TCP4 example.com 198.18.0.9 40000 80\r\n",
                "PROXY TCP4 192.0.2.7 198.18.0.9 65536 80\r\n",
                "PROXY TCP4 192.0.2.7 198.18.0.9 40000 -1\r\n",
                "PROXY UDP4 192.0.2.7 198.18.0.9 40000 80\r\n",
                "PROXY \r\n",
                "PROXY UNKNOWN 45678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567",
            })
    void aLineThatMakesNoSenseIsNoHeader(String line) {
        assertThatThrownBy(() -> ProxyHeader.read(line.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "50524f585920554e4b4e4f574e0d0a", // PROXY UNKNOWN
                "50524f585920554e4b4e4f574e2061206220630d0a", // PROXY UNKNOWN a b c
                "0d0a0d0a000d0a515549540a" + "20" + "00" + "0000", // the proxy's own, to see whether we are there
                "0d0a0d0a000d0a515549540a" + "21" + "31" + "0002" + "0000", // a unix socket
            })
    void aProxyMayNotSayWhoTheClientIs(String hex) throws Exception {
        byte[] header = BaseEncoding.base16().lowerCase().decode(hex);

        assertThat(ProxyHeader.read(header)).contains(new ProxyHeader.Received(header.length, Optional.empty()));
    }

    private static byte[] header(ProxyProtocol protocol, String client, String frontend) {
        return ProxyHeader.of(
                protocol,
                InetAddresses.forString(client),
                40_000,
                new Frontend(InetAddresses.forString(frontend), 80, Protocol.TCP));
    }

    private static String hex(byte[] bytes) {
        return BaseEncoding.base16().lowerCase().encode(bytes);
    }
}
