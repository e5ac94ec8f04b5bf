package io.littlelb.admin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class DoorTest {
    private static final Answering ECHO = question -> Answer.text(
            200,
            question.method() + " " + question.path() + " " + new TreeMap<>(question.parameters()) + " "
                    + question.body());

    @TempDir
    private Path directory;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void answersOnAUnixSocketThatIsItsOwnersAlone() throws IOException {
        Path path = directory.resolve("made/lb.sock");
        unix(path);

        assertThat(ask(path, get("/v1/a%20b?x=1&y=a%2Fb&x=2")))
                .contains("200 OK")
                .endsWith("GET [v1, a b] {x=1, y=a/b} ");
        assertThat(ask(path, "POST / HTTP/1.0\r\nHost: lb\r\nContent-Length: 5\r\n\r\nhello"))
                .endsWith("POST [] {} hello");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
    }

    @Test
    void takesItsFileAwayAndNobodyElses() throws Exception {
        Path path = directory.resolve("lb.sock");
        Door first = unix(path);
        Files.delete(path);
        Door second = unix(path);

        first.close();
        assertThat(ask(path, get("/"))).contains("200 OK");
        second.close();
        assertThat(path).doesNotExist();
    }

    @Test
    void aFileThatAProcessHasLeftIsReplacedAndOneThatIsNoSocketIsNot() throws IOException {
        Path stale = directory.resolve("stale.sock");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(stale))
                .close();
        unix(stale);
        assertThat(ask(stale, get("/"))).contains("200 OK");

        Path precious = Files.writeString(directory.resolve("precious"), "text");
        Door refused = Door.unix(new UnixPlace(precious), ECHO);
        opened.add(refused);
        await().pollDelay(Duration.ofMillis(300))
                .until(() -> refused.listening().isEmpty());
        assertThat(precious).hasContent("text");
    }

    @Test
    void aSocketThatAnotherListensOnIsWaitedFor() throws Exception {
        Path path = directory.resolve("lb.sock");
        Door first = unix(path);
        Door second = Door.unix(new UnixPlace(path), question -> Answer.text(200, "second"));
        opened.add(second);

        assertThat(ask(path, get("/"))).doesNotContain("second");
        first.close();
        await().atMost(Duration.ofSeconds(20)).until(() -> second.listening().isPresent());
        assertThat(ask(path, get("/"))).endsWith("second");
    }

    @Test
    void whoIsNeitherRootNorItsUserIsNotAnsweredEvenIfTheFileLetsHim() throws Exception {
        Path path = Path.of("/tmp", "door-" + ProcessHandle.current().pid() + ".sock"); // where everybody may look
        unix(path);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        String perl =
                "use IO::Socket::UNIX; $SIG{PIPE} = 'IGNORE'; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!;"
                        + "print $s \"GET / HTTP/1.0\\r\\n\\r\\n\"; $s->flush; local $/; my $a = <$s>; print length($a // '')";

        Process root = new ProcessBuilder("perl", "-e", perl, path.toString()).start();
        Process nobody = new ProcessBuilder(
                        "setpriv", "--reuid", "65534", "--clear-groups", "perl", "-e", perl, path.toString())
                .start();

        assertThat(Integer.parseInt(output(root))).isPositive();
        assertThat(output(nobody)).isEqualTo("0");
    }

    private static String output(Process process) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return output;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n\r\n\r\n\r\n\r\n\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\n\r\n",
                "\u0000\u0001\u0002\u0003\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                "GET /\u00e4 { HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
                "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            })
    void nonsenseIsRefusedOrClosedAndTheNextOneAnswered(String nonsense) throws IOException {
        Door door = tcp();

        assertThat(ask(door, nonsense)).doesNotContain("200 OK");
        assertThat(ask(door, get("/"))).contains("200 OK");
    }

    @Test
    void aHeaderAndABodyWithoutEndAreRefused() throws IOException {
        Door door = tcp();

        assertThat(ask(door, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
                .doesNotContain("200 OK");
        assertThat(ask(door, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + "X: y\r\n".repeat(200) + "\r\n"))
                .doesNotContain("200 OK");
        assertThat(ask(
                        door,
                        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1048577\r\n\r\n" + "x".repeat(1048577)))
                .contains("413");
        assertThat(ask(door, get("/"))).contains("200 OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:9095", "127.0.0.1.evil.example", "localhost.evil.example"})
    void aNameThatSomebodyHasPointedHereIsRefused(String host) throws IOException {
        Door door = tcp();

        assertThat(ask(door, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")).contains("403");
    }

    @ParameterizedTest
    @ValueSource(strings = {"//127.0.0.1/metrics", "http://127.0.0.1/metrics", "//127.0.0.1:9095/v1/status"})
    void aTargetThatSaysAnotherNameThanTheHeaderDoesNotHelp(String target) throws IOException {
        Door door = tcp();

        assertThat(ask(door, "GET " + target + " HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
                .contains("403");
        assertThat(ask(
                        door,
                        "GET " + target.replace("127.0.0.1", "evil.example") + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
                .doesNotContain("200 OK");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:9095", "127.0.0.1:9095", "[::1]:9095", "198.18.0.1"})
    void anAddressIsAnswered(String host) throws IOException {
        Door door = tcp();

        assertThat(ask(door, "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n")).contains("200 OK");
    }

    @Test
    void silentAndSlowClientsHoldNobodyUpAndAreShownOut() throws Exception {
        Door door = open(Duration.ofSeconds(2));
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 3 * Door.ROOM; i++) {
            silent.add(connect(door));
            silent.get(i).getOutputStream().write("GET / HT".getBytes(StandardCharsets.UTF_8));
        }

        for (int i = 0; i < 10; i++) {
            assertThat(ask(door, get("/"))).contains("200 OK");
        }
        for (Socket each : silent) {
            assertThat(readAll(each)).doesNotContain("200 OK"); // returns since the connection was ended
        }
    }

    @Test
    void whoDoesNotReadItsAnswerIsShownOut() throws Exception {
        byte[] large = new byte[50_000_000];
        Door door = Door.open(
                new TcpPlace(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                question -> question.path().isEmpty()
                        ? new Answer(200, "text/plain", out -> out.write(large))
                        : ECHO.answer(question),
                TcpPlace::isNoName,
                Duration.ofSeconds(1));
        opened.add(door);
        await().until(() -> door.listening().isPresent());
        try (Socket lazy = connect(door)) {
            lazy.getOutputStream().write(get("/").getBytes(StandardCharsets.UTF_8));
            assertThat(ask(door, get("/other"))).contains("200 OK");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().matches("lb-admin-tcp-[0-9]+"))
                            .noneMatch(thread -> Arrays.stream(thread.getStackTrace())
                                    .anyMatch(frame -> frame.getMethodName().equals("serve"))));
            assertThat(readAll(lazy).length()).isLessThan(large.length);
        }
    }

    @Test
    void aFaultHalfwayDoesNotLookLikeAWholeAnswer() throws IOException {
        byte[] half = new byte[100_000];
        Door door = Door.open(
                new TcpPlace(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                question -> question.path().isEmpty()
                        ? new Answer(200, "text/plain", out -> {
                            out.write(half);
                            throw new IllegalStateException("planted");
                        })
                        : ECHO.answer(question),
                TcpPlace::isNoName,
                Door.PATIENCE);
        opened.add(door);
        await().until(() -> door.listening().isPresent());

        assertThat(ask(door, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
                .startsWith("HTTP/1.1 200 OK")
                .doesNotContain("planted")
                .doesNotEndWith("\r\n0\r\n\r\n"); // the last chunk
        assertThat(ask(door, get("/x"))).contains("200 OK");
    }

    @Test
    void aFaultOfWhoAnswersIsToldAndTheNextOneAnswered() throws IOException {
        Door door = Door.open(
                new TcpPlace(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                question -> {
                    if (question.path().isEmpty()) {
                        throw new IllegalStateException("planted");
                    }
                    return ECHO.answer(question);
                },
                TcpPlace::isNoName,
                Door.PATIENCE);
        opened.add(door);
        await().until(() -> door.listening().isPresent());

        assertThat(ask(door, get("/"))).contains("500").doesNotContain("planted");
        assertThat(ask(door, get("/x"))).contains("200 OK");
    }

    private Door unix(Path path) {
        Door door = Door.unix(new UnixPlace(path), ECHO);
        opened.add(door);
        await().until(() -> door.listening().isPresent());
        return door;
    }

    private Door tcp() {
        return open(Door.PATIENCE);
    }

    private Door open(Duration patience) {
        Door door = Door.open(
                new TcpPlace(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                ECHO,
                TcpPlace::isNoName,
                patience);
        opened.add(door);
        await().until(() -> door.listening().isPresent());
        return door;
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"; // whose answers are not in chunks
    }

    private static Socket connect(Door door) throws IOException {
        Socket socket = new Socket();
        socket.connect(door.listening().orElseThrow());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String ask(Door door, String request) throws IOException {
        try (Socket socket = connect(door)) {
            try {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
                socket.shutdownOutput();
            } catch (IOException refusedEarly) {
                return "";
            }
            return readAll(socket);
        }
    }

    private static String readAll(Socket socket) throws IOException {
        StringBuilder all = new StringBuilder();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[65_536];
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                all.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
            }
        } catch (SocketTimeoutException late) {
            throw late;
        } catch (IOException reset) {
            // as good as an end
        }
        return all.toString();
    }

    private static String ask(Path socket, String request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
