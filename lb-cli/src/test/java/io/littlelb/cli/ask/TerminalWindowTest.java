package io.littlelb.cli.ask;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.cli.ask.Surroundings.Window;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How wide the terminal is, if it is one. */
@Timeout(60)
final class TerminalWindowTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"50 132, 132, 50", "0 0, 80, 24", "nonsense, 80, 24", "'', 80, 24"})
    void readsWhatSttySays(String said, int columns, int lines) {
        assertThat(TerminalWindow.window(said)).isEqualTo(new Window(columns, lines));
    }

    @Test
    void aFileIsNone() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path descriptor = Files.createSymbolicLink(directory.resolve("1"), file);

        assertThat(new TerminalWindow(Map.of("COLUMNS", "100"), descriptor).get())
                .isEmpty();
        assertThat(new TerminalWindow(Map.of(), directory.resolve("none")).get())
                .isEmpty();
    }

    @Test
    void variablesGoBeforeWhatTheTerminalSays() throws IOException {
        Path descriptor = Files.createSymbolicLink(directory.resolve("1"), Path.of("/dev/pts/999"));

        assertThat(new TerminalWindow(Map.of("COLUMNS", "100", "LINES", "30"), descriptor).get())
                .contains(new Window(100, 30));
    }

    /** script(1) is what makes a terminal. */
    @Test
    void aTerminalSaysHowWideItIs() throws Exception {
        String java = ProcessHandle.current().info().command().orElseThrow();
        Path command = Files.writeString(
                directory.resolve("command"),
                "unset COLUMNS LINES; stty rows 33 cols 71; exec " + java + " -cp '"
                        + System.getProperty("java.class.path") + "' '" + Asking.class.getName() + "'\n");
        Process script = new ProcessBuilder(List.of("script", "-qec", "sh " + command, "/dev/null"))
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .start();
        try (InputStream out = script.getInputStream()) {
            assertThat(new String(out.readAllBytes(), StandardCharsets.UTF_8)).contains("columns=71, lines=33");
        }
        assertThat(script.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    /** Says what it sees. */
    static final class Asking {
        private Asking() {}

        public static void main(String[] arguments) {
            System.out.println(new TerminalWindow(System.getenv(), TerminalWindow.STDOUT).get());
        }
    }
}
