package io.littlelb.cli.ask;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quantities as people read them. */
final class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "310, 310 B",
        "999, 999 B",
        "1000, 1 kB",
        "1200, 1.2 kB",
        "1000000, 1 MB",
        "9940000, 9.9 MB",
        "9960000, 10 MB",
        "999600000, 1 GB",
        "1240000000, 1.2 GB",
        "5000000000000000, 5 PB",
        "5000000000000000000, 5 000 PB"
    })
    void bytes(long bytes, String text) {
        assertThat(Units.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.01, 0", "1, 8 b/s", "212500000, 1.7 Gb/s", "1125000, 9 Mb/s"})
    void bits(double bytesPerSecond, String text) {
        assertThat(Units.bits(bytesPerSecond)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.04, 0", "0.4, 0.4/s", "3, 3/s", "9.96, 10/s", "312.4, 312/s", "12345, 12 345/s"})
    void perSecond(double rate, String text) {
        assertThat(Units.perSecond(rate)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 s",
        "0.42, 0.4 s",
        "9.96, 10 s",
        "59.4, 59 s",
        "59.6, 1 min",
        "61, 1 min 1 s",
        "240, 4 min",
        "700, 11 min",
        "3600, 1 h",
        "3720, 1 h 2 min",
        "40000, 11 h",
        "273600, 3 d 4 h",
        "86400, 1 d",
        "2000000, 23 d"
    })
    void spans(double seconds, String text) {
        assertThat(Units.span(seconds)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 µs",
        "0.00002, 20 µs",
        "0.0002, 0.2 ms",
        "0.0011, 1.1 ms",
        "0.31, 310 ms",
        "0.9996, 1 s",
        "2.9, 2.9 s"
    })
    void latencies(double seconds, String text) {
        assertThat(Units.latency(seconds)).isEqualTo(text);
    }

    @Test
    void whatNeverWas() {
        assertThat(Units.ago(Optional.empty())).isEqualTo("never");
        assertThat(Units.ago(Optional.of(12.0))).isEqualTo("12 s ago");
        assertThat(Units.span(Optional.empty())).isEqualTo("-");
    }
}
