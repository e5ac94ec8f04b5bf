package io.littlelb.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
    @ParameterizedTest
    @ValueSource(strings = {"50us", "1500us", "250ms", "1500ms", "1s", "90s", "5m", "596523h", "0s"})
    void printsWhatItReads(String text) {
        assertThat(Durations.print(Durations.parse(text).orElseThrow())).isEqualTo(text);
    }

    @Test
    void takesTheLongestUnitThatFits() {
        assertThat(Durations.print(Duration.ofMinutes(61).plusMinutes(59))).isEqualTo("2h");
        assertThat(Durations.print(Duration.ofMillis(2500).plusMillis(500))).isEqualTo("3s");
        assertThat(Durations.print(Duration.ofNanos(1))).isEqualTo("1ns");
        assertThat(Durations.print(Duration.ofSeconds(-3))).isEqualTo("-3s");
    }

    @Test
    void roughlyIsNoMoreExactThanAnybodyCares() {
        assertThat(Durations.roughly(Duration.ofNanos(250_999_999))).isEqualTo("250ms");
        assertThat(Durations.roughly(Duration.ofMillis(95_400))).isEqualTo("95s");
        assertThat(Durations.roughly(Duration.ofSeconds(1039))).isEqualTo("17m");
        assertThat(Durations.roughly(Duration.ofMinutes(1815))).isEqualTo("30h");
        assertThat(Durations.roughly(Duration.ZERO)).isEqualTo("0us");
    }
}
