package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LinkChoiceTest {
    private static final Link INSIDE = link("eth0", Set.of(), "198.18.0.1/24", "2001:db8::1/64");
    private static final Link OUTSIDE = link("eth1", Set.of(ip("192.0.2.254")), "192.0.2.1/28");

    @ParameterizedTest
    @CsvSource({
        "auto, eth1",
        "198.18.0.0/24, eth0",
        "198.18.0.0/16, eth0",
        "2001:db8::/64, eth0",
        "192.0.2.1/28, eth1",
        "eth0, eth0",
        "later, later"
    })
    void namesTheLinkThatIsMeant(String flag, String name) throws UsageException {
        assertThat(LinkChoice.of(flag, List.of(INSIDE, OUTSIDE))).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.0/24, no link has an address in it",
        "0.0.0.0/0, more than one link has an address in it",
        "lo, no other host reaches",
        "'', is needed"
    })
    void saysWhyItCannotTell(String flag, String why) {
        assertThatThrownBy(() -> LinkChoice.of(flag, List.of(INSIDE, OUTSIDE)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--linkdevice")
                .hasMessageContaining(why);
    }

    @Test
    void saysThatNoLinkHasADefaultRoute() {
        assertThatThrownBy(() -> LinkChoice.of("auto", List.of(INSIDE)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no link has a default route")
                .hasMessageContaining("eth0 [198.18.0.1/24, 2001:db8::1/64]");
    }

    private static Link link(String name, Set<InetAddress> gateways, String... addresses) {
        List<Cidr> own =
                Stream.of(addresses).map(text -> Cidr.parse(text).orElseThrow()).toList();
        return new Link(name, 2, Link.State.UP, own, gateways);
    }

    private static InetAddress ip(String text) {
        return Addresses.parse(text).orElseThrow();
    }
}
