package io.littlelb.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {
    @Test
    void isReadAsItIsWritten() {
        TrafficPolicy traffic = TrafficPolicy.DEFAULT;
        traffic = Policy.BALANCE.apply(traffic, "least-connections");
        traffic = Policy.PROXY_PROTOCOL.apply(traffic, "v2");
        traffic = Policy.IDLE_TIMEOUT.apply(traffic, "5m");
        traffic = Policy.DRAIN_TIMEOUT.apply(traffic, "30s");
        traffic = Policy.MAX_CONNECTIONS.apply(traffic, "1000");
        traffic = Policy.MAX_CONNECTIONS_PER_SOURCE.apply(traffic, "10");

        assertThat(traffic.balance()).isEqualTo(Balance.LEAST_CONNECTIONS);
        assertThat(traffic.proxyProtocol()).isEqualTo(ProxyProtocol.V2);
        assertThat(traffic.idleTimeout()).contains(Duration.ofMinutes(5));
        assertThat(traffic.drainTimeout()).contains(Duration.ofSeconds(30));
        assertThat(traffic.maxConnections()).hasValue(1000);
        assertThat(traffic.maxConnectionsPerSource()).hasValue(10);
        assertThat(Policy.IDLE_TIMEOUT.apply(traffic, "off").idleTimeout()).contains(Duration.ZERO);
        assertThat(Policy.MAX_CONNECTIONS.text()).isEqualTo("max-connections");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            BALANCE         | best | "best" is none of round-robin, least-connections, client-ip
            PROXY_PROTOCOL  | v3   | "v3" is none of off, v1, v2, v2-tlv
            IDLE_TIMEOUT    | 5    | "5" is no duration such as 250ms, 3s, 2m or 1h
            MAX_CONNECTIONS_PER_SOURCE | many | "many" is no number from 1 to 999999999
            MAX_CONNECTIONS | 0    | "0" is no number from 1 to 999999999
            """)
    void whatMakesNoSenseIsSaidWithWhatIsAllowed(Policy policy, String text, String message) {
        assertThatThrownBy(() -> policy.apply(TrafficPolicy.DEFAULT, text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
