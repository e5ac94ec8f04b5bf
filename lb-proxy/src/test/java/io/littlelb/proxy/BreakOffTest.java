package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.RawTcp;
import io.littlelb.testkit.net.TcpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever breaks off has said something before, and our kernel has acknowledged it: the other side gets all of it, and then the reset, as it would without us. With
 * splice and without, over IPv4 and over IPv6.
 */
@ExtendWith(InNetworkNamespace.class)
class BreakOffTest {
    private static final int PORT = 8888;
    private static final int TIMES = 40;
    private static final byte[] ANSWER = random(20_000);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private SpliceForwarder forwarder;

    /** What one side has heard until there was no more, and whether that was a reset. */
    private static final class Heard {
        private final byte[] bytes;
        private final boolean reset;

        private Heard(byte[] bytes, boolean reset) {
            this.bytes = bytes;
            this.reset = reset;
        }

        static Heard from(InputStream in) {
            return from(in, 0);
        }

        /** A reader that takes its time. */
        static Heard from(InputStream in, long pauseNanos) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            try {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    bytes.write(buffer, 0, n);
                    LockSupport.parkNanos(pauseNanos);
                }
                return new Heard(bytes.toByteArray(), false);
            } catch (SocketException reset) {
                return new Heard(bytes.toByteArray(), true);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    static Stream<Arguments> ways() {
        return Stream.of("127.0.0.1", "::1").flatMap(ip -> Stream.of(Arguments.of(ip, true), Arguments.of(ip, false)));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void anAnswerThatComesBeforeTheRequestIsReadArrivesWhole(String ip, boolean splice) throws Exception {
        forward(
                ip,
                splice,
                client -> { // as a server that says 413 does
                    int first = client.getInputStream().read();
                    client.getOutputStream().write(ANSWER, 0, first >= 0 ? ANSWER.length : 0);
                });
        for (int i = 0; i < TIMES; i++) {
            try (Socket client = connect(ip)) {
                CompletableFuture<Void> upload = CompletableFuture.runAsync(() -> upload(client));
                assertThat(Heard.from(client.getInputStream()).bytes)
                        .as("client %d", i)
                        .isEqualTo(ANSWER);
                upload.get(20, TimeUnit.SECONDS);
            }
        }
    }

    private static void upload(Socket client) {
        try {
            client.getOutputStream().write(new byte[8 << 20]);
        } catch (IOException brokenOff) {
            assertThat(brokenOff).isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatABackendHasSaidBeforeItResetsArrivesBeforeTheReset(String ip, boolean splice) throws Exception {
        RawTcp.Listener listener = forwardToRaw(ip, splice);
        for (int i = 0; i < TIMES; i++) {
            byte[] bytes = random(1 + i * 5_000);
            try (Socket client = connect(ip)) {
                CompletableFuture<Void> said = sayAndReset(listener, bytes);
                Heard heard = Heard.from(client.getInputStream());
                assertThat(heard.bytes).as("client %d", i).isEqualTo(bytes);
                assertThat(heard.reset).as("a reset is no end").isTrue();
                said.get();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void itArrivesFromABackendThatDidNotWaitToBeToldWhoTheClientIs(String ip, boolean splice) throws Exception {
        RawTcp.Listener listener = forwardToRaw(ip, splice, TrafficPolicy.DEFAULT.withProxyProtocol(ProxyProtocol.V1));
        for (int i = 0; i < TIMES; i++) {
            try (Socket client = connect(ip)) {
                CompletableFuture<Void> said = sayAndReset(listener, ANSWER);
                Heard heard = Heard.from(client.getInputStream());
                assertThat(heard.bytes).as("client %d", i).isEqualTo(ANSWER);
                assertThat(heard.reset).isTrue();
                said.get();
            }
        }
    }

    private static CompletableFuture<Void> sayAndReset(RawTcp.Listener listener, byte[] bytes) {
        return CompletableFuture.runAsync(() -> {
            try (RawTcp backend = listener.accept()) {
                backend.send(bytes);
                backend.awaitAcknowledgement();
                backend.reset();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whatAClientHasSaidBeforeItResetsArrivesBeforeTheReset(String ip, boolean splice) throws Exception {
        BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
        forward(ip, splice, client -> heard.add(Heard.from(client.getInputStream())));
        for (int i = 0; i < TIMES; i++) {
            byte[] bytes = random(1 + i * 5_000);
            clientSaysAndResets(ip, bytes);
            Heard next = heard.poll(20, TimeUnit.SECONDS);
            assertThat(next.bytes).as("client %d", i).isEqualTo(bytes);
            assertThat(next.reset).as("a reset is no end").isTrue();
        }
    }

    private static void clientSaysAndResets(String ip, byte[] bytes) throws IOException {
        try (RawTcp client = RawTcp.connect(InetAddresses.forString(ip), PORT)) {
            client.send(bytes);
            client.awaitAcknowledgement();
            client.reset();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void itArrivesWhereNoBackendHadAnsweredYet(String ip, boolean splice, NetworkNamespace here) throws Exception {
        BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
        forward(ip, splice, client -> heard.add(Heard.from(client.getInputStream())), silentBackend(ip, here));
        clientSaysAndResets(ip, ANSWER);

        Heard whole = heard.poll(20, TimeUnit.SECONDS);

        assertThat(whole.bytes).isEqualTo(ANSWER);
        assertThat(whole.reset).isTrue();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void oneThatBreaksOffWithoutAWordBeforeABackendHasAnsweredIsForgotten(
            String ip, boolean splice, NetworkNamespace here) throws Exception {
        forward(ip, splice, TcpServer.echo(), silentBackend(ip, here));
        clientSaysAndResets(ip, new byte[0]);

        Awaitility.await().until(() -> counters().endings().get(Ending.CLIENT_RESET) == 1);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aSlowReaderGetsAllThatWasAcknowledged(String ip, boolean splice) throws Exception {
        RawTcp.Listener listener = forwardToRaw(ip, splice);
        byte[] bytes = random(4 << 20);
        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(4096);
            client.setSoTimeout(20_000);
            client.connect(new InetSocketAddress(InetAddresses.forString(ip), PORT));
            long acknowledged = sayAllThatFitsAndReset(listener, bytes);

            Heard heard = Heard.from(client.getInputStream(), TimeUnit.MICROSECONDS.toNanos(100));

            assertThat(heard.bytes).hasSizeGreaterThanOrEqualTo((int) acknowledged);
            assertThat(heard.bytes).isEqualTo(Arrays.copyOf(bytes, heard.bytes.length));
            assertThat(heard.reset).isTrue();
        }
    }

    /** Sends until nothing moves, and returns how much was acknowledged. */
    private static long sayAllThatFitsAndReset(RawTcp.Listener listener, byte[] bytes) throws IOException {
        try (RawTcp backend = listener.accept()) {
            int at = 0;
            long moved = System.nanoTime();
            while (at < bytes.length && System.nanoTime() - moved < TimeUnit.MILLISECONDS.toNanos(300)) {
                int more = backend.sendSome(bytes, at);
                at += more;
                moved = more > 0 ? System.nanoTime() : moved;
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(more > 0 ? 0 : 5));
            }
            long acknowledged = backend.acknowledged();
            backend.reset();
            return acknowledged;
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void anEndBeforeTheResetIsAnEnd(String ip, boolean splice) throws Exception {
        RawTcp.Listener listener = forwardToRaw(ip, splice);
        for (int i = 0; i < TIMES; i++) {
            try (Socket client = connect(ip)) {
                CompletableFuture<Void> said = CompletableFuture.runAsync(() -> {
                    try (RawTcp backend = listener.accept()) {
                        backend.send(ANSWER);
                        backend.shutdownOutput();
                        backend.awaitAcknowledgement();
                        backend.reset();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                Heard heard = Heard.from(client.getInputStream());
                assertThat(heard.bytes).isEqualTo(ANSWER);
                assertThat(heard.reset).as("client %d", i).isFalse();
                said.get();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whoTakesNothingMoreIsNotWaitedForForEver(String ip, boolean splice) throws Exception {
        RawTcp.Listener listener = forwardToRaw(ip, splice);
        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(4096);
            client.connect(new InetSocketAddress(InetAddresses.forString(ip), PORT));
            sayAllThatFitsAndReset(listener, random(4 << 20)); // and the client never reads

            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> counters().endings().get(Ending.BACKEND_RESET) == 1);
        }
    }

    private Counters counters() {
        return forwarder.counters().values().iterator().next();
    }

    /** Takes what it is sent, and says nothing, not even that there is nobody. */
    private Backend silentBackend(String ip, NetworkNamespace here) {
        NetworkNamespace silent = NetworkNamespace.create();
        opened.add(silent);
        here.connect("near", silent, "far");
        here.ip("addr add 198.18.0.1/24 dev near");
        here.ip("addr add 2001:db8::1/64 dev near nodad");
        return new Backend(InetAddresses.forString(ip.contains(":") ? "2001:db8::9" : "198.18.0.9"), 80);
    }

    private RawTcp.Listener forwardToRaw(String ip, boolean splice) throws IOException {
        return forwardToRaw(ip, splice, TrafficPolicy.DEFAULT);
    }

    private RawTcp.Listener forwardToRaw(String ip, boolean splice, TrafficPolicy traffic) throws IOException {
        InetAddress address = InetAddresses.forString(ip);
        RawTcp.Listener listener = new RawTcp.Listener(address);
        opened.add(listener);
        forward(ip, splice, List.of(new Backend(address, listener.port())), traffic);
        return listener;
    }

    private void forward(String ip, boolean splice, TcpServer.Conversation conversation, Backend... before)
            throws IOException {
        InetAddress address = InetAddresses.forString(ip);
        TcpServer server = TcpServer.start(address, 0, conversation);
        opened.add(server);
        List<Backend> backends = new ArrayList<>(List.of(before));
        backends.add(new Backend(address, server.port()));
        forward(ip, splice, backends, TrafficPolicy.DEFAULT);
    }

    private void forward(String ip, boolean splice, List<Backend> backends, TrafficPolicy traffic) throws IOException {
        ProxyConfig quick = ProxyConfig.DEFAULT
                .withConnectTimeout(Duration.ofMillis(300))
                .with(new PatienceConfig(Duration.ZERO, Duration.ofSeconds(2)));
        forwarder = SpliceForwarder.open(quick, splice);
        opened.add(forwarder);
        forwarder.set(
                new Frontend(InetAddresses.forString(ip), PORT, Protocol.TCP),
                new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(backends), traffic));
    }

    private static Socket connect(String ip) throws IOException {
        Socket socket = new Socket(InetAddresses.forString(ip), PORT);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
