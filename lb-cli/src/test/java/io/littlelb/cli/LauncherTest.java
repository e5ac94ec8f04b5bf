package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./lb} does before there is a program: with a Maven and a Java that only say what they were asked. */
final class LauncherTest {
    @TempDir
    private Path home;

    @BeforeEach
    void makeACheckout() throws IOException {
        Files.copy(Path.of("..", "lb"), home.resolve("lb"));
        Files.writeString(home.resolve("pom.xml"), "");
        Files.createDirectories(home.resolve("examples/manifests"));
        write("lb-cli/src/main/Old.java", "", Instant.EPOCH);
        write("lb-cli/target/lb.jar", "", Instant.now().minusSeconds(60));
        for (String tool : List.of("mvn", "javac")) {
            command("bin/" + tool, "echo " + tool + " \"$@\" >>" + home.resolve("asked"));
        }
        command("java/bin/java", "echo java \"$@\"");
        write("java/release", "JAVA_VERSION=\"17.0.1\"\n", Instant.EPOCH);
        Files.setLastModifiedTime(home.resolve("pom.xml"), FileTime.from(Instant.EPOCH));
    }

    @Test
    void asRootServesWhatWasBuiltThoughASourceIsNewer() throws Exception {
        write("lb-cli/src/main/New.java", "class New {}", Instant.now());

        String said = lb("run", "--linkdevice", "eth0");

        assertThat(said)
                .contains("the sources are newer than what was built", "lb-cli/target/lb.jar run --linkdevice eth0");
        assertThat(home.resolve("asked")).as("what Maven was asked as root").doesNotExist();
    }

    @Test
    void buildsWhereThereIsNothingYet() throws Exception {
        Files.delete(home.resolve("lb-cli/target/lb.jar"));

        lb("run");

        assertThat(home.resolve("asked")).content().contains("mvn -B -DskipTests");
    }

    private void write(String file, String text, Instant modified) throws IOException {
        Path path = home.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
        Files.setLastModifiedTime(path, FileTime.from(modified));
    }

    private void command(String file, String script) throws IOException {
        write(file, "#!/bin/sh\n" + script + "\n", Instant.EPOCH);
        Files.setPosixFilePermissions(home.resolve(file), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String lb(String... arguments) throws Exception {
        Path output = home.resolve("output");
        ProcessBuilder lb = new ProcessBuilder("bash", home.resolve("lb").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        lb.command().addAll(List.of(arguments));
        lb.environment().put("PATH", home.resolve("bin") + ":" + System.getenv("PATH"));
        lb.environment().put("JAVA_HOME", home.resolve("java").toString());
        lb.start().waitFor();
        return Files.readString(output);
    }
}
