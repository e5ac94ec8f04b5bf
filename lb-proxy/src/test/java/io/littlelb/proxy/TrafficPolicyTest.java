package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import com.sun.management.ThreadMXBean;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Balance;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a Service may ask for, on real sockets. */
@ExtendWith(InNetworkNamespace.class)
class TrafficPolicyTest {
    private static final int PORT = 8888;
    private static final String LOOPBACK = "127.0.0.1";
    private static final ProxyConfig CONFIG = ProxyConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(1));

    private final List<AutoCloseable> opened = new ArrayList<>();
    private SpliceForwarder forwarder;

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void theBackendWithTheFewestConnectionsIsChosen() throws Exception {
        serve(CONFIG, TrafficPolicy.DEFAULT.withBalance(Balance.LEAST_CONNECTIONS), holding("one"), holding("two"));
        Socket first = connect(LOOPBACK);
        String busy = name(first);
        Socket second = connect(LOOPBACK);
        assertThat(name(second)).isNotEqualTo(busy);

        second.close();
        await().until(() -> counters().endings().get(Ending.CLIENT_CLOSED) == 1);

        for (int i = 0; i < 4; i++) {
            try (Socket next = connect(LOOPBACK)) {
                assertThat(name(next))
                        .as("by turns it would be the busy one now and then")
                        .isNotEqualTo(busy);
            }
            int ended = i + 2;
            await().until(() -> counters().endings().get(Ending.CLIENT_CLOSED) == ended);
        }
    }

    @Test
    void aClientComesBackToItsBackend() throws Exception {
        Backend[] backends = {named("one"), named("two"), named("three"), named("four")};
        serve(CONFIG, TrafficPolicy.DEFAULT.withBalance(Balance.CLIENT_IP), backends);

        List<String> firsts = askFromEight();

        assertThat(firsts.stream().distinct()).hasSizeGreaterThan(1);
        assertThat(askFromEight()).isEqualTo(firsts);
        String gone = firsts.get(0);
        serve(
                TrafficPolicy.DEFAULT.withBalance(Balance.CLIENT_IP),
                List.of(backends).stream()
                        .filter(backend -> !backend.equals(
                                backends[List.of("one", "two", "three", "four").indexOf(gone)]))
                        .toArray(Backend[]::new));
        List<String> afterwards = askFromEight();
        for (int i = 0; i < firsts.size(); i++) {
            if (firsts.get(i).equals(gone)) {
                assertThat(afterwards.get(i)).isNotEqualTo(gone);
            } else {
                assertThat(afterwards.get(i))
                        .as("only the clients of the one that has gone move")
                        .isEqualTo(firsts.get(i));
            }
        }
    }

    @Test
    void affinityHoldsAcrossConnectionsOfEachClient() throws Exception {
        serve(CONFIG, TrafficPolicy.DEFAULT.withAffinity(Duration.ofMinutes(1)), named("one"), named("two"));

        String first = ask("127.0.0.2");
        String second = ask("127.0.0.3");

        assertThat(second).as("by turns, the first time").isNotEqualTo(first);
        for (int i = 0; i < 5; i++) {
            assertThat(ask("127.0.0.2")).isEqualTo(first);
            assertThat(ask("127.0.0.3")).isEqualTo(second);
        }
    }

    @Test
    void aClientWhoseBackendDiesStaysWithTheOneThatItIsMovedTo() throws Exception {
        Backend[] backends = {named("one"), named("two"), named("three"), named("four")};
        List<String> names = List.of("one", "two", "three", "four");
        serve(CONFIG.withLoops(2), TrafficPolicy.DEFAULT.withAffinity(Duration.ofMinutes(1)), backends);
        String first = ask("127.0.0.2");
        assertThat(ask("127.0.0.3")).as("whose turn is the next").isNotEqualTo(first);

        opened.get(names.indexOf(first)).close();
        String moved = ask("127.0.0.2");

        assertThat(moved).isNotEqualTo(first);
        for (int i = 0; i < 5; i++) {
            assertThat(ask("127.0.0.2")).isEqualTo(moved);
            assertThat(ask("127.0.0.3")).as("and others have their own").isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void aBackendIsToldWhoTheClientIs(String ip) throws Exception {
        serve(ip, TrafficPolicy.DEFAULT.withProxyProtocol(ProxyProtocol.V1), backend(ip, TcpServer.echo()));
        try (Socket client = connect(ip)) {
            client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();

            String family = ip.contains(":") ? "TCP6" : "TCP4";
            assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("PROXY " + family + " " + ip + " " + ip + " " + client.getLocalPort() + " " + PORT
                            + "\r\nhello");
        }
    }

    @Test
    void aConnectionThatRestsTooLongIsReset() throws Exception {
        serve(
                CONFIG,
                TrafficPolicy.DEFAULT.withIdleTimeout(Duration.ofMillis(300)),
                backend(LOOPBACK, TcpServer.echo()));
        try (Socket client = connect(LOOPBACK)) {
            long deadline = System.nanoTime() + Duration.ofMillis(900).toNanos();
            while (System.nanoTime() - deadline < 0) {
                assertThat(echoed(client)).as("one that is used goes on").isTrue();
            }

            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        await().until(() -> counters().endings().get(Ending.IDLE_TIMEOUT) == 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noMoreConnectionsThanAllowedAndTheNextWaitsForItsTurn(boolean ofService) throws Exception {
        TrafficPolicy traffic = ofService ? TrafficPolicy.DEFAULT.withMaxConnections(2) : TrafficPolicy.DEFAULT;
        serve(ofService ? CONFIG : CONFIG.withMaxConnections(2), traffic, backend(LOOPBACK, TcpServer.echo()));
        Socket first = connect(LOOPBACK);
        Socket second = connect(LOOPBACK);
        assertThat(echoed(first) && echoed(second)).isTrue();

        Socket third = connect(LOOPBACK); // the kernel's queue has room
        third.setSoTimeout(200);
        assertThatThrownBy(() -> echoed(third)).isInstanceOf(SocketTimeoutException.class);
        assertThat(counters().accepted()).isEqualTo(2);
        first.close();

        third.setSoTimeout(20_000);
        assertThat(third.getInputStream().read()).isEqualTo('x');
        assertThat(echoed(second)).isTrue();
    }

    @Test
    void aClientThatHasAllItMayIsTurnedAwayAndNobodyElse() throws Exception {
        serve(
                CONFIG.withLoops(2),
                TrafficPolicy.DEFAULT.withMaxConnectionsPerSource(2),
                backend(LOOPBACK, TcpServer.echo()));
        Socket first = connectFrom("127.0.0.2");
        Socket second = connectFrom("127.0.0.2");
        assertThat(echoed(first) && echoed(second)).isTrue();

        assertThat(connectFrom("127.0.0.2").getInputStream().read()).isEqualTo(-1);

        assertThat(echoed(connectFrom("127.0.0.3"))).isTrue();
        assertThat(counters().refused()).isEqualTo(1);
        first.close();
        await().until(() -> counters().endings().get(Ending.CLIENT_CLOSED) == 1);
        assertThat(echoed(connectFrom("127.0.0.2"))).isTrue();
    }

    @Test
    void aBackendThatIsCheckedIsKnownToHaveFailedBeforeAClientComes() throws Exception {
        Backend checked = named("here");
        serve(CONFIG.withCheckInterval(Duration.ofMillis(100)), TrafficPolicy.DEFAULT, checked);
        assertThat(ask(LOOPBACK)).isEqualTo("here");
        assertThat(status().problem()).isEmpty();

        opened.remove(0).close();

        await().until(() -> detail().equals(checked + " ECONNREFUSED (Connection refused)"));
        opened.add(TcpServer.start(checked.ip(), checked.port(), TcpServer.greeting("back")));
        await().atMost(Duration.ofSeconds(20)).until(() -> status().problem().isEmpty());
        assertThat(counters().accepted()).as("clients had no part in it").isEqualTo(1);
    }

    @Test
    void aBackendThatFailsRestsUntilItAnswersAgain() throws Exception {
        Backend gone = named("gone");
        opened.remove(opened.size() - 1).close();
        serve(CONFIG, TrafficPolicy.DEFAULT, gone, named("two"));
        for (int i = 0; i < 10; i++) {
            assertThat(ask(LOOPBACK)).isEqualTo("two");
        }
        assertThat(counters().backends().get(gone).failures())
                .as("it is dialled for one client only")
                .isEqualTo(1);
        assertThat(status().problem()).isEmpty();

        opened.add(TcpServer.start(gone.ip(), gone.port(), TcpServer.greeting("back")));

        await().atMost(Duration.ofSeconds(20))
                .pollInSameThread()
                .until(() -> ask(LOOPBACK).equals("back"));
    }

    @Test
    void whenNoBackendAnswersItIsSaidAndTakenBack() throws Exception {
        Backend gone = named("gone");
        opened.remove(opened.size() - 1).close();
        serve(CONFIG, TrafficPolicy.DEFAULT, gone);
        assertThatThrownBy(() -> connect(LOOPBACK).getInputStream().read()).isInstanceOf(SocketException.class);

        assertThat(detail()).isEqualTo(gone + " ECONNREFUSED (Connection refused)");
        assertThat(status().isSet()).isTrue();
        assertThatThrownBy(() -> connect(LOOPBACK).getInputStream().read())
                .as("it is tried all the same, where there is no other")
                .isInstanceOf(SocketException.class);
        await().until(() -> counters().endings().get(Ending.NO_BACKEND) == 2);

        opened.add(TcpServer.start(gone.ip(), gone.port(), TcpServer.greeting("back")));
        assertThat(ask(LOOPBACK)).isEqualTo("back");
        assertThat(status().problem()).isEmpty();
    }

    @Test
    void aBackendThatDoesNotAnswerIsLeftForTheNextInTime(NetworkNamespace network) throws Exception {
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("addr add 198.18.0.1/24 dev veth0"); // nobody is at the other end
        Backend silent = new Backend(InetAddresses.forString("198.18.0.2"), 80);
        serve(CONFIG.withConnectTimeout(Duration.ofMillis(200)), TrafficPolicy.DEFAULT, silent, named("two"));

        assertThat(ask(LOOPBACK)).isEqualTo("two");
        assertThat(counters().backends().get(silent).failures()).isEqualTo(1);
    }

    @Test
    void countsConnectionsAndBytesOfEachBackend() throws Exception {
        Backend echo = backend(LOOPBACK, TcpServer.echo());
        serve(CONFIG, TrafficPolicy.DEFAULT, echo);

        assertThat(Traffic.tell(LOOPBACK, PORT, "hello")).isEqualTo("hello");
        assertThat(Traffic.tell(LOOPBACK, PORT, "hello, again")).isEqualTo("hello, again");

        await().until(() -> counters().endings().get(Ending.CLIENT_CLOSED) == 2);
        Counters.OfBackend counted = counters().backends().get(echo);
        assertThat(counted.active()).isZero();
        assertThat(counted.connections()).isEqualTo(2);
        assertThat(counted.bytesToBackend()).isEqualTo(17);
        assertThat(counted.bytesToClients()).isEqualTo(17);
        assertThat(counted.dialTimes().sum()).isPositive();
        assertThat(counters().accepted()).isEqualTo(2);
    }

    @Test
    void messagesOfAWarmConnectionMakeNoGarbage() throws Exception {
        serve(CONFIG, TrafficPolicy.DEFAULT, backend(LOOPBACK, TcpServer.echo()));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long loop = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("lb-proxy-0"))
                .mapToLong(Thread::getId)
                .max()
                .orElseThrow();
        try (Socket client = connect(LOOPBACK)) {
            int messages = 5_000;
            for (int i = 0; i < messages; i++) {
                assertThat(echoed(client)).isTrue();
            }
            long before = threads.getThreadAllocatedBytes(loop);
            for (int i = 0; i < messages; i++) {
                assertThat(echoed(client)).isTrue();
            }

            long perMessage = (threads.getThreadAllocatedBytes(loop) - before) / messages;
            assertThat(perMessage).as("bytes a message").isZero();
        }
    }

    private void serve(ProxyConfig config, TrafficPolicy traffic, Backend... backends) throws IOException {
        forwarder = SpliceForwarder.open(config);
        opened.add(forwarder);
        serve(traffic, backends);
    }

    private void serve(TrafficPolicy traffic, Backend... backends) throws IOException {
        forwarder.set(
                frontend(LOOPBACK),
                new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(List.of(backends)), traffic));
    }

    private void serve(String ip, TrafficPolicy traffic, Backend backend) throws IOException {
        forwarder = SpliceForwarder.open(CONFIG);
        opened.add(forwarder);
        forwarder.set(
                frontend(ip),
                new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(List.of(backend)), traffic));
    }

    private static Frontend frontend(String ip) {
        return new Frontend(InetAddresses.forString(ip), PORT, Protocol.TCP);
    }

    private String detail() {
        return status().problem(Reason.BackendsUnavailable).map(Problem::detail).orElse("");
    }

    private FrontendStatus status() {
        return forwarder.frontends().get(frontend(LOOPBACK));
    }

    private Counters counters() {
        return forwarder.counters().values().iterator().next();
    }

    private static List<String> askFromEight() throws IOException {
        List<String> answers = new ArrayList<>();
        for (int i = 2; i < 10; i++) {
            answers.add(ask("127.0.0." + i));
        }
        return answers;
    }

    /** What a client with an address of its own is told. */
    private static String ask(String from) throws IOException {
        try (Socket client = new Socket()) {
            client.bind(new InetSocketAddress(InetAddresses.forString(from), 0));
            client.connect(new InetSocketAddress(InetAddresses.forString(LOOPBACK), PORT));
            client.setSoTimeout(20_000);
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Socket connect(String ip) throws IOException {
        Socket client = new Socket(InetAddresses.forString(ip), PORT);
        client.setSoTimeout(20_000);
        opened.add(client);
        return client;
    }

    private Socket connectFrom(String ip) throws IOException {
        Socket client = new Socket();
        opened.add(client);
        client.bind(new InetSocketAddress(InetAddresses.forString(ip), 0));
        client.connect(new InetSocketAddress(InetAddresses.forString(LOOPBACK), PORT));
        client.setSoTimeout(20_000);
        return client;
    }

    private static boolean echoed(Socket client) throws IOException {
        client.getOutputStream().write('x');
        return client.getInputStream().read() == 'x';
    }

    private static String name(Socket client) throws IOException {
        return new String(client.getInputStream().readNBytes(3), StandardCharsets.UTF_8);
    }

    private Backend named(String name) throws IOException {
        return backend(LOOPBACK, TcpServer.greeting(name));
    }

    /** Says its name and then waits for the client to end. */
    private Backend holding(String name) throws IOException {
        return backend(LOOPBACK, client -> {
            client.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8));
            client.getInputStream().transferTo(OutputStream.nullOutputStream());
        });
    }

    private Backend backend(String ip, TcpServer.Conversation conversation) throws IOException {
        InetAddress address = InetAddresses.forString(ip);
        TcpServer server = TcpServer.start(address, 0, conversation);
        opened.add(server);
        return new Backend(address, server.port());
    }
}
