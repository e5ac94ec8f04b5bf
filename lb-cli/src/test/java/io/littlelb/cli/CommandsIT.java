package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The commands of the README, as a newcomer gives them: in a copy of the sources in which nothing was built. Takes minutes, so it is not among what
 * {@code ./lb test} runs; see CONTRIBUTING.
 */
final class CommandsIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @TempDir(cleanup = CleanupMode.ALWAYS)
    private static Path copy;

    @BeforeAll
    static void copyTheSources() throws Exception {
        String files = "git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -P -t " + copy;
        assertThat(run(HOME, "bash", "-c", files).status()).isZero();
    }

    private record Outcome(int status, String output) {}

    private static Outcome run(Path directory, String... command) throws Exception {
        Path log = Files.createTempFile(copy.getParent(), "command", ".log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS))
                    .as(String.join(" ", command))
                    .isTrue();
            return new Outcome(process.exitValue(), Files.readString(log));
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Files.delete(log);
        }
    }

    private Outcome lb(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("./lb"));
        command.addAll(List.of(arguments));
        return run(copy, command.toArray(String[]::new));
    }

    private void succeeds(String said, String... arguments) throws Exception {
        Outcome outcome = lb(arguments);
        assertThat(outcome.output()).contains(said);
        assertThat(outcome.status()).as(outcome.output()).isZero();
    }

    @Test
    void helpAndVersion() throws Exception {
        succeeds("--linkdevice", "help", "run");
        succeeds("lb 0.", "--version");
    }

    @Test
    void demo() throws Exception {
        succeeds("Every step held.", "demo");
    }

    /** It stays up until Ctrl-C; here, where nobody is at a terminal, until the signal that a terminal would send. */
    @Test
    void demoThatStays() throws Exception {
        Path log = Files.createTempFile(copy.getParent(), "demo", ".log");
        Process demo = new ProcessBuilder("env", "--default-signal=INT", "./lb", "demo", "--interactive")
                .directory(copy.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await().atMost(LONGEST)
                    .until(() -> Files.readString(log).contains("Yours, until Ctrl-C") || !demo.isAlive());
            assertThat(demo.isAlive()).as(Files.readString(log)).isTrue();
            assertThat(run(copy, "kill", "-INT", Long.toString(demo.pid())).status())
                    .isZero();
            assertThat(demo.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(log)).contains("Every step held.");
            assertThat(demo.exitValue()).isZero();
        } finally {
            demo.destroyForcibly();
            Files.delete(log);
        }
    }

    @Test
    void examples() throws Exception {
        Outcome list = lb("example");
        assertThat(list.output()).contains("StaticServices", "ReconcileInMemory", "WatchServices", "WatchLink");
        succeeds("", "example", "ReconcileInMemory");
    }

    @Test
    void check() throws Exception {
        Path file = Files.writeString(copy.resolve("services.yaml"), "services: []\n");
        Outcome outcome = lb("check", "--linkdevice", "no-such-link", "--source", "file:" + file);
        assertThat(outcome.output()).contains("there is no link no-such-link", "0 Services in");
    }

    @Test
    void relay() throws Exception {
        lb("build");
        try (TcpServer backend = TcpServer.start(InetAddress.getByName("127.0.0.1"), 0, TcpServer.greeting("hello"))) {
            Process relay = new ProcessBuilder(
                            "./lb",
                            "relay",
                            "--policy",
                            "balance=client-ip",
                            "127.0.0.1:18080=127.0.0.1:" + backend.port())
                    .directory(copy.toFile())
                    .inheritIO()
                    .start();
            try {
                await().atMost(LONGEST)
                        .ignoreExceptions()
                        .until(() -> Traffic.ask("127.0.0.1", 18_080).equals("hello"));
            } finally {
                relay.destroy();
            }
            assertThat(relay.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(relay.exitValue()).isZero();
        }
    }

    /** The image has no shell and no file of an operating system but the C library; its root may be read-only. */
    @Test
    void image() throws Exception {
        Outcome made = lb("image");
        assertThat(made.status()).as(made.output()).isZero();
        Path tar = copy.resolve("lb-cli/target/jib-image.tar");
        Path parts = Files.createDirectory(copy.resolve("image-parts"));
        Path root = Files.createDirectory(copy.resolve("image-root"));
        assertThat(run(copy, "tar", "-xf", tar.toString(), "-C", parts.toString())
                        .status())
                .isZero();
        JsonNode manifest = json(parts.resolve("manifest.json")).get(0);
        for (JsonNode layer : manifest.get("Layers")) {
            Path file = parts.resolve(layer.asString());
            assertThat(run(copy, "tar", "-xzf", file.toString(), "-C", root.toString())
                            .status())
                    .isZero();
        }
        Files.createDirectory(root.resolve("proc")); // as every container runtime mounts it
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind \"$0\" \"$0\" && mount --rbind /proc \"$0/proc\" && mount -o remount,bind,ro \"$0\" && exec chroot \"$0\" \"$@\"",
                root.toString()));
        json(parts.resolve(manifest.get("Config").asString()))
                .at("/config/Entrypoint")
                .forEach(word -> command.add(word.asString()));
        command.addAll(List.of("check", "--linkdevice", "no-such-link", "--source", "file:/none"));

        Outcome outcome = run(copy, command.toArray(String[]::new));

        assertThat(outcome.output()).contains("there is no link no-such-link", "run waits for it");
        assertThat(Files.exists(root.resolve("bin/sh"))).isFalse();
        assertOnlyTheProgram(root.resolve("app"));
    }

    /** What lies beside the program after a clean build, too: whoever copies the folder has the program and nothing else. */
    @Test
    void distribution() throws Exception {
        assertThat(lb("build").status()).isZero();
        assertOnlyTheProgram(copy.resolve("lb-cli/target/lib"));
    }

    private static void assertOnlyTheProgram(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.map(file -> folder.relativize(file).toString()))
                    .anyMatch(name -> name.contains("lb-core-"))
                    .noneMatch(name -> name.matches(
                            ".*(testkit|junit|assertj|awaitility|archunit|jmh|netty|examples).*|.*manifests/.*"));
        }
    }

    /**
     * A project of somebody else's, outside the sources: compiled against what was installed into a repository of its own, run in a network of its own. The
     * repository is a folder of links to what Maven has fetched already, and of ours in it: nothing is fetched, and nothing is left with the user.
     */
    @Test
    void embedding() throws Exception {
        Path repository = Files.createDirectories(copy.resolve("target/repository"));
        linkAllButOurs(Path.of(System.getProperty("localRepository")), repository);
        succeedsIn(
                copy,
                "mvn -B -q -DskipTests -Dspotless.check.skip -pl .,lb-bom,lb-netlink,lb-proxy,lb-file -am install"
                        .split(" "));
        Path embedder = copy.getParent().resolve(copy.getFileName() + "-embedder");
        try {
            succeedsIn(copy, "cp", "-r", copy.resolve("examples/embedder").toString(), embedder.toString());
            succeedsIn(embedder, "mvn", "-B", "-q", "compile");
            String java = Path.of(System.getProperty("java.home"), "bin", "java")
                    + " -cp 'target/classes:target/lib/*' com.example.embedder.";
            String link = "ip link set lo up && ip link add veth0 type veth peer name veth1 && ip link set veth1 up"
                    + " && ip link set veth0 up && ip addr add 198.18.0.1/24 brd + dev veth0";
            Outcome outcome = run(
                    embedder,
                    "unshare",
                    "--net",
                    "sh",
                    "-ec",
                    link + "\n" + java + "ForwarderAlone\n" + java + "OwnSource veth0 198.18.0.9\n" + java
                            + "FollowedFile veth0 198.18.0.10\nip -br addr show dev veth0");
            assertThat(outcome.output())
                    .contains("the forwarder says hello", "the load balancer says hello")
                    .containsPattern("refused: .*\\.yaml: services: expected a list")
                    .contains("the file says hello");
            assertThat(outcome.status()).as(outcome.output()).isZero();
            assertThat(outcome.output()
                            .strip()
                            .lines()
                            .reduce((before, last) -> last)
                            .orElseThrow())
                    .as("the link, once all is taken back")
                    .contains("198.18.0.1/24")
                    .doesNotContain("198.18.0.9", "198.18.0.10");
        } finally {
            run(copy, "rm", "-rf", embedder.toString());
        }
    }

    /** With the repository of {@link #embedding}. */
    private static void succeedsIn(Path directory, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of(command));
        if (command[0].equals("mvn")) {
            words.add("-Dmaven.repo.local=" + copy.resolve("target/repository"));
        }
        Outcome outcome = run(directory, words.toArray(String[]::new));
        assertThat(outcome.status()).as(outcome.output()).isZero();
    }

    private static void linkAllButOurs(Path fetched, Path repository) throws IOException {
        Files.createDirectory(repository.resolve("io"));
        for (Path folder : List.of(fetched, fetched.resolve("io"))) {
            try (Stream<Path> parts = Files.list(folder)) {
                for (Path part : parts.filter(Files::isDirectory).toList()) {
                    Path link = repository.resolve(fetched.relativize(part));
                    if (!Files.exists(link) && !part.endsWith("io/littlelb")) {
                        Files.createSymbolicLink(link, part);
                    }
                }
            }
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return new JsonMapper().readTree(file);
    }
}
