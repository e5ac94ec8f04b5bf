package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.BaseEncoding;
import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ProxyProtocol;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

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
