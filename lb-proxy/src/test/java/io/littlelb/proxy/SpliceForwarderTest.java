package io.littlelb.proxy;

import static io.littlelb.testkit.net.Traffic.hash;
import static io.littlelb.testkit.net.Traffic.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT
                .withLoops(2)
                .withConnectTimeout(Duration.ofSeconds(1))
                .with(new LastingConfig(Duration.ofMillis(50), Duration.ofMinutes(2))));
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
        Backend echo = echo(ip);
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
    void asksBothSidesOfASilentConnectionWhetherTheyAreStillThere(NetworkNamespace network) throws Exception {
        Backend echo = echo("127.0.0.1");
        forwarder.set(frontend("127.0.0.1"), config(echo));
        try (Socket client = connect("127.0.0.1")) {
            client.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);

            String toTheClient =
                    network.execute(List.of("ss", "-Htno", "state", "established", "sport", "=", ":" + PORT));
            assertThat(toTheClient).contains("timer:(keepalive,");
            await().pollInSameThread()
                    .until(() -> network.execute(
                                    List.of("ss", "-Htno", "state", "established", "dport", "=", ":" + echo.port()))
                            .contains("timer:(keepalive,"));
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
        forwarder.set(frontend("127.0.0.1"), config(echo("127.0.0.1")));

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

    /** Both sides have ended, but not all of it is where it belongs: without the address, which goes with the last connection, the rest would be lost. */
    @Test
    void aConnectionLastsUntilItsClientHasAllOfWhatItEndedWith() throws Exception {
        byte[] all = new byte[40_000];
        TcpServer server = TcpServer.start(InetAddress.getByName("127.0.0.1"), 0, client -> {
            client.getInputStream().readAllBytes();
            client.getOutputStream().write(all);
        });
        opened.add(server);
        forwarder.set(frontend("127.0.0.1"), config(new Backend(InetAddress.getByName("127.0.0.1"), server.port())));
        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(2_048);
            client.connect(new InetSocketAddress("127.0.0.1", PORT));
            client.shutdownOutput();
            await().until(() -> client.getInputStream().available() > 0);
            forwarder.remove(frontend("127.0.0.1"), Duration.ofMinutes(1));

            await().during(Duration.ofMillis(500))
                    .until(() -> !forwarder.frontends().isEmpty());

            assertThat(client.getInputStream().readAllBytes()).hasSize(all.length);
            await().until(() -> forwarder.frontends().isEmpty());
        }
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
    void anotherServicesFrontendIsAnotherOneAndWhatDrainsKeepsItsOwnTermsAndCounts() throws Exception {
        FrontendConfig one = config("one", echo());
        FrontendConfig two = config("two", named("two"));
        forwarder.set(frontend("127.0.0.1"), one);
        try (Socket client = connect("127.0.0.1")) {
            assertThat(echoed(client, "before")).isEqualTo("before");

            forwarder.remove(frontend("127.0.0.1"), Duration.ofMillis(800));
            forwarder.set(frontend("127.0.0.1"), two);

            assertThat(ask()).isEqualTo("two");
            assertThat(state()).isEqualTo(FrontendStatus.State.OPEN);
            assertThat(echoed(client, "after")).isEqualTo("after");
            assertThat(counters("one").accepted()).isEqualTo(1);
            assertThat(counters("two").accepted()).isEqualTo(1);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .as("the deadline of its own Service")
                    .isInstanceOf(SocketException.class);
            await().until(() -> forwarder.counters().size() == 1);
            assertThat(counters("two").endings().get(Ending.DRAIN_TIMEOUT)).isZero();
        }
        assertThat(ask()).isEqualTo("two");
    }

    @Test
    void whenTheSuccessorGoesFirstWhatStillDrainsIsShown() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config("one", echo()));
        try (Socket client = connect("127.0.0.1")) {
            assertThat(echoed(client, "before")).isEqualTo("before");
            forwarder.remove(frontend("127.0.0.1"), Duration.ofMinutes(1));
            forwarder.set(frontend("127.0.0.1"), config("two", named("two")));

            forwarder.remove(frontend("127.0.0.1"), Duration.ofMinutes(1));

            assertThat(forwarder.frontends().get(frontend("127.0.0.1")))
                    .as("the address is still in use")
                    .isEqualTo(FrontendStatus.of(
                            forwarder.frontends().get(frontend("127.0.0.1")).config(), FrontendStatus.State.DRAINING));
            assertThat(forwarder.frontends().get(frontend("127.0.0.1")).config().service())
                    .isEqualTo(new ServiceKey("default", "one"));
            assertThat(echoed(client, "after")).isEqualTo("after");

            forwarder.set(frontend("127.0.0.1"), config("one", named("back")));
            assertThat(ask()).isEqualTo("back");
            assertThat(echoed(client, "still")).isEqualTo("still");
            assertThat(counters("one").accepted()).as("it is the same again").isEqualTo(2);
        }
    }

    @Test
    void anOpenFrontendIsNotTakenFromItsService() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config("one", named("one")));

        assertThatThrownBy(() -> forwarder.set(frontend("127.0.0.1"), config("two", named("two"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ask()).isEqualTo("one");
    }

    @Test
    void aFaultOfWhoeverIsToldOfChangesEndsNoConnection() throws Exception {
        forwarder.onChange(() -> {
            throw new IllegalStateException("a fault");
        });
        forwarder.set(
                frontend("127.0.0.1"), config(new Backend(InetAddresses.forString("127.0.0.1"), 1), named("two")));

        assertThat(List.of(ask(), ask())).containsExactly("two", "two");
    }

    @Test
    void whoeverIsToldOfChangesMayWaitForThoseWhoMakeThem() throws Exception {
        Backend nobody = new Backend(InetAddresses.forString("127.0.0.1"), 1);
        forwarder.set(frontend("127.0.0.1"), config(nobody, named("two")));
        assertThat(ask()).isEqualTo("two");
        Queue<Boolean> heldTheLock = new ConcurrentLinkedQueue<>();
        forwarder.onChange(() -> heldTheLock.add(Thread.holdsLock(forwarder)));

        forwarder.set(frontend("127.0.0.1"), config());
        assertThat(heldTheLock).as("what was ejected is forgotten").containsExactly(false);
        forwarder.remove(frontend("127.0.0.1"), Duration.ZERO);

        await().until(() -> heldTheLock.size() > 1); // what was asked of the other one may still have to end
        assertThat(heldTheLock).containsOnly(false);
    }

    @Test
    void anErrorEndsTheConnectionThatMetItAndIsToldAndTheOthersAreServed() throws Exception {
        Queue<Error> told = new ConcurrentLinkedQueue<>();
        forwarder.close();
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT.withErrors((thread, error) -> told.add(error)));
        AtomicInteger changes = new AtomicInteger();
        forwarder.onChange(
                () -> { // called while the first backend is found to be dead
                    if (changes.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("of a test");
                    }
                });
        forwarder.set(
                frontend("127.0.0.1"), config(new Backend(InetAddresses.forString("127.0.0.1"), 1), named("two")));

        try (Socket client = connect("127.0.0.1")) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }

        assertThat(List.of(ask(), ask())).containsExactly("two", "two");
        assertThat(told).hasSize(1);
        await().until(() -> counters("web").endings().get(Ending.BACKEND_CLOSED) == 2);
        assertThat(counters("web").endings().get(Ending.ERROR)).isEqualTo(1);
        assertThat(counters("web").backends().values()).allMatch(backend -> backend.active() == 0);
    }

    @Test
    @Timeout(30)
    void closesWithClientsThatWaitForAPlace() throws Exception {
        try (SpliceForwarder small =
                SpliceForwarder.open(ProxyConfig.DEFAULT.withLoops(2).withMaxConnections(1))) {
            Backend echo = echo();
            small.set(frontend("127.0.0.1"), config(echo));
            small.set(frontend("127.0.0.2"), config(echo));
            opened.add(connect("127.0.0.1"));
            assertThat(echoed((Socket) opened.get(opened.size() - 1), "one")).isEqualTo("one");
            opened.add(connect("127.0.0.2"));
            opened.add(connect("127.0.0.1"));
            await().until(() -> small.counters().values().stream()
                            .mapToLong(Counters::accepted)
                            .sum()
                    == 1);
        }
    }

    @Test
    void saysWhyItCannotListen() throws Exception {
        try (ServerSocket other = new ServerSocket(PORT, 1, InetAddresses.forString("127.0.0.1"))) {
            assertThatThrownBy(() -> forwarder.set(frontend("127.0.0.1"), config(named("one"))))
                    .hasMessage(
                            "bind 127.0.0.1:" + other.getLocalPort() + ": EADDRINUSE (Address already in use): process "
                                    + ProcessHandle.current().pid() + " (\"java\") has it");
        }
        assertThat(state()).isEqualTo(FrontendStatus.State.FAILED);
    }

    @Test
    void toCloseItTwiceIsToCloseItOnce() throws Exception {
        forwarder.set(frontend("127.0.0.1"), config(named("one")));

        forwarder.close();
        forwarder.close();

        assertThatThrownBy(() -> connect("127.0.0.1")).isInstanceOf(ConnectException.class);
    }

    @Test
    void servesNobodyOutsideTheSourceRanges() throws Exception {
        Backends backends = new Backends.Listed(List.of(named("one")));
        List<Cidr> ranges = List.of(Cidr.parse("198.18.0.0/24").orElseThrow());
        forwarder.set(
                frontend("127.0.0.1"),
                new FrontendConfig(
                        new ServiceKey("default", "web"), backends, TrafficPolicy.DEFAULT.withSourceRanges(ranges)));

        assertThat(ask()).isEmpty();
    }

    private FrontendStatus.State state() {
        return forwarder.frontends().get(frontend("127.0.0.1")).state();
    }

    private static Frontend frontend(String ip) {
        return new Frontend(InetAddresses.forString(ip), PORT, Protocol.TCP);
    }

    private static FrontendConfig config(String service, Backend... backends) {
        return new FrontendConfig(new ServiceKey("default", service), new Backends.Listed(List.of(backends)));
    }

    private Counters counters(String service) {
        return forwarder
                .counters()
                .get(new Counters.Subject(frontend("127.0.0.1"), new ServiceKey("default", service)));
    }

    private static FrontendConfig config(Backend... backends) {
        return new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(List.of(backends)));
    }

    private static Socket connect(String ip) throws IOException {
        Socket socket = new Socket(InetAddresses.forString(ip), PORT);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String ask() throws IOException {
        return Traffic.ask("127.0.0.1", PORT);
    }

    private static String echoed(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return new String(client.getInputStream().readNBytes(text.length()), StandardCharsets.UTF_8);
    }

    private Backend echo() throws IOException {
        return echo("127.0.0.1");
    }

    private Backend echo(String ip) throws IOException {
        return backend(ip, TcpServer.echo());
    }

    private Backend named(String name) throws IOException {
        return backend("127.0.0.1", TcpServer.greeting(name));
    }

    private Backend resetting() throws IOException {
        return backend("127.0.0.1", client -> {
            int unread = client.getInputStream().read();
            client.setSoLinger(unread >= 0, 0);
            client.close();
        });
    }

    private Backend backend(String ip, TcpServer.Conversation conversation) throws IOException {
        InetAddress address = InetAddresses.forString(ip);
        TcpServer server = TcpServer.start(address, 0, conversation);
        opened.add(server);
        return new Backend(address, server.port());
    }
}
