package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.DialTimes;
import io.littlelb.core.model.Ejection;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.proxy.frontend.Acceptor;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a forwarder tells of its connections, how they end by order, and what is counted of that. */
@ExtendWith(InNetworkNamespace.class)
class ConnectionsTest {
    private static final int PORT = 8888;
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ProxyConfig CONFIG =
            ProxyConfig.DEFAULT.withLoops(2).withConnectTimeout(Duration.ofMillis(300));
    private static final Backend NOBODY = new Backend(InetAddresses.forString("127.0.0.1"), 1);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private SpliceForwarder forwarder;

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void oneIsDescribed(String ip) throws Exception {
        Backend echo = echo(ip);
        serve(ip, CONFIG, TrafficPolicy.DEFAULT, echo);
        Socket client = connect(ip);
        say(client, "hello");

        ConnectionInfo first = only();
        say(client, "again");
        ConnectionInfo second = only();

        assertThat(first.client()).isEqualTo(new InetSocketAddress(InetAddresses.forString(ip), client.getLocalPort()));
        assertThat(first.frontend()).isEqualTo(frontend(ip));
        assertThat(first.service()).isEqualTo(WEB);
        assertThat(first.backend()).contains(echo);
        assertThat(first.state()).isEqualTo(ConnectionInfo.State.RELAYING);
        assertThat(first.draining()).isFalse();
        assertThat(first.attempt()).isEqualTo(1);
        assertThat(first.bytesToBackend()).isEqualTo(5);
        assertThat(first.bytesToClient()).isEqualTo(5);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.bytesToBackend()).isEqualTo(10);
        assertThat(second.age()).isGreaterThan(first.age());
        assertThat(second.idle()).isLessThan(second.age());
    }

    @Test
    void oneThatHasMovedNothingIsIdleSinceItCame() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, echo("127.0.0.1"));
        connect("127.0.0.1");

        await().until(() -> states().equals(List.of(ConnectionInfo.State.RELAYING)));
        ConnectionInfo silent = only();
        assertThat(silent.idle()).isEqualTo(silent.age());
    }

    @Test
    void oneSideMayHaveSaidAll() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, server(client -> {
            client.shutdownOutput();
            client.getInputStream().read();
        }));
        connect("127.0.0.1");

        await().until(() -> states().equals(List.of(ConnectionInfo.State.BACKEND_HALF_CLOSED)));
    }

    @Test
    void whatEarlierBackendsDidIsToldWhileTheNextIsAsked(NetworkNamespace network) throws Exception {
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("addr add 198.18.0.1/24 dev veth0"); // nobody is at the other end
        Backend silent = new Backend(InetAddresses.forString("198.18.0.2"), 80);
        serve("127.0.0.1", CONFIG.withConnectTimeout(Duration.ofSeconds(20)), TrafficPolicy.DEFAULT, NOBODY, silent);
        connect("127.0.0.1");

        await().until(() -> states().equals(List.of(ConnectionInfo.State.DIALLING)));
        ConnectionInfo dialling = only();
        assertThat(dialling.backend()).contains(silent);
        assertThat(dialling.attempt()).isEqualTo(2);
        assertThat(dialling.failed())
                .containsExactly(new ConnectionInfo.Failed(NOBODY, "ECONNREFUSED (Connection refused)"));
    }

    @Test
    void oneWhoseFrontendIsGoneDrainsUntilItsTimeIsOver() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, echo("127.0.0.1"));
        Socket client = connect("127.0.0.1");
        say(client, "hello");
        forwarder.remove(frontend("127.0.0.1"), Duration.ofMinutes(1));

        assertThat(only().draining()).isTrue();
    }

    @Test
    void oneWithoutItsHeaderIsAGreetingAndThenAnInvalidOne() throws Exception {
        Cidr all = Cidr.parse("127.0.0.0/8").orElseThrow();
        serve(
                "127.0.0.1",
                CONFIG.withConnectTimeout(Duration.ofSeconds(5)).withProxies(List.of(all)),
                TrafficPolicy.DEFAULT,
                echo("127.0.0.1"));
        Socket client = connect("127.0.0.1");

        await().until(() -> states().equals(List.of(ConnectionInfo.State.GREETING)));
        assertThat(counters().active()).isEqualTo(1);
        client.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        awaitEnding(Ending.PROXY_HEADER_INVALID, 1);
    }

    @Test
    void whoIsEndedBeforeItsHeaderHasComeIsCountedAndReset() throws Exception {
        Cidr all = Cidr.parse("127.0.0.0/8").orElseThrow();
        serve(
                "127.0.0.1",
                CONFIG.withConnectTimeout(Duration.ofSeconds(20)).withProxies(List.of(all)),
                TrafficPolicy.DEFAULT,
                echo("127.0.0.1"));
        Socket client = connect("127.0.0.1");
        await().until(() -> states().equals(List.of(ConnectionInfo.State.GREETING)));

        assertThat(forwarder.disconnect(connection -> true)).isEqualTo(1);

        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        await().until(() -> counters().active() == 0);
        assertThat(counters().endings().get(Ending.DISCONNECTED)).isEqualTo(1);
        assertThat(counters().accepted()).isZero();
        assertThat(counters().refused()).isEqualTo(1);
    }

    @Test
    void manyAreEachToldOnceAndNoMoreThanAreWanted() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, echo("127.0.0.1"));
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            Socket client = connect("127.0.0.1");
            say(client, "x");
            ports.add(client.getLocalPort());
        }

        List<ConnectionInfo> all = forwarder.connections(1_000, connection -> true);

        assertThat(all).hasSize(300);
        assertThat(all.stream().map(each -> each.client().getPort())).containsExactlyInAnyOrderElementsOf(ports);
        assertThat(all.stream().map(ConnectionInfo::id).distinct()).hasSize(300);
        assertThat(forwarder.connections(7, connection -> true)).hasSize(7);
        assertThat(forwarder.connections(7, connection -> false)).isEmpty();
    }

    @Test
    void aLoopThatDoesNotAnswerIsLeftOut() throws Exception {
        EventLoop stuck = new EventLoop(0, Duration.ZERO, (thread, error) -> {});
        opened.add(stuck);

        assertThat(new Roster(List.of(stuck)).connections(10, connection -> true))
                .isEmpty();
    }

    @Test
    void thoseThatAreChosenAreResetAndTheOthersGoOn() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, echo("127.0.0.1"));
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            clients.add(connect("127.0.0.1"));
            say(clients.get(i), "x");
        }
        int kept = clients.get(0).getLocalPort();

        assertThat(forwarder.disconnect(connection -> connection.client().getPort() != kept))
                .isEqualTo(199);

        say(clients.get(0), "still");
        for (Socket client : clients.subList(1, 200)) {
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        awaitEnding(Ending.DISCONNECTED, 199);
        assertThat(counters().active()).isEqualTo(1);
    }

    @Test
    void theClientOfANetworkThatIsNotServedIsCountedAsSuch() throws Exception {
        Cidr other = Cidr.parse("192.0.2.0/24").orElseThrow();
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT.withSourceRanges(List.of(other)), echo("127.0.0.1"));
        connect("127.0.0.1");

        awaitEnding(Ending.SOURCE_REFUSED, 1);
        assertThat(counters().accepted()).isZero();
    }

    @Test
    void theClientThatHasAllItMayIsCountedAsSuch() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT.withMaxConnectionsPerSource(1), echo("127.0.0.1"));
        say(connect("127.0.0.1"), "x");
        connect("127.0.0.1");

        awaitEnding(Ending.LIMIT_SOURCE, 1);
    }

    @Test
    void whoEndedFirstIsCounted() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, echo("127.0.0.1"));
        connect("127.0.0.1").close();
        awaitEnding(Ending.CLIENT_CLOSED, 1);

        serve("127.0.0.1", TrafficPolicy.DEFAULT, server(TcpServer.greeting("bye")));
        try (Socket client = connect("127.0.0.1")) {
            client.getInputStream().readAllBytes();
        }
        awaitEnding(Ending.BACKEND_CLOSED, 1);
    }

    @Test
    void whoOutlivesTheDrainIsCountedAsSuch() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, echo("127.0.0.1"));
        say(connect("127.0.0.1"), "x");
        OpenFrontend open = forwarder.frontends.takingClients().findFirst().orElseThrow();
        forwarder.remove(frontend("127.0.0.1"), Duration.ofMillis(1));

        await().until(() -> open.counters().endings().get(Ending.DRAIN_TIMEOUT) == 1);
        assertThat(open.counters().active()).isZero();
    }

    @Test
    void whoIsThereWhenItIsClosedIsCountedAsSuch() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, echo("127.0.0.1"));
        say(connect("127.0.0.1"), "x");
        OpenFrontend open = forwarder.frontends.takingClients().findFirst().orElseThrow();
        forwarder.close();

        assertThat(open.counters().endings().get(Ending.SHUTDOWN)).isEqualTo(1);
    }

    @Test
    void whoIsThereIsEndedEvenIfAListenerCannotBeClosed() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, echo("127.0.0.1"));
        Socket client = connect("127.0.0.1");
        say(client, "x");
        OpenFrontend open = forwarder.frontends.takingClients().findFirst().orElseThrow();
        open.acceptor = closingWithAFault(open.acceptor);

        assertThatThrownBy(() -> forwarder.close()).hasMessage("a fault");

        assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThat(open.counters().endings().get(Ending.SHUTDOWN)).isEqualTo(1);
    }

    private static Acceptor closingWithAFault(Acceptor acceptor) {
        return new Acceptor() {
            @Override
            public EventLoop home() {
                return acceptor.home();
            }

            @Override
            public void start() {
                acceptor.start();
            }

            @Override
            public boolean isHeldUp() {
                return acceptor.isHeldUp();
            }

            @Override
            public void close() {
                acceptor.close();
                throw new IllegalStateException("a fault");
            }
        };
    }

    @Test
    void bytesDialTimesAndEjectionsAreCounted() throws Exception {
        Backend echo = echo("127.0.0.1");
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, NOBODY, echo);
        say(connect("127.0.0.1"), "hello");
        await().until(() -> counters().bytesToClients() > 0); // counted once they are on their way

        Counters counted = counters();
        assertThat(counted.active()).isEqualTo(1);
        assertThat(counted.bytesToBackends()).isEqualTo(5);
        assertThat(counted.bytesToClients()).isEqualTo(5);
        DialTimes times = counted.backends().get(echo).dialTimes();
        assertThat(times.count()).isEqualTo(1);
        assertThat(times.sum()).isPositive();
        assertThat(counted.backends().get(echo).ejection()).isEmpty();
        Ejection ejection = counted.backends().get(NOBODY).ejection().orElseThrow();
        assertThat(ejection.why()).isEqualTo("ECONNREFUSED (Connection refused)");
        assertThat(ejection.askedAgainIn()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }

    private void awaitEnding(Ending ending, long count) {
        await().until(() -> counters().endings().get(ending) == count);
    }

    private ConnectionInfo only() {
        List<ConnectionInfo> all = forwarder.connections(10, connection -> true);
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private List<ConnectionInfo.State> states() {
        return forwarder.connections(10, connection -> true).stream()
                .map(ConnectionInfo::state)
                .toList();
    }

    private Counters counters() {
        return forwarder.counters().values().iterator().next();
    }

    private void serve(String ip, ProxyConfig config, TrafficPolicy traffic, Backend... backends) throws IOException {
        forwarder = SpliceForwarder.open(config);
        opened.add(forwarder);
        serve(ip, traffic, backends);
    }

    private void serve(String ip, TrafficPolicy traffic, Backend... backends) throws IOException {
        forwarder.set(frontend(ip), new FrontendConfig(WEB, new Backends.Listed(List.of(backends)), traffic));
    }

    private static Frontend frontend(String ip) {
        return new Frontend(InetAddresses.forString(ip), PORT, Protocol.TCP);
    }

    private Socket connect(String ip) throws IOException {
        Socket client = new Socket(InetAddresses.forString(ip), PORT);
        client.setSoTimeout(20_000);
        opened.add(client);
        return client;
    }

    private static void say(Socket client, String words) throws IOException {
        byte[] bytes = words.getBytes(StandardCharsets.US_ASCII);
        client.getOutputStream().write(bytes);
        assertThat(client.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
    }

    private Backend echo(String ip) throws IOException {
        return server(InetAddresses.forString(ip), TcpServer.echo());
    }

    private Backend server(TcpServer.Conversation conversation) throws IOException {
        return server(InetAddresses.forString("127.0.0.1"), conversation);
    }

    private Backend server(InetAddress ip, TcpServer.Conversation conversation) throws IOException {
        TcpServer server = TcpServer.start(ip, 0, conversation);
        opened.add(server);
        return new Backend(ip, server.port());
    }
}
