package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.testkit.process.LbProcess;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A host whose directory for temporary files runs no programs, or takes no files. */
final class TemporaryFilesTest {
    private static final String LIBRARY = "libjffi-1.2.so";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"noexec", "ro"})
    void thatTheNativeCodeCannotBeUnpackedIsOneLineWithTheRemedy(String mounted) throws Exception {
        Outcome outcome = relay(mounted, List.of());

        assertThat(outcome.status).isEqualTo(1);
        assertThat(outcome.output.lines().filter(line -> !line.contains(" INFO ")))
                .singleElement()
                .asString()
                .contains("the native code of JNR cannot be loaded", "JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=DIRECTORY");
    }

    /** As the launcher and the image start it, with that code beside the program. */
    @Test
    void whatIsUnpackedAlreadyNeedsNoTemporaryFiles() throws Exception {
        String machine = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        try (InputStream library = getClass().getResourceAsStream("/jni/" + machine + "-Linux/" + LIBRARY)) {
            Files.copy(library, directory.resolve(LIBRARY));
        }

        for (String mounted : List.of("noexec", "ro")) {
            Outcome outcome = relay(mounted, List.of("-Djffi.boot.library.path=" + directory));

            assertThat(outcome.output).contains("bind 192.0.2.1:80: EADDRNOTAVAIL");
        }
    }

    private record Outcome(int status, String output) {}

    /** From that directory, since JNR tries the working one next: asks for a listener that no host can open, in a mount namespace of its own: mount_namespaces(7). */
    private Outcome relay(String mounted, List<String> options) throws Exception {
        Path temporary = Files.createDirectories(directory.resolve("tmp"));
        List<String> all = new ArrayList<>(options);
        all.add("-Djava.io.tmpdir=" + temporary);
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o " + mounted + " none " + temporary + " && cd " + temporary + " && exec \"$@\"",
                "sh"));
        command.addAll(LbProcess.command(all, "relay", "192.0.2.1:80=192.0.2.2:80"));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new Outcome(process.waitFor(), Files.readString(output));
    }
}
