package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeSelectorTest {
    private static final Map<String, String> LABELS = Map.of("node-role.kubernetes.io/worker", "", "zone", "a");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                                        | true",
                "node-role.kubernetes.io/worker            | true",
                "!node-role.kubernetes.io/worker           | false",
                "node-role.kubernetes.io/edge              | false",
                "zone=a                                    | true",
                "zone==a                                   | true",
                "zone=b                                    | false",
                "zone!=b                                   | true",
                "rack!=b                                   | true",
                "zone in (a, b)                            | true",
                "zone notin (a,b)                          | false",
                "rack notin (a,b)                          | true",
                "zone=a,node-role.kubernetes.io/worker     | true",
                "zone in (a,b),!zone                       | false",
            })
    void selectsAsKubectlDoes(String selector, boolean selected) {
        assertThat(NodeSelector.parse(selector).selects(LABELS)).isEqualTo(selected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "=a", "zone in a", "zone=(a)", "a,,b"})
    void refusesWhatIsNoSelector(String text) {
        assertThatThrownBy(() -> NodeSelector.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is no label requirement; write key");
    }

    @Test
    void printsAsItWasWritten() {
        assertThat(NodeSelector.parse(" zone in (a,b) ")).hasToString("zone in (a,b)");
    }
}
