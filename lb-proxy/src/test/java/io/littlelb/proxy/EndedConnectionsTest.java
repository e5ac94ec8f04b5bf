package io.littlelb.proxy;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.testkit.log.LogCapture;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of connections that are over: each once, as it is counted, with what it was. */
@ExtendWith(InNetworkNamespace.class)
class EndedConnectionsTest {
    private static final int PORT = 8888;
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final Backend NOBODY = new Backend(InetAddresses.forString("127.0.0.1"), 1);
    private static final ProxyConfig CONFIG =
            ProxyConfig.DEFAULT.withLoops(2).withConnectTimeout(Duration.ofSeconds(5));

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<EndedConnection> ended = new CopyOnWriteArrayList<>();
    private SpliceForwarder forwarder;

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void oneThatWasServedIsToldWithAllThatItWas(String ip) throws Exception {
        Backend echo = server(ip, TcpServer.echo());
        serve(ip, CONFIG, TrafficPolicy.DEFAULT, echo);
        Socket client = connect(ip);
        say(client, "hello");
        ConnectionInfo before = forwarder.connections(1, connection -> true).get(0);
        client.close();

        EndedConnection one = awaitOnly(Ending.CLIENT_CLOSED);
        assertThat(one.id()).isEqualTo(before.id());
        assertThat(one.client()).isEqualTo(before.client());
        assertThat(one.frontend()).isEqualTo(before.frontend());
        assertThat(one.service()).isEqualTo(WEB);
        assertThat(one.backend()).contains(echo);
        assertThat(one.attempts()).isEqualTo(1);
        assertThat(one.lasted()).isGreaterThanOrEqualTo(before.age());
        assertThat(one.bytesToBackend()).isEqualTo(5);
        assertThat(one.bytesToClient()).isEqualTo(5);
        assertThat(one.detail()).isEmpty();
        assertThat(one.at()).isBetween(Instant.now().minusSeconds(60), Instant.now());
    }

    @Test
    void oneThatNoBackendAnsweredIsToldWhatEachDid() throws Exception {
        Backend other = new Backend(InetAddresses.forString("127.0.0.1"), 2);
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, NOBODY, other);
        connect("127.0.0.1");

        EndedConnection one = awaitOnly(Ending.NO_BACKEND);
        assertThat(one.attempts()).isEqualTo(2);
        assertThat(one.backend()).isPresent();
        assertThat(one.detail().split("; "))
                .containsExactlyInAnyOrder(
                        "127.0.0.1:1: ECONNREFUSED (Connection refused)",
                        "127.0.0.1:2: ECONNREFUSED (Connection refused)");
    }

    @Test
    void oneThatABackendHasResetIsToldAfterHowManyBytes() throws Exception {
        Backend abrupt = server("127.0.0.1", client -> {
            client.getOutputStream().write(new byte[] {1, 2, 3});
            client.getInputStream().read(); // by then all that was said has been taken
            client.setSoLinger(true, 0);
        });
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, abrupt);
        Socket client = connect("127.0.0.1");
        client.getInputStream().readNBytes(3);
        client.getOutputStream().write(1);

        EndedConnection one = awaitOnly(Ending.BACKEND_RESET);
        assertThat(one.detail()).isEqualTo("the backend broke off after 3 bytes");
        assertThat(one.bytesToClient()).isEqualTo(3);
    }

    @Test
    void oneThatItsClientHasResetIsToldAfterHowManyBytes() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, server("127.0.0.1", TcpServer.echo()));
        Socket client = connect("127.0.0.1");
        say(client, "hello");
        client.setSoLinger(true, 0);
        client.close();

        assertThat(awaitOnly(Ending.CLIENT_RESET).detail()).isEqualTo("the client broke off after 5 bytes");
    }

    @Test
    void aClientThatIsTurnedAwayIsTold() throws Exception {
        Cidr other = Cidr.parse("192.0.2.0/24").orElseThrow();
        serve(
                "127.0.0.1",
                CONFIG,
                TrafficPolicy.DEFAULT.withSourceRanges(List.of(other)),
                server("127.0.0.1", TcpServer.echo()));
        Socket client = connect("127.0.0.1");

        EndedConnection one = awaitOnly(Ending.SOURCE_REFUSED);
        assertThat(one.client()).isEqualTo(new InetSocketAddress(client.getLocalAddress(), client.getLocalPort()));
        assertThat(one.backend()).isEmpty();
        assertThat(one.attempts()).isZero();
        assertThat(one.detail()).isEmpty();
    }

    @Test
    void aProxyThatDoesNotSpeakAsOneIsToldWhy() throws Exception {
        Cidr all = Cidr.parse("127.0.0.0/8").orElseThrow();
        serve(
                "127.0.0.1",
                CONFIG.withProxies(List.of(all)),
                TrafficPolicy.DEFAULT,
                server("127.0.0.1", TcpServer.echo()));
        connect("127.0.0.1").getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));

        assertThat(awaitOnly(Ending.PROXY_HEADER_INVALID).detail()).isNotEmpty();
    }

    /** Whoever may read the log or ask for events may not know by that who the clients are. */
    @Test
    void noLineOfTheLogNamesAProxyThatDoesNotSpeakAsOneOrWhomItNames() throws Exception {
        Cidr all = Cidr.parse("127.0.0.0/8").orElseThrow();
        serve(
                "127.0.0.1",
                CONFIG.withProxies(List.of(all)),
                TrafficPolicy.DEFAULT,
                server("127.0.0.1", TcpServer.echo()));
        try (LogCapture log = LogCapture.of("io.littlelb.proxy")) {
            Socket proxy = new Socket();
            opened.add(proxy);
            proxy.bind(new InetSocketAddress("127.0.0.91", 0));
            proxy.connect(new InetSocketAddress("127.0.0.1", PORT));
            byte[] line = "PROXY TCP6 198.18.0.92 198.18.0.9 50000 80\r\n".getBytes(StandardCharsets.US_ASCII);
            proxy.getOutputStream().write(line);
            awaitOnly(Ending.PROXY_HEADER_INVALID);

            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .contains("no PROXY header from one of the proxies")
                    .doesNotContain("127.0.0.91", "198.18.0.92");
        }
    }

    @Test
    void thoseThatAPersonEndsTheDrainAndTheShutdownAreTold() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, server("127.0.0.1", TcpServer.echo()));
        say(connect("127.0.0.1"), "x");
        forwarder.disconnect(connection -> true);
        await().until(() -> endings().equals(Map.of(Ending.DISCONNECTED, 1L)));

        say(connect("127.0.0.1"), "x");
        forwarder.remove(frontend("127.0.0.1"), Duration.ofMillis(1));
        await().until(() -> endings().containsKey(Ending.DRAIN_TIMEOUT));

        set("127.0.0.1", TrafficPolicy.DEFAULT, server("127.0.0.1", TcpServer.echo()));
        say(connect("127.0.0.1"), "x");
        forwarder.close();
        assertThat(endings()).isEqualTo(Map.of(Ending.DISCONNECTED, 1L, Ending.DRAIN_TIMEOUT, 1L, Ending.SHUTDOWN, 1L));
    }

    @Test
    void aListenerThatFailsCostsNobodyAConnection() throws Exception {
        serve("127.0.0.1", CONFIG, TrafficPolicy.DEFAULT, server("127.0.0.1", TcpServer.echo()));
        AtomicBoolean called = new AtomicBoolean();
        forwarder.onEnd(one -> {
            called.set(true);
            throw new IllegalStateException("a fault");
        });
        Socket stays = connect("127.0.0.1");
        say(connect("127.0.0.1"), "x");
        connect("127.0.0.1").close();

        await().until(called::get);
        say(stays, "still");
        assertThat(forwarder.counters().values().iterator().next().active()).isEqualTo(2);
    }

    /** The only one that has ended, and as which it is counted. */
    private EndedConnection awaitOnly(Ending ending) {
        await().until(() -> ended.size() == 1);
        Map<Ending, Long> counted =
                forwarder.counters().values().iterator().next().endings();
        assertThat(endings()).isEqualTo(Map.of(ending, 1L)).isEqualTo(positive(counted));
        return ended.get(0);
    }

    private Map<Ending, Long> endings() {
        return ended.stream().collect(groupingBy(EndedConnection::ending, counting()));
    }

    private static Map<Ending, Long> positive(Map<Ending, Long> counted) {
        return counted.entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .collect(toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private void serve(String ip, ProxyConfig config, TrafficPolicy traffic, Backend... backends) throws IOException {
        forwarder = SpliceForwarder.open(config);
        opened.add(forwarder);
        forwarder.onEnd(ended::add);
        set(ip, traffic, backends);
    }

    private void set(String ip, TrafficPolicy traffic, Backend... backends) throws IOException {
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

    private Backend server(String ip, TcpServer.Conversation conversation) throws IOException {
        TcpServer server = TcpServer.start(InetAddresses.forString(ip), 0, conversation);
        opened.add(server);
        return new Backend(InetAddresses.forString(ip), server.port());
    }
}
