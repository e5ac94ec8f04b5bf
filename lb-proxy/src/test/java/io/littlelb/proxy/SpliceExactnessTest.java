package io.littlelb.proxy;

import static io.littlelb.testkit.net.Traffic.hash;
import static io.littlelb.testkit.net.Traffic.send;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import com.google.common.util.concurrent.Uninterruptibles;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.testkit.net.Descriptors;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What TCP promises holds through the forwarder, with splice and without, over IPv4 and over IPv6. */
@ExtendWith(InNetworkNamespace.class)
class SpliceExactnessTest {
    private static final int PORT = 8888;
    private static final int MEGABYTE = 1 << 20;

    private final List<AutoCloseable> opened = new ArrayList<>();

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
    void transfersOfEverySizeComeBackWhole(String ip, boolean splice) throws Exception {
        forward(ip, splice, TcpServer.echo());

        for (int size : new int[] {0, 1, 65_535, 65_536, 131_072, 131_073, 20 * MEGABYTE}) {
            byte[] bytes = random(size);
            try (Socket client = connect(ip)) {
                CompletableFuture<String> sent = CompletableFuture.supplyAsync(() -> send(client, bytes, 1));
                assertThat(hash(client.getInputStream())).as("%d bytes", size).isEqualTo(sent.get());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theClientMayEndFirst(String ip, boolean splice) throws Exception {
        forward(ip, splice, client -> {
            String received = hash(client.getInputStream());
            client.getOutputStream().write(received.getBytes(UTF_8));
        });

        try (Socket client = connect(ip)) {
            String sent = send(client, random(MEGABYTE), 3);
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theBackendMayEndFirst(String ip, boolean splice) throws Exception {
        CompletableFuture<String> received = new CompletableFuture<>();
        forward(ip, splice, client -> {
            client.getOutputStream().write("bye".getBytes(UTF_8));
            client.shutdownOutput();
            received.complete(hash(client.getInputStream()));
        });

        try (Socket client = connect(ip)) {
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo("bye");
            String sent = send(client, random(MEGABYTE), 3);
            assertThat(received.get()).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theBackendLearnsOfAResetClient(String ip, boolean splice) throws Exception {
        CompletableFuture<String> outcome = new CompletableFuture<>();
        forward(ip, splice, client -> {
            try {
                client.getOutputStream().write('x');
                outcome.complete("ended after " + client.getInputStream().read());
            } catch (SocketException reset) {
                outcome.complete("reset");
            }
        });

        try (Socket client = connect(ip)) {
            assertThat(client.getInputStream().read()).isEqualTo('x');
            client.setSoLinger(true, 0);
        }
        assertThat(outcome.get()).isEqualTo("reset");
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theClientLearnsOfAResetBackendInTheMiddleOfAStream(String ip, boolean splice) throws Exception {
        forward(ip, splice, client -> {
            client.getOutputStream().write(random(MEGABYTE));
            client.setSoLinger(true, 0);
        });

        try (Socket client = connect(ip)) {
            assertThatThrownBy(() -> hash(client.getInputStream())).isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void dataAndEndMayComeBeforeTheBackendIsConnected(String ip, boolean splice, NetworkNamespace here)
            throws Exception {
        NetworkNamespace silent = NetworkNamespace.create();
        opened.add(silent);
        here.connect("near", silent, "far");
        here.ip("addr add 198.18.0.1/24 dev near");
        here.ip("addr add 2001:db8::1/64 dev near nodad");
        InetAddress nobody = InetAddresses.forString(ip.contains(":") ? "2001:db8::9" : "198.18.0.9");
        forward(ip, splice, TcpServer.echo(), new Backend(nobody, 80));

        try (Socket client = connect(ip)) {
            String sent = send(client, random(100_000), 1);
            assertThat(hash(client.getInputStream())).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aSlowReaderLosesNothing(String ip, boolean splice) throws Exception {
        byte[] bytes = random(4 * MEGABYTE);
        forward(ip, splice, client -> client.getOutputStream().write(bytes));

        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(4096);
            client.setSoTimeout(20_000);
            client.connect(new InetSocketAddress(ip, PORT));
            assertThat(hash(client.getInputStream())).isEqualTo(hash(new ByteArrayInputStream(bytes)));
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aSideThatNeverReadsHoldsUpItsOwnConnectionOnly(String ip, boolean splice) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        forward(ip, splice, client -> {
            int first = client.getInputStream().read();
            if (first == 'd') {
                Uninterruptibles.awaitUninterruptibly(over); // deaf from here on
            } else {
                client.getInputStream().transferTo(client.getOutputStream());
            }
        });

        try (SocketChannel sender = SocketChannel.open(new InetSocketAddress(InetAddresses.forString(ip), PORT));
                Selector writable = Selector.open()) {
            sender.configureBlocking(false);
            sender.register(writable, SelectionKey.OP_WRITE);
            ByteBuffer bytes = ByteBuffer.wrap(new byte[MEGABYTE]).put(0, (byte) 'd');
            long taken = 0;
            while (writable.select(1_000) > 0) {
                taken += sender.write(bytes);
                bytes.rewind();
                writable.selectedKeys().clear();
                assertThat(taken).as("what nobody reads stays with its sender").isLessThan(64L * MEGABYTE);
            }
            try (Socket other = connect(ip)) {
                other.getOutputStream().write(new byte[] {'e', 'x'});
                assertThat(other.getInputStream().read()).isEqualTo('x');
            }
        } finally {
            over.countDown();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void urgentDataFirstInTheMiddleAndLastStopsNothing(String ip, boolean splice) throws Exception {
        forward(ip, splice, TcpServer.echo());
        byte[] bytes = random(2 * MEGABYTE);

        for (int urgentAt = 0; urgentAt < 3; urgentAt++) {
            int place = urgentAt;
            try (Socket client = connect(ip)) {
                CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> sendWithUrgent(client, bytes, place));
                assertThat(hash(client.getInputStream()))
                        .as("urgent at %d", place)
                        .isEqualTo(hash(new ByteArrayInputStream(bytes)));
                sent.get();
            }
        }
    }

    private static void sendWithUrgent(Socket client, byte[] bytes, int place) {
        try {
            int half = bytes.length / 2;
            urgentIf(place == 0, client);
            client.getOutputStream().write(bytes, 0, half);
            urgentIf(place == 1, client);
            client.getOutputStream().write(bytes, half, bytes.length - half);
            urgentIf(place == 2, client);
            client.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void urgentIf(boolean urgent, Socket client) throws IOException {
        if (urgent) {
            client.sendUrgentData('!');
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void whateverClientsDoTheRestIsExactAndNothingStaysOpen(String ip, boolean splice) throws Exception {
        long seed = System.nanoTime();
        long before = Descriptors.count();
        try (TcpServer echo = TcpServer.start(InetAddresses.forString(ip), 0, TcpServer.echo());
                SpliceForwarder forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT, splice)) {
            forwarder.set(frontend(ip), config(List.of(new Backend(InetAddresses.forString(ip), echo.port()))));
            NetworkNamespace.Action[] clients = new NetworkNamespace.Action[300];
            Random random = new Random(seed);
            for (int i = 0; i < clients.length; i++) {
                clients[i] = client(ip, random.nextLong());
            }
            inThreads(clients, 24, "seed " + seed);
        }

        await().atMost(Duration.ofSeconds(10)).until(() -> Descriptors.count() <= before);
    }

    /** One client in ten breaks off; the others get back what they send, in pieces of every size. */
    private static NetworkNamespace.Action client(String ip, long seed) {
        return () -> {
            Random random = new Random(seed);
            byte[] piece = new byte[1 + random.nextInt(random.nextBoolean() ? 200 : 200_000)];
            random.nextBytes(piece);
            int times = 1 + random.nextInt(10);
            try (Socket client = connect(ip)) {
                if (random.nextInt(10) == 0) {
                    client.getOutputStream().write(piece);
                    client.setSoLinger(true, 0);
                    return;
                }
                CompletableFuture<String> sent = new CompletableFuture<>();
                Thread sender = new Thread(() -> sent.complete(send(client, piece, times)));
                sender.start();
                assertThat(hash(client.getInputStream())).isEqualTo(sent.get());
            }
        };
    }

    private static void inThreads(NetworkNamespace.Action[] actions, int threads, String description)
            throws InterruptedException {
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int first = i;
            Thread thread = new Thread(() -> {
                for (int next = first; next < actions.length; next += threads) {
                    try {
                        actions[next].run();
                    } catch (Exception | AssertionError e) {
                        failures.add(e);
                    }
                }
            });
            thread.start();
            running.add(thread);
        }
        for (Thread thread : running) {
            thread.join();
        }
        assertThat(failures).as(description).isEmpty();
    }

    private void forward(String ip, boolean splice, TcpServer.Conversation conversation, Backend... before)
            throws IOException {
        InetAddress address = InetAddresses.forString(ip);
        TcpServer server = TcpServer.start(address, 0, conversation);
        opened.add(server);
        ProxyConfig quick = ProxyConfig.DEFAULT.withConnectTimeout(Duration.ofMillis(300));
        SpliceForwarder forwarder = SpliceForwarder.open(quick, splice);
        opened.add(forwarder);
        List<Backend> backends = new ArrayList<>(List.of(before));
        backends.add(new Backend(address, server.port()));
        forwarder.set(frontend(ip), config(backends));
    }

    private static Frontend frontend(String ip) {
        return new Frontend(InetAddresses.forString(ip), PORT, Protocol.TCP);
    }

    private static FrontendConfig config(List<Backend> backends) {
        return new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(backends));
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
