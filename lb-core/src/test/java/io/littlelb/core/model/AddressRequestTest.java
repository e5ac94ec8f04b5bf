package io.littlelb.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressRequestTest {
    @Test
    void isNoneWhenNothingIsWritten() {
        assertThat(AddressRequest.parse("", " ")).isEqualTo(AddressRequest.none());
    }

    @Test
    void takesOneLiteralPerFamily() {
        assertThat(AddressRequest.parse("", "198.18.0.9, 2001:db8::9"))
                .isEqualTo(new AddressRequest.Literal(List.of(
                        Addresses.parse("198.18.0.9").orElseThrow(),
                        Addresses.parse("2001:db8::9").orElseThrow())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not-an-ip | \"not-an-ip\" is not an IP address",
                "localhost | \"localhost\" is not an IP address",
                "198.18.0.300 | \"198.18.0.300\" is not an IP address",
                "198.18.9 | \"198.18.9\" is not an IP address",
                "198.18.0.9/24 | \"198.18.0.9/24\" is not an IP address",
                "fe80::1%eth0 | \"fe80::1%eth0\" is not an IP address",
                "198.18.0.9, | \"\" is not an IP address",
                "' 198.18.0.9' | \" 198.18.0.9\" is not an IP address",
                "'198.18.0.9 ' | \"198.18.0.9 \" is not an IP address",
                "198.18.0.09 | is not an IP address",
                "１９８.18.0.9 | is not an IP address",
                "::ffff:198.18.0.9 | is not an IP address",
                "::ffff:c612:9 | is not an IP address",
                "'198.18.0.9\n' | \"198.18.0.9\\u{a}\" is not an IP address",
                "0.0.0.0 | the unspecified address",
                ":: | the unspecified address",
                "127.0.0.1 | a loopback address",
                "::1 | a loopback address",
                "224.0.0.5 | a multicast address",
                "ff02::1 | a multicast address",
                "169.254.1.1 | a link-local address",
                "fe80::1 | a link-local address",
                "198.18.0.9,198.18.0.10 | more than one IPv4 address",
            })
    void saysWhatIsWrongWithAnyOtherText(String text, String why) {
        assertThat(AddressRequest.parse(text, "")).isInstanceOfSatisfying(AddressRequest.Invalid.class, invalid -> {
            assertThat(invalid.problem().reason()).isEqualTo(Reason.InvalidAddress);
            assertThat(invalid.problem().detail()).contains(why);
        });
    }

    @Test
    void takesIPv6InAnySpelling() {
        assertThat(AddressRequest.parse("2001:0DB8:0:0::9", "")).isEqualTo(AddressRequest.parse("2001:db8::9", ""));
        assertThat(AddressRequest.parse("2001:db8::9", "")).isInstanceOf(AddressRequest.Literal.class);
    }

    @Test
    void refusesTheFieldAndTheAnnotationTogetherEvenWhenTheyAgree() {
        assertThat(AddressRequest.parse("198.18.0.9", "198.18.0.9"))
                .isInstanceOfSatisfying(
                        AddressRequest.Invalid.class,
                        invalid -> assertThat(invalid.problem().reason()).isEqualTo(Reason.ConflictingRequest));
    }
}
