package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever takes nothing costs the host little. */
@ExtendWith(InNetworkNamespace.class)
class SlowStartTest {
    private static final int PORT = 8888;
    private static final int CLIENTS = 40;
    private static final long MUCH = 50_000_000;
    private static final long LITTLE = 1_000_000;
    /** What the kernel holds for a socket that has been received, and to be sent, ss(8). */
    private static final Pattern MEMORY = Pattern.compile("skmem:\\(r(\\d+),rb(\\d+),t\\d+,tb\\d+,f\\d+,w(\\d+)");

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private SpliceForwarder forwarder;

    @AfterEach
    void close() throws Exception {
        over.countDown();
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void clientsThatNeverReadHoldLittleOfTheHostsMemory(String ip, NetworkNamespace here) throws Exception {
        Backend backend = serve(ip, SlowStartTest::sayMuch);
        connect(ip);

        assertLittleIsHeld(here, backend);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void backendsThatNeverReadHoldLittleOfTheHostsMemory(String ip, NetworkNamespace here) throws Exception {
        Backend backend = serve(ip, client -> awaitTheEnd());
        for (Socket client : connect(ip)) {
            inBackground(() -> sayMuch(client));
        }

        assertLittleIsHeld(here, backend);
    }

    private void assertLittleIsHeld(NetworkNamespace here, Backend backend) {
        String ours = "sport = :" + PORT + " or dport = :" + backend.port();
        await().pollInSameThread() // that of the namespace
                .during(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(20))
                .until(() -> held(here, ours), new Unchanged()::isAgain);
        assertThat(held(here, ours)).as("in sockets").isLessThan(CLIENTS * LITTLE);
        assertThat(taken()).as("in sockets and pipes").isBetween(CLIENTS * LITTLE / 20, CLIENTS * LITTLE);
    }

    /** Whether a figure is what it was the last time. */
    private static final class Unchanged {
        private long before;

        boolean isAgain(long now) {
            boolean same = now == before && now > 0;
            before = now;
            return same;
        }
    }

    private static long held(NetworkNamespace here, String which) {
        return memory(here, which).stream()
                .mapToLong(socket -> Long.parseLong(socket.group(1)) + Long.parseLong(socket.group(3)))
                .sum();
    }

    private static List<MatchResult> memory(NetworkNamespace here, String which) {
        Matcher sockets = MEMORY.matcher(here.execute(List.of("ss", "-tmnHO", "state", "established", which)));
        return sockets.results().toList();
    }

    private long taken() {
        Counters.OfBackend counters = forwarder
                .counters()
                .values()
                .iterator()
                .next()
                .backends()
                .values()
                .iterator()
                .next();
        return counters.bytesToBackend() + counters.bytesToClients();
    }

    private Backend serve(String ip, TcpServer.Conversation conversation) throws IOException {
        InetAddress address = InetAddresses.forString(ip);
        TcpServer server = opened(TcpServer.start(address, 0, conversation));
        Backend backend = new Backend(address, server.port());
        forwarder = opened(SpliceForwarder.open(ProxyConfig.DEFAULT));
        forwarder.set(
                new Frontend(address, PORT, Protocol.TCP),
                new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(List.of(backend))));
        return backend;
    }

    private List<Socket> connect(String ip) throws IOException {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Socket client = opened(new Socket());
            client.connect(new InetSocketAddress(InetAddresses.forString(ip), PORT));
            clients.add(client);
        }
        return clients;
    }

    private static void sayMuch(Socket to) throws IOException {
        byte[] block = new byte[1 << 16];
        for (long left = MUCH; left > 0; left -= block.length) {
            to.getOutputStream().write(block, 0, (int) Math.min(left, block.length));
        }
    }

    private void awaitTheEnd() {
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void inBackground(Talk talk) {
        Thread thread = new Thread(() -> {
            try {
                talk.go();
            } catch (IOException ended) {
                return; // the test is over
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private interface Talk {
        void go() throws IOException;
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }
}
