package io.littlelb.testkit.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(InNetworkNamespace.class)
class NetworkNamespaceTest {
    @Test
    void hasNothingOpenOfACommandThatHasEnded(NetworkNamespace network) {
        network.execute(List.of("true"));
        long before = Descriptors.count();
        for (int i = 0; i < 200; i++) {
            network.execute(List.of("true"));
            assertThat(Descriptors.count()).as("after command " + i).isLessThanOrEqualTo(before);
        }
    }
}
