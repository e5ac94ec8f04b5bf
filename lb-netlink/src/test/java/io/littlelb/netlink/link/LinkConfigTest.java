package io.littlelb.netlink.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkConfigTest {
    @ParameterizedTest
    @ValueSource(strings = {"PT999999H", "PT596524H", "PT5S", "PT0S", "PT-10S", "PT6.5S", "PT2562047788015215H"})
    void refusesALifetimeThatTheKernelCannotCount(String lifetime) {
        assertThatThrownBy(() -> LinkConfig.DEFAULT.withAddressLifetime(Duration.parse(lifetime)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("6s to 596523h");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT6S", "PT596523H"})
    void takesAnyThatItCan(String lifetime) {
        assertThat(LinkConfig.DEFAULT
                        .withAddressLifetime(Duration.parse(lifetime))
                        .addressLifetime())
                .contains(Duration.parse(lifetime));
    }

    @Test
    void theLongestFitsIntoTheMessage() {
        assertThat(LinkConfig.LONGEST_LIFETIME.toSeconds()).isLessThan(Integer.MAX_VALUE);
    }
}
