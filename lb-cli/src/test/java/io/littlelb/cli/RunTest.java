package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.net.InetAddresses;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The program as its users run it: a process of its own, a real link, real clients. */
@ExtendWith(InNetworkNamespace.class)
class RunTest {
    private static final int ONE = 9001;
    private static final int TWO = 9002;
    private static final int ECHO = 9003;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Map<Process, Path> logs = new HashMap<>();
    private NetworkNamespace network;

    @TempDir
    private Path directory;

    @BeforeEach
    void makeALink(NetworkNamespace home) throws Exception {
        network = home;
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("link set veth1 up");
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
        network.ip("addr add 2001:db8::1/64 dev veth0 nodad");
        answer(ONE, client -> client.getOutputStream().write("one".getBytes(StandardCharsets.UTF_8)));
        answer(TWO, client -> client.getOutputStream().write("two".getBytes(StandardCharsets.UTF_8)));
        answer(ECHO, client -> client.getInputStream().transferTo(client.getOutputStream()));
    }

    @AfterEach
    void stopEverything() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void servesTwoServicesOnTwoAddressesWithTwoBackendsEach() throws Exception {
        String before = addresses();
        services(service("web", "198.18.0.9", 80, ONE, TWO), service("app", "2001:db8::9", 8080, TWO, ONE));
        Process lb = start();

        awaitAnswers("198.18.0.9", 80);
        awaitAnswers("2001:db8::9", 8080);
        assertThat(List.of(ask("198.18.0.9", 80), ask("198.18.0.9", 80))).containsExactlyInAnyOrder("one", "two");
        assertThat(List.of(ask("2001:db8::9", 8080), ask("2001:db8::9", 8080))).containsExactlyInAnyOrder("one", "two");
        assertThat(addresses()).contains("198.18.0.9/24").contains("2001:db8::9/64");

        services(service("web", "198.18.0.10", 80, TWO));
        awaitAnswers("198.18.0.10", 80);
        assertThat(ask("198.18.0.10", 80)).isEqualTo("two");
        awaitAddresses("198.18.0.9/", false);
        awaitAddresses("2001:db8::9/", false);

        assertThat(terminate(lb)).isZero();
        assertThat(addresses()).isEqualTo(before);
    }

    @Test
    void aGibibyteComesBackByteForByteAfterEachSideHasEnded() throws Exception {
        services(service("echo", "198.18.0.9", 8888, ECHO));
        start();
        awaitAddresses("198.18.0.9/", true);
        byte[] block = new byte[1 << 20];
        new Random(1).nextBytes(block);

        try (Socket client = connectWhenOpen("198.18.0.9", 8888)) {
            CompletableFuture<String> sent = CompletableFuture.supplyAsync(() -> send(client, block, 1024));

            assertThat(hash(client.getInputStream())).isEqualTo(sent.get());
        }
    }

    @Test
    void afterKillItAdoptsWhatIsServedAndRemovesWhatIsNot() throws Exception {
        network.ip("addr add 198.18.0.50/24 brd + dev veth0");
        String before = addresses();
        services(service("web", "198.18.0.9", 80, ONE), service("app", "198.18.0.10", 80, TWO));
        Process killed = start();
        awaitAnswers("198.18.0.9", 80);
        awaitAnswers("198.18.0.10", 80);
        killed.destroyForcibly().waitFor();
        assertThat(addresses()).contains("198.18.0.9/24").contains("198.18.0.10/24");

        services(service("web", "198.18.0.9", 80, ONE));
        Process lb = start();

        awaitAddresses("198.18.0.10/", false);
        awaitAnswers("198.18.0.9", 80);
        assertThat(terminate(lb)).isZero();
        assertThat(addresses()).isEqualTo(before);
    }

    @Test
    void oneLinkHasOneInstance() throws Exception {
        services(service("web", "198.18.0.9", 80, ONE));
        Process first = start();
        awaitAnswers("198.18.0.9", 80);

        Process second = start();

        assertThat(second.waitFor()).isEqualTo(1);
        assertThat(errors(second)).contains("process " + first.pid() + " serves link veth0 already");
        assertThat(ask("198.18.0.9", 80)).isEqualTo("one");
    }

    @Test
    void withoutALinkItSaysWhichThereAre() throws Exception {
        Process lb = lb("run", "--source", "file:" + directory);

        assertThat(lb.waitFor()).isEqualTo(2);
        assertThat(errors(lb))
                .hasLineCount(1)
                .contains("--linkdevice")
                .contains("veth0 [198.18.0.1/24, 2001:db8::1/64]");
    }

    @Test
    void anInvalidFileIsOneLineAndTouchesNothing() throws Exception {
        String before = addresses();
        Files.writeString(directory.resolve("services.yaml"), "services: [{name: web, prots: []}]");

        Process lb = start();

        assertThat(lb.waitFor()).isEqualTo(2);
        assertThat(errors(lb)).hasLineCount(1).contains("services[0].prots: unknown key");
        assertThat(addresses()).isEqualTo(before);
    }

    private static String service(String name, String address, int port, int... backends) {
        List<String> quoted = new ArrayList<>();
        for (int backend : backends) {
            quoted.add("\"127.0.0.1:" + backend + "\"");
        }
        return "{name: %s, address: \"%s\", ports: [{port: %d, backends: [%s]}]}"
                .formatted(name, address, port, String.join(", ", quoted));
    }

    private void services(String... services) throws IOException {
        Files.writeString(directory.resolve("services.yaml"), "services: [" + String.join(", ", services) + "]");
    }

    private Process start() throws IOException {
        return lb(
                "run",
                "--linkdevice=veth0",
                "--drain-timeout=1s",
                "--source=file:" + directory.resolve("services.yaml"));
    }

    private Process lb(String... arguments) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new ArrayList<>(List.of(java));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> option.startsWith("--")) // what keeps a newer JVM quiet about native access
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.littlelb.cli.Main"));
        command.addAll(List.of(arguments));
        Path log = Files.createTempFile(directory, "lb", ".log");
        Process process = new ProcessBuilder(command)
                .redirectError(log.toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        logs.put(process, log);
        opened.add(process::destroyForcibly);
        return process;
    }

    private String errors(Process process) throws IOException {
        return Files.readString(logs.get(process)).strip();
    }

    /** Ends the process as an operator would, and returns how it ended. */
    private static int terminate(Process process) throws InterruptedException {
        process.destroy();
        return process.waitFor();
    }

    /** Those of global scope; the kernel's own of the link come and go at their own pace. */
    private String addresses() {
        return network.ip("-o addr show dev veth0 scope global");
    }

    private void awaitAddresses(String text, boolean there) {
        await().atMost(Duration.ofSeconds(20))
                .pollInSameThread()
                .until(() -> addresses().contains(text) == there);
    }

    private static void awaitAnswers(String ip, int port) {
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .pollInSameThread()
                .until(() -> !ask(ip, port).isEmpty());
    }

    private static Socket connectWhenOpen(String ip, int port) {
        return await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .pollInSameThread()
                .until(() -> new Socket(InetAddresses.forString(ip), port), Socket::isConnected);
    }

    private static String ask(String ip, int port) throws IOException {
        try (Socket client = new Socket(InetAddresses.forString(ip), port)) {
            client.setSoTimeout(10_000);
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String send(Socket to, byte[] block, int times) {
        try {
            Hasher hasher = Hashing.sha256().newHasher();
            OutputStream out = to.getOutputStream();
            for (int i = 0; i < times; i++) {
                hasher.putBytes(block);
                out.write(block);
            }
            to.shutdownOutput();
            return hasher.hash().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(InputStream in) throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            hasher.putBytes(buffer, 0, n);
        }
        return hasher.hash().toString();
    }

    @FunctionalInterface
    private interface Conversation {
        void with(Socket client) throws IOException;
    }

    /** A backend on a port of the loopback link. */
    private void answer(int port, Conversation conversation) throws IOException {
        ServerSocket server = new ServerSocket(port, 50, InetAddresses.forString("127.0.0.1"));
        opened.add(server);
        daemon(() -> {
            while (!server.isClosed()) {
                try {
                    Socket client = server.accept();
                    daemon(() -> converse(client, conversation));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    private static void converse(Socket client, Conversation conversation) {
        try (client) {
            conversation.with(client);
        } catch (IOException broken) {
            return; // the client is gone
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "backend");
        thread.setDaemon(true);
        thread.start();
    }
}
