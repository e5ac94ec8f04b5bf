package io.littlelb.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "198.18.5.9/24, 198.18.5.0, 198.18.5.255",
        "198.18.5.9/15, 198.18.0.0, 198.19.255.255",
        "198.18.5.9/30, 198.18.5.8, 198.18.5.11",
        "198.18.5.9/32, 198.18.5.9, 198.18.5.9",
        "198.18.5.9/0, 0.0.0.0, 255.255.255.255",
        "2001:db8::9/64, 2001:db8::, 2001:db8::ffff:ffff:ffff:ffff",
        "2001:db8::9/127, 2001:db8::8, 2001:db8::9",
        "2001:db8::9/61, 2001:db8::, 2001:db8:0:7:ffff:ffff:ffff:ffff",
    })
    void spansFromItsNetworkToItsLastAddress(String cidr, String network, String last) {
        Cidr parsed = Cidr.parse(cidr).orElseThrow();
        assertThat(Addresses.print(parsed.network())).isEqualTo(network);
        assertThat(Addresses.print(parsed.last())).isEqualTo(last);
        assertThat(parsed).hasToString(cidr);
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.1/24, 198.18.0.9, true",
        "198.18.0.1/24, 198.18.1.9, false",
        "198.18.0.1/24, 198.18.0.0, false",
        "198.18.0.1/24, 198.18.0.255, false",
        "198.18.0.0/31, 198.18.0.0, true",
        "198.18.0.0/31, 198.18.0.1, true",
        "198.18.0.7/32, 198.18.0.7, true",
        "2001:db8::1/64, 2001:db8::, false",
        "2001:db8::1/64, 2001:db8::ffff:ffff:ffff:ffff, true",
        "2001:db8::1/64, 198.18.0.9, false",
        "198.18.0.1/24, 2001:db8::1, false",
        "2001:db8::2/127, 2001:db8::2, true",
    })
    void hasEveryHostButTheNetworkAndTheBroadcastAddress(String cidr, String address, boolean host) {
        assertThat(Cidr.parse(cidr)
                        .orElseThrow()
                        .hasHost(Addresses.parse(address).orElseThrow()))
                .isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "198.18.0.9",
                "198.18.0.9/",
                "198.18.0.9/33",
                "2001:db8::/129",
                "a/24",
                "198.18.0/24",
                "198.18.0.9/-1",
                "198.18.0.9/+4",
                "198.18.0.9/1000",
                "example.com/24",
                "fe80::1%eth0/64"
            })
    void readsNothingButLiterals(String text) {
        assertThat(Cidr.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"198.18.5.9/24", "255.255.255.255/0", "2001:db8::9/61", "fe80::1/128", "::/0"})
    void isTheSameByItsBits(String text) {
        Cidr parsed = Cidr.parse(text).orElseThrow();

        Cidr made = new Cidr(parsed.family(), parsed.high(), parsed.low(), parsed.prefixLength());

        assertThat(made).isEqualTo(parsed).hasSameHashCodeAs(parsed).hasToString(text);
        assertThat(made.address()).isEqualTo(parsed.address());
    }

    @Test
    void comesInTheOrderOfAddresses() {
        assertThat(Stream.of("2001:db8::9/64", "::1/128", "255.0.0.0/8", "198.18.0.9/32", "198.18.0.9/24", "ff00::/8")
                        .map(Cidr::parse)
                        .map(Optional::orElseThrow)
                        .sorted())
                .map(Cidr::toString)
                .containsExactly(
                        "198.18.0.9/24", "198.18.0.9/32", "255.0.0.0/8", "::1/128", "2001:db8::9/64", "ff00::/8");
    }

    @Test
    void keepsTheHostBitsSoThatTwoPrefixLengthsAreTwoAddresses() {
        assertThat(Cidr.parse("198.18.0.9/24")).isNotEqualTo(Cidr.parse("198.18.0.9/32"));
        assertThat(Cidr.parse("198.18.0.9/24").orElseThrow().subnet()).hasToString("198.18.0.0/24");
    }
}
