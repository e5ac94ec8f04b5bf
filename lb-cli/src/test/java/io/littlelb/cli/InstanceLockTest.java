package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class InstanceLockTest {
    /** No link has this name, so no program of this machine can be in the way. */
    private static final String LINK = "test" + ProcessHandle.current().pid();

    @Test
    void namesThePidOfTheInstanceThatIsThereAlready() throws IOException {
        try (InstanceLock lock = InstanceLock.take(LINK)) {
            assertThat(lock).isNotNull();
            assertThat(Files.readAllLines(Path.of("/proc/net/unix")))
                    .anyMatch(line -> line.endsWith("@littlelb/" + LINK));
            assertThatThrownBy(() -> InstanceLock.take(LINK))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid() + " serves link " + LINK);
        }
        InstanceLock.take(LINK).close();
    }

    @Test
    void letsAnotherLinkBeServedBesideIt() throws IOException {
        try (InstanceLock one = InstanceLock.take(LINK);
                InstanceLock other = InstanceLock.take(LINK + "b")) {
            assertThat(one).isNotSameAs(other);
        }
    }
}
