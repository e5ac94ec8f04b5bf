package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.testkit.net.InNetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sockets on the loopback link of a namespace of its own. */
@ExtendWith(InNetworkNamespace.class)
class SpliceForwarderTest {
    private static final int PORT = 8888;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private SpliceForwarder forwarder;

    @BeforeEach
    void open() throws Exception {
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT.withLoops(2).withConnectTimeout(Duration.ofSeconds(1)));
    }

    @AfterEach
    void close() throws Exception {
        forwarder.close();
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void passesEveryByteBothWaysAndEachEndByItself(String ip) throws Exception {
        Backend echo = echoAfterTheEnd(ip);
        forwarder.set(frontend(ip), config(echo));
        byte[] block = new byte[1 << 20];
        new Random(1).nextBytes(block);
        int blocks = 64;

        try (Socket client = connect(ip)) {
            CompletableFuture<String> sent = CompletableFuture.supplyAsync(() -> send(client, block, blocks));
            String received = hash(client.getInputStream());

            assertThat(received).isEqualTo(sent.get());
        }
    }

    @Test
    void takesTheBackendsByTurns() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(named("one"), named("two")));

        assertThat(List.of(ask(), ask(), ask(), ask())).containsExactly("one", "two", "one", "two");
    }

    @Test
    void goesToTheNextBackendWhenOneRefuses() throws Exception {
        Backend nobody = new Backend(InetAddresses.forString("127.0.0.1"), 1);
        forwarder.set(frontend("127.0.0.1"), config(nobody, named("two")));

        assertThat(List.of(ask(), ask())).containsExactly("two", "two");
    }

    @Test
    void resetsTheClientWhenEveryBackendRefuses() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(new Backend(InetAddresses.forString("127.0.0.1"), 1)));

        try (Socket client = connect("127.0.0.1")) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void withoutBackendsTheKernelRefuses() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(named("one")));
        forwarder.set(frontend("127.0.0.1"), config());

        assertThat(state()).isEqualTo(FrontendStatus.State.REFUSING);
        assertThatThrownBy(() -> connect("127.0.0.1")).isInstanceOf(ConnectException.class);
    }

    @Test
    void aNewSetOfBackendsDisturbsNoConnection() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(echo()));
        try (Socket client = connect("127.0.0.1")) {
            assertThat(echoed(client, "before")).isEqualTo("before");

            forwarder.set(frontend("127.0.0.1"), config(named("two")));

            assertThat(echoed(client, "after")).isEqualTo("after");
            assertThat(ask()).isEqualTo("two");
        }
    }

    @Test
    void passesAResetOn() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(resetting()));

        try (Socket client = connect("127.0.0.1")) {
            client.getOutputStream().write('x');
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void goesOnAfterUrgentData() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(echoAfterTheEnd("127.0.0.1")));

        try (Socket client = connect("127.0.0.1")) {
            client.getOutputStream().write("before".getBytes(StandardCharsets.UTF_8));
            client.sendUrgentData('!');
            client.getOutputStream().write("after".getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();

            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("beforeafter");
        }
    }

    @Test
    void drainsAndThenResets() throws Exception {
        AtomicInteger told = new AtomicInteger();
        forwarder.onChange(told::incrementAndGet);
        forwarder.set(frontend("127.0.0.1"), config(echo()));
        try (Socket client = connect("127.0.0.1")) {
            assertThat(echoed(client, "before")).isEqualTo("before");

            forwarder.remove(frontend("127.0.0.1"), Duration.ofMillis(500));

            assertThat(state()).isEqualTo(FrontendStatus.State.DRAINING);
            assertThatThrownBy(() -> connect("127.0.0.1")).isInstanceOf(ConnectException.class);
            assertThat(echoed(client, "still")).isEqualTo("still");
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            await().until(() -> forwarder.frontends().isEmpty());
            assertThat(told).hasPositiveValue();
        }
    }

    @Test
    void theLastConnectionsEndEndsDraining() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(echo()));
        try (Socket client = connect("127.0.0.1")) {
            assertThat(echoed(client, "before")).isEqualTo("before");
            forwarder.remove(frontend("127.0.0.1"), Duration.ofMinutes(1));
        }

        await().until(() -> forwarder.frontends().isEmpty());
    }

    @Test
    void aDrainingFrontendCanBeOpenedAgain() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(echo()));
        try (Socket client = connect("127.0.0.1")) {
            assertThat(echoed(client, "before")).isEqualTo("before");
            forwarder.remove(frontend("127.0.0.1"), Duration.ofMinutes(1));

            forwarder.set(frontend("127.0.0.1"), config(named("two")));

            assertThat(ask()).isEqualTo("two");
            assertThat(echoed(client, "after")).isEqualTo("after");
            assertThat(state()).isEqualTo(FrontendStatus.State.OPEN);
        }
    }

    @Test
    void saysWhyItCannotListen() throws Exception {
        try (ServerSocket other = new ServerSocket(PORT, 1, InetAddresses.forString("127.0.0.1"))) {
            assertThatThrownBy(() -> forwarder.set(frontend("127.0.0.1"), config(named("one"))))
                    .hasMessage("bind 127.0.0.1:" + other.getLocalPort() + ": EADDRINUSE (Address already in use)");
        }
        assertThat(state()).isEqualTo(FrontendStatus.State.FAILED);

        forwarder.set(frontend("127.0.0.1"), config(named("one")));

        assertThat(ask()).isEqualTo("one");
    }

    @Test
    void servesNobodyOutsideTheSourceRanges() throws Exception {
        Backends backends = new Backends.Listed(List.of(named("one")));
        List<Cidr> ranges = List.of(Cidr.parse("198.18.0.0/24").orElseThrow());
        forwarder.set(frontend("127.0.0.1"), new FrontendConfig(new ServiceKey("default", "web"), backends, ranges));

        assertThat(ask()).isEmpty();
    }

    private FrontendStatus.State state() {
        return forwarder.frontends().get(frontend("127.0.0.1")).state();
    }

    private static Frontend frontend(String ip) {
        return new Frontend(InetAddresses.forString(ip), PORT, Protocol.TCP);
    }

    private static FrontendConfig config(Backend... backends) {
        return new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(List.of(backends)), List.of());
    }

    private static Socket connect(String ip) throws IOException {
        Socket socket = new Socket(InetAddresses.forString(ip), PORT);
        socket.setSoTimeout(20_000);
        return socket;
    }

    /** What a backend that says its name and hangs up answers. */
    private static String ask() throws IOException {
        try (Socket client = connect("127.0.0.1")) {
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String echoed(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return new String(client.getInputStream().readNBytes(text.length()), StandardCharsets.UTF_8);
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

    /** Sends back what it gets as it gets it, until the end, and then ends too. */
    private Backend echoAfterTheEnd(String ip) throws IOException {
        return backend(ip, client -> {
            client.getInputStream().transferTo(client.getOutputStream());
            client.close();
        });
    }

    private Backend echo() throws IOException {
        return echoAfterTheEnd("127.0.0.1");
    }

    private Backend named(String name) throws IOException {
        return backend("127.0.0.1", client -> {
            client.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8));
            client.close();
        });
    }

    private Backend resetting() throws IOException {
        return backend("127.0.0.1", client -> {
            int unread = client.getInputStream().read();
            client.setSoLinger(unread >= 0, 0);
            client.close();
        });
    }

    @FunctionalInterface
    private interface Conversation {
        void with(Socket client) throws IOException;
    }

    private Backend backend(String ip, Conversation conversation) throws IOException {
        InetAddress address = InetAddresses.forString(ip);
        ServerSocket server = new ServerSocket(0, 50, address);
        opened.add(server);
        Thread acceptor = new Thread(() -> serve(server, conversation), "backend-" + server.getLocalPort());
        acceptor.setDaemon(true);
        acceptor.start();
        return new Backend(address, server.getLocalPort());
    }

    private static void serve(ServerSocket server, Conversation conversation) {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread worker = new Thread(() -> converse(client, conversation), "backend-connection");
                worker.setDaemon(true);
                worker.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void converse(Socket client, Conversation conversation) {
        try (client) {
            conversation.with(client);
        } catch (IOException broken) {
            return; // the client is gone, which is what some of these tests are about
        }
    }
}
