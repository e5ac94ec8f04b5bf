package io.littlelb.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.process.LbProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(InNetworkNamespace.class)
class DemoTest {
    @TempDir
    private Path directory;

    @Test
    void everyStepOfTheStoryHolds() throws Exception {
        try (LbProcess demo = LbProcess.startMain(Demo.class.getName(), directory)) {
            assertThat(demo.waitFor()).as(demo.output()).isZero();
            assertThat(demo.output())
                    .contains("ok: it is refused, and told why by an Event")
                    .contains("AddressInUse: 198.18.0.9 is held by Service default/echo")
                    .endsWith("Every step held.");
        }
    }

    @Test
    void itWillNotTouchANetworkThatHasLinks(NetworkNamespace network) throws Exception {
        network.ip("link add veth0 type veth peer name veth1");

        try (LbProcess demo = LbProcess.startMain(Demo.class.getName(), directory)) {
            assertThat(demo.waitFor()).isEqualTo(2);
            assertThat(demo.output()).contains("start it with ./lb demo");
        }
        assertThat(network.ip("link show")).doesNotContain("br0");
    }
}
