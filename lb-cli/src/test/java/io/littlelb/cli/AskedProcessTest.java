package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever asks waits: of what an instance needs, a command loads nothing. */
@Timeout(60)
final class AskedProcessTest {
    @TempDir
    private Path run;

    @ParameterizedTest
    @ValueSource(strings = {"status", "services", "explain web", "events -o yaml"})
    void neitherNativeCodeNorTheClustersClientIsLoaded(String command) throws Exception {
        try (Asked asked = new Asked(run)) {
            asked.serve("lb/lb.sock", new CannedInstance());

            List<String> loaded = classesOf(command + " --admin-socket " + run.resolve("lb/lb.sock"));

            assertThat(loaded).anyMatch(it -> it.startsWith("io.littlelb.admin.view."));
            assertThat(loaded)
                    .noneMatch(
                            it -> it.matches(
                                    "(jnr|com\\.kenai|io\\.fabric8|io\\.vertx|io\\.netty|io\\.littlelb\\.(k8s|proxy|netlink|linux|file))\\..*"));
        }
    }

    private static List<String> classesOf(String command) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xlog:class+load:stdout:tags",
                "-cp",
                System.getProperty("java.class.path"),
                "io.littlelb.cli.Main"));
        words.addAll(List.of(command.split(" ")));
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("[class,load"))
                .map(line -> line.replaceFirst("^\\[[^]]*] ", "").replaceFirst(" .*", ""))
                .toList();
        process.waitFor();
        return lines;
    }
}
