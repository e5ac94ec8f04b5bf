package io.littlelb.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The layouts are those that a C program prints with offsetof; an address goes in and out through the kernel as well. */
final class SockAddrTest {
    @Test
    void laysOutAnIpv4AddressAsTheKernelDoes() throws Exception {
        SockAddr address = SockAddr.of(InetAddress.getByName("198.18.0.9"), 8080);
        assertThat(hex(address)).isEqualTo("0200" + "1F90" + "C6120009" + "0000000000000000");
        assertThat(address.inet()).isEqualTo(new InetSocketAddress("198.18.0.9", 8080));
        assertThat(address).hasToString("198.18.0.9:8080");
    }

    @Test
    void laysOutAnIpv6AddressAsTheKernelDoes() throws Exception {
        SockAddr address = SockAddr.of(InetAddress.getByName("2001:db8::9"), 443);
        assertThat(hex(address))
                .isEqualTo("0A00" + "01BB" + "00000000" + "20010DB8000000000000000000000009" + "00000000");
        assertThat(address.inet()).isEqualTo(new InetSocketAddress("2001:db8::9", 443));
    }

    @Test
    void laysOutANetlinkAddressAsTheKernelDoes() {
        SockAddr address = SockAddr.netlink(0x01020304, 0x511);
        assertThat(hex(address)).isEqualTo("1000" + "0000" + "04030201" + "11050000");
        assertThat(address.portId()).isEqualTo(0x01020304);
    }

    @Test
    void comesBackFromTheKernelAsItWasBound() throws Exception {
        for (String ip : new String[] {"127.0.0.1", "::1"}) {
            InetAddress loopback = InetAddress.getByName(ip);
            int family = loopback.getAddress().length == 4 ? SockAddr.AF_INET : SockAddr.AF_INET6;
            try (Fd socket = Linux.socket(family, Linux.SOCK_STREAM, 0)) {
                Linux.bind(socket, SockAddr.of(loopback, 0));
                SockAddr bound = Linux.getsockname(socket);
                assertThat(bound.ip()).isEqualTo(loopback);
                assertThat(bound.inet().getPort()).isPositive();
            }
        }
    }

    private static String hex(SockAddr address) {
        byte[] bytes = new byte[address.length()];
        address.memory().get(0, bytes, 0, bytes.length);
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }
}
