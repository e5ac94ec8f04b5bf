package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
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

    /** Any user can take a name of the abstract namespace; it neither stops the instance nor holds it up. */
    @Test
    void isNotKeptFromItsLinkByAUserWhoHasTheName() throws Exception {
        assumeTrue(
                hasOtherUsers(),
                "an ordinary user's namespace has no user but root, so there is nobody to take the name");
        Process user = new ProcessBuilder(
                        "setpriv",
                        "--reuid=65534",
                        "--clear-groups",
                        "perl",
                        "-MSocket",
                        "-e",
                        "$|=1; socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, pack_sockaddr_un(\"\\0littlelb/" + LINK
                                + "\")) or die $!; listen(S, 0); print \"ready\\n\"; sleep 60")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = user.inputReader()) {
            assertThat(said.readLine()).isEqualTo("ready");
            try (InstanceLock lock = InstanceLock.take(LINK)) {
                assertThat(lock).isNotNull();
                assertThatThrownBy(() -> InstanceLock.take(LINK))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(
                                "process " + ProcessHandle.current().pid() + " serves link " + LINK);
            }
        } finally {
            user.destroyForcibly().waitFor();
        }
    }

    @Test
    void letsAnotherLinkBeServedBesideIt() throws IOException {
        try (InstanceLock one = InstanceLock.take(LINK);
                InstanceLock other = InstanceLock.take(LINK + "b")) {
            assertThat(one).isNotSameAs(other);
        }
    }

    /** By user_namespaces(7): the length of the range that is mapped. */
    private static boolean hasOtherUsers() throws IOException {
        String[] map = Files.readString(Path.of("/proc/self/uid_map")).strip().split("\\s+", -1);
        return Long.parseLong(map[2]) > 65_534;
    }
}
