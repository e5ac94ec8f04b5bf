package io.littlelb.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EndingTest {
    @Test
    void theirWordsAreThoseThatScriptsMatchOn() {
        assertThat(Stream.of(Ending.values()).map(Ending::word))
                .containsExactly(
                        "client_closed",
                        "backend_closed",
                        "client_reset",
                        "backend_reset",
                        "idle_timeout",
                        "drain_timeout",
                        "no_backend",
                        "source_refused",
                        "limit_source",
                        "proxy_header_invalid",
                        "disconnected",
                        "shutdown",
                        "shortage",
                        "error");
    }
}
