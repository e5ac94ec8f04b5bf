package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/** Whatever is wrong with flags, values and files is told in one line that says which and what is allowed, with status 2, before anything is touched. */
@ExtendWith(InNetworkNamespace.class)
final class WrongUseTest {
    @TempDir
    private Path directory;

    @BeforeEach
    void makeALink(NetworkNamespace network) {
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
    }

    /** {@code FILE} in the table is a services file with the content of the third column; {@code DIRECTORY} is where it lies. */
    @ParameterizedTest(name = "lb {0}")
    @CsvFileSource(resources = "wrong-use.txt", delimiter = '|')
    void saysInOneLineWhatIsWrong(String arguments, String line, String content, NetworkNamespace network)
            throws Exception {
        Path file = directory.resolve("services.yaml");
        if (content != null) {
            Files.writeString(file, content.replace("\\n", "\n"));
        }
        String before = network.ip("addr show dev veth0");
        List<String> words = List.of(arguments
                .replace("FILE", file.toString())
                .replace("DIRECTORY", directory.toString())
                .split(" "));

        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int status = assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> Main.run(new PrintStream(said, true, StandardCharsets.UTF_8), words.toArray(String[]::new)));

        assertThat(said.toString(StandardCharsets.UTF_8).strip())
                .startsWith("lb: ")
                .contains(line)
                .doesNotContainPattern(
                        "option option|\\bPT[0-9]|Optional\\[|java\\.|[A-Z]{2,}_[A-Z]|(^|[^0-9])/[0-9]+\\.|case-sensitive")
                .hasLineCount(1);
        assertThat(status).isEqualTo(2);
        assertThat(network.ip("addr show dev veth0")).isEqualTo(before);
    }
}
