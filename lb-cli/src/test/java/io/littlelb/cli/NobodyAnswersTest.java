package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.littlelb.admin.http.Answer;
import io.littlelb.admin.view.ErrorView;
import io.littlelb.admin.view.StatusView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a command looks for an instance, and what it says when there is none, more than one, or something else. */
@Timeout(60)
final class NobodyAnswersTest {
    @TempDir
    private Path run;

    private Asked asked;

    @BeforeEach
    void begin() {
        asked = new Asked(run);
    }

    @AfterEach
    void close() {
        asked.close();
    }

    private void failsWith(int status, String line, String... arguments) {
        Asked.Said said = asked.lb(arguments);
        assertThat(said.err()).isEqualTo("lb: " + line + "\n");
        assertThat(said.out()).isEmpty();
        assertThat(said.status()).isEqualTo(status);
    }

    private Path stale(String path) throws IOException {
        Path socket = run.resolve(path);
        Files.createDirectories(socket.getParent());
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.bind(UnixDomainSocketAddress.of(socket));
        }
        return socket;
    }

    @Test
    void whereNobodyIsItSaysWhereItLooked() {
        failsWith(
                3,
                "no instance answers: looked at " + run + "/lb/lb.sock (not there), " + run
                        + "/lb/*/lb.sock and $XDG_RUNTIME_DIR/lb.sock (which is not set); start one with lb run, or name its"
                        + " socket with --admin-socket",
                "status");
        failsWith(
                3,
                "no instance answers: " + run + "/none (not there); start one with lb run, or name its socket with"
                        + " --admin-socket",
                "status",
                "--admin-socket",
                run + "/none");
    }

    @Test
    void staleSocketsArePassedOverAndNamedWhenThereAreNoOthers() throws IOException {
        stale("lb/lb.sock");
        stale("lb/eth1/lb.sock");
        stale("user/lb.sock");
        asked.with("XDG_RUNTIME_DIR", run + "/user");

        failsWith(
                3,
                "no instance answers: looked at " + run + "/lb/lb.sock (nobody listens any more), " + run
                        + "/lb/eth1/lb.sock (nobody listens any more), " + run
                        + "/user/lb.sock (nobody listens any more), " + run
                        + "/lb/*/lb.sock; start one with lb run, or name its socket with --admin-socket",
                "services");

        asked.serve("lb/eth0/lb.sock", new CannedInstance());
        assertThat(asked.lb("services").status()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lb/lb.sock", "lb/eth0/lb.sock", "user/lb.sock"})
    void theOnlyOneIsAsked(String path) {
        asked.serve(path, new CannedInstance());

        assertThat(asked.with("XDG_RUNTIME_DIR", run + "/user").lb("services").status())
                .isZero();
    }

    @Test
    void ofSeveralOneHasToBeNamed() {
        asked.serve("lb/eth0/lb.sock", new CannedInstance());
        asked.serve("lb/eth1/lb.sock", new CannedInstance());

        failsWith(
                2,
                "several instances run here; say which one is meant: --admin-socket " + run
                        + "/lb/eth0/lb.sock, or --admin-socket " + run + "/lb/eth1/lb.sock",
                "services");
        assertThat(asked.lb("services", "--admin-socket", run + "/lb/eth1/lb.sock")
                        .status())
                .isZero();
    }

    @Test
    void oneThatIsFoundTwiceIsOne() throws IOException {
        asked.serve("lb/lb.sock", new CannedInstance());

        assertThat(asked.with("XDG_RUNTIME_DIR", run + "/lb").lb("services").status())
                .isZero();
        Path other = Files.createSymbolicLink(run.resolve("other"), run.resolve("lb"));
        assertThat(asked.with("XDG_RUNTIME_DIR", other.toString())
                        .lb("services")
                        .status())
                .isZero();
    }

    /** The variable is meant for who serves. */
    @Test
    void offNamesNone() {
        asked.serve("lb/lb.sock", new CannedInstance());

        assertThat(asked.with("LB_ADMIN_SOCKET", "off").lb("services").status()).isZero();
    }

    /** A socket's name has 107 bytes at most, unix(7). */
    @Test
    void whatTheSystemSaysIsHandedOn() throws IOException {
        Path far = Files.createDirectory(run.resolve("x".repeat(120)));
        Path socket = Files.createFile(far.resolve("lb.sock"));

        assertThat(asked.lb("status", "--admin-socket", socket.toString()).err())
                .startsWith("lb: no instance answers: " + socket + " (")
                .contains("too long")
                .doesNotContain("nobody listens");
    }

    @Test
    void whoMayNotAskIsToldWhoMay() throws Exception {
        Path socket = run.resolve("lb/lb.sock");
        asked.serve("lb/lb.sock", new CannedInstance());
        Files.setPosixFilePermissions(socket, Set.of());
        Process lb = new ProcessBuilder(List.of(
                        "setpriv",
                        "--bounding-set=-all",
                        "--inh-caps=-all",
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.littlelb.cli.Main",
                        "status",
                        "--admin-socket",
                        socket.toString()))
                .redirectErrorStream(true)
                .start();

        assertThat(new String(lb.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("lb: " + socket + ": permission denied; root may ask it, so try sudo\n");
        assertThat(lb.waitFor()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'SSH-2.0-dropbear\r\n' | has answered, but not as an instance of Little LB does: ",
                "''                   | was closed by the process that listens there, without an answer; an instance answers root and the user that it runs as",
            })
    void whoTalksNoHttpIsNoInstance(String greeting, String why) throws Exception {
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Files.createDirectories(run.resolve("lb"));
            channel.bind(UnixDomainSocketAddress.of(run.resolve("lb/lb.sock")));
            CompletableFuture<Void> server = CompletableFuture.runAsync(() -> greet(channel, greeting));

            Asked.Said said = asked.lb("status");

            assertThat(said.err())
                    .startsWith("lb: " + run + "/lb/lb.sock " + why)
                    .hasLineCount(1);
            assertThat(said.status()).isEqualTo(3);
            server.get(10, TimeUnit.SECONDS);
        }
    }

    /** The first one only looks whether somebody listens. */
    private static void greet(ServerSocketChannel channel, String greeting) {
        try {
            channel.accept().close();
            try (SocketChannel client = channel.accept()) {
                client.read(ByteBuffer.allocate(8192));
                client.write(ByteBuffer.wrap(greeting.getBytes(StandardCharsets.UTF_8)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whoDoesNotAnswerIsWaitedForForFiveSeconds() throws Exception {
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Files.createDirectories(run.resolve("lb"));
            channel.bind(UnixDomainSocketAddress.of(run.resolve("lb/lb.sock")));
            long before = System.nanoTime();

            failsWith(
                    3,
                    run
                            + "/lb/lb.sock has not answered within 5 s; the process that listens there is stopped, or stuck",
                    "services");

            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - before))
                    .isBetween(4L, 20L);
        }
    }

    @Test
    void whatAnInstanceSaysOfItsFaultIsHandedOn() {
        String socket = run + "/lb/lb.sock ";
        asked.serve("lb/lb.sock", question -> switch (question.path().get(1)) {
            case "status" -> throw new IllegalStateException("a bug");
            case "services" ->
                new Answer(
                        503,
                        Answer.JSON,
                        CannedInstance.json(new ErrorView("not yet\u202e known"))
                                .content());
            case "events" -> Answer.text(405, "no\nmore");
            default -> Answer.text(200, "[1, 2");
        });

        failsWith(1, socket + "has answered with 500: a fault of this program; its log has more", "status");
        failsWith(1, "not yet\\u{202e} known", "services");
        failsWith(1, socket + "has answered with 405: no", "events");
        assertThat(asked.lb("addresses").err())
                .startsWith("lb: " + socket
                        + "has answered what this program does not understand; are both of the same version? ")
                .hasLineCount(1);
        assertThat(asked.lb("addresses").status()).isEqualTo(1);
    }

    @Test
    void waitsUntilAnInstanceServesAll() {
        CompletableFuture<Asked.Said> waiting =
                CompletableFuture.supplyAsync(() -> asked.lb("status", "--wait", "30s", "--brief"));
        asked.serve("lb/lb.sock", question -> CannedInstance.json(serving()));

        assertThat(waiting.join()).isEqualTo(new Asked.Said(0, "serving 4 of 4, source heard 0.4 s ago\n", ""));
    }

    @Test
    void waitsNoLongerThanItIsTold() {
        assertThat(asked.lb("status", "--wait", "250ms").status()).isEqualTo(3);
        asked.serve("lb/lb.sock", new CannedInstance());
        assertThat(asked.lb("status", "--wait", "250ms").status()).isEqualTo(1);
    }

    @Test
    void waitsNoLongerForAnInstanceThatIsStopped() throws Exception {
        try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            Files.createDirectories(run.resolve("lb"));
            channel.bind(UnixDomainSocketAddress.of(run.resolve("lb/lb.sock")));
            long before = System.nanoTime();

            Asked.Said said = asked.lb("status", "--wait", "1s");

            assertThat(said.err()).contains("lb.sock has not answered within ");
            assertThat(said.status()).isEqualTo(3);
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before))
                    .isBetween(900L, 4000L);
        }
    }

    @Test
    void doesNotWaitWhereItIsUnclearForWhom() {
        asked.serve("lb/eth0/lb.sock", new CannedInstance());
        asked.serve("lb/eth1/lb.sock", new CannedInstance());

        Asked.Said said = assertTimeoutPreemptively(Duration.ofSeconds(30), () -> asked.lb("status", "--wait", "10m"));

        assertThat(said.err()).startsWith("lb: several instances run here");
        assertThat(said.status()).isEqualTo(2);
    }

    private static StatusView serving() {
        StatusView canned = CannedInstance.STATUS;
        return new StatusView(
                canned.version(),
                StatusView.State.serving,
                List.of(),
                canned.process(),
                canned.link(),
                canned.source(),
                new StatusView.OfServices(4, 4, 0),
                List.of(),
                canned.backends(),
                canned.traffic(),
                canned.lastPass());
    }
}
