package io.littlelb.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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

    @Test
    void allThatIsSaidIsReadTogetherAndWhatMakesNoSenseLeavesTheDefault() {
        Map<Policy, String> said = new LinkedHashMap<>();
        said.put(Policy.MAX_CONNECTIONS, "0");
        said.put(Policy.DRAIN_TIMEOUT, "5s");
        said.put(Policy.BALANCE, "best");

        Policy.Reading reading = Policy.read(said);

        assertThat(reading.traffic()).isEqualTo(TrafficPolicy.DEFAULT.withDrainTimeout(Duration.ofSeconds(5)));
        assertThat(reading.refused())
                .containsExactly(
                        new Policy.Refused(Policy.MAX_CONNECTIONS, "\"0\" is no number from 1 to 999999999"),
                        new Policy.Refused(
                                Policy.BALANCE, "\"best\" is none of round-robin, least-connections, client-ip"));
    }

    @ParameterizedTest
    @EnumSource
    void hasANameAndSaysWhatIsAllowed(Policy policy) {
        assertThat(Policy.named(policy.text())).contains(policy);
        assertThat(policy.allowed()).matches("(a|one of) .+");
        assertThat(policy.byDefault()).isNotBlank();
    }

    @Test
    void noTrafficIsMadeOfWhatCannotBe() {
        TrafficPolicy traffic = TrafficPolicy.DEFAULT;

        assertThatIllegalArgumentException().isThrownBy(() -> traffic.withMaxConnections(0));
        assertThatIllegalArgumentException().isThrownBy(() -> traffic.withMaxConnectionsPerSource(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> traffic.withIdleTimeout(Duration.ofSeconds(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> traffic.withDrainTimeout(Duration.ofDays(1_000_000)));
        assertThatIllegalArgumentException().isThrownBy(() -> traffic.withAffinity(Duration.ofNanos(-1)));
    }
}
