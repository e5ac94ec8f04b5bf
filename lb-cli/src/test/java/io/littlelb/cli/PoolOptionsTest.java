package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class PoolOptionsTest {
    private static final Link LINK = new Link(
            "br0", 7, Link.State.UP, List.of(Cidr.parse("198.18.0.1/24").orElseThrow()), Set.of());

    @Test
    void joinsTheRangesOfOneNameInTheOrderGiven() throws Exception {
        assertThat(read("lan=198.18.0.64/30", "198.18.0.9-198.18.0.9", "lan=2001:db8::20/127")
                        .pools())
                .containsExactly(
                        new AddressPool("lan", List.of(range("198.18.0.64/30"), range("2001:db8::20/127"))),
                        new AddressPool("default", List.of(range("198.18.0.9/32"))));
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.9, write [NAME[@NAMESPACE",
        "lan=, write [NAME[@NAMESPACE",
        "=198.18.0.64/30, the name is empty",
        "lan@=198.18.0.64/30, no namespace can be called",
        "lan@Team_A=198.18.0.64/30, no namespace can be called",
        "198.18.0.9-198.18.0.8, write [NAME[@NAMESPACE",
        "198.18.0.9-2001:db8::9, write [NAME[@NAMESPACE",
        "host-a, write [NAME[@NAMESPACE",
    })
    void saysWhatIsWrongWithAValue(String value, String message) {
        assertThatThrownBy(() -> read(value).pools())
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(value)
                .hasMessageContaining(message);
    }

    @Test
    void isForTheNamespacesThatItNames() throws Exception {
        assertThat(read("lan@a,b=198.18.0.64/30", "lan@b,a=198.18.0.72/30").pools())
                .containsExactly(new AddressPool(
                        "lan", Set.of("a", "b"), List.of(range("198.18.0.64/30"), range("198.18.0.72/30"))));
        assertThatThrownBy(
                        () -> read("lan@a=198.18.0.64/30", "lan=198.18.0.72/30").pools())
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("other namespaces");
    }

    @Test
    void putsAnAddressIntoOnePoolOnly() {
        assertThatThrownBy(() -> read("a=198.18.0.0/28", "b=198.18.0.15/32").pools())
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("b=198.18.0.15/32")
                .hasMessageContaining("198.18.0.0-198.18.0.15");
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.0/28, 198.18.0.0/24", "198.18.0.250-198.18.1.5, 198.18.0.0/24", "2001:db8::/120, no IPv6"})
    void refusesARangeThatTheLinkCannotTake(String range, String message) {
        assertThatThrownBy(() -> read(range).check(LINK))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("br0")
                .hasMessageContaining(message);
    }

    @Test
    void takesOneThatItCan() throws Exception {
        read("198.18.0.64/28").check(LINK);
    }

    @Command
    private static final class Holder {
        @Mixin
        private PoolOptions pools;
    }

    private static PoolOptions read(String... values) {
        Holder holder = new Holder();
        new CommandLine(holder)
                .parseArgs(Stream.of(values).map(value -> "--pool=" + value).toArray(String[]::new));
        return holder.pools;
    }

    private static AddressRange range(String text) {
        return AddressRange.parse(text).orElseThrow();
    }
}
