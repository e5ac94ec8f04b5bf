package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyOptionsTest {
    @ParameterizedTest
    @CsvSource({
        "1024, 8589934592, 384", // by descriptors
        "20000, 8589934592, 9872",
        "1048576, 8589934592, 524160",
        "1048576, 67108864, 16384", // by a heap of 64 MiB
        "1048576, 8388608, 2048",
        "100, 8589934592, 1"
    })
    void thereAreAsManyConnectionsAsDescriptorsAndHeapAllow(long descriptors, long heap, int connections) {
        assertThat(ProxyOptions.mostConnections(descriptors, heap)).isEqualTo(connections);
    }

    @Test
    void fewDescriptorsAreNotSpentOnPipes() {
        assertThat(ProxyOptions.pipes(1024, 512)).isEqualTo(16);
        assertThat(ProxyOptions.pipes(20_000, 512)).isEqualTo(312);
        assertThat(ProxyOptions.pipes(1_048_576, 512)).isEqualTo(512);
    }
}
