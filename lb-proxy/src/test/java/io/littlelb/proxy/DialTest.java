package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What concerns one backend, or the way to it, keeps no client from the next. */
@ExtendWith(InNetworkNamespace.class)
class DialTest {
    private static final int PORT = 8888;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private SpliceForwarder forwarder;

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void aBackendOfAFamilyThatThisHostHasNotIsPassedOver(NetworkNamespace here) throws Exception {
        here.execute(List.of("sysctl", "-w", "net.ipv6.conf.all.disable_ipv6=1"));
        Backend ipv6 = new Backend(InetAddresses.forString("2001:db8::2"), 9001);
        serve("127.0.0.1", ipv6, named("127.0.0.1", "the second"));

        assertThat(List.of(ask(), ask(), ask(), ask())).containsOnly("the second");
        assertThat(counters().backends().get(ipv6).failures())
                .as("it is ejected after the first")
                .isEqualTo(1);
    }

    /** Errors of connect(2), by route: EINVAL, EACCES, EHOSTUNREACH; and without any, ENETUNREACH. */
    @ParameterizedTest
    @CsvSource({
        "blackhole, 198.18.0.9",
        "prohibit, 198.18.0.9",
        "unreachable, 198.18.0.9",
        "none, 198.18.0.9",
        "blackhole, 2001:db8::9",
        "prohibit, 2001:db8::9",
        "unreachable, 2001:db8::9",
        "none, 2001:db8::9"
    })
    void aBackendWithoutAWayToItIsPassedOver(String route, String ip, NetworkNamespace here) throws Exception {
        if (!route.equals("none")) {
            here.ip((ip.contains(":") ? "-6 " : "") + "route add " + route + " " + ip);
        }
        serve("127.0.0.1", new Backend(InetAddresses.forString(ip), 9001), named("127.0.0.1", "the second"));

        assertThat(List.of(ask(), ask(), ask(), ask())).containsOnly("the second");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void whenThePortsTowardsOneBackendAreUsedUpTheNextHasItsOwnAndTheLackOfAllIsSaidOnce(
            String ip, NetworkNamespace here) throws Exception {
        boolean ipv4 = !ip.contains(":");
        String other = ipv4 ? "127.0.0.2" : "2001:db8::1";
        if (!ipv4) {
            here.ip("addr add 2001:db8::1/128 dev lo nodad");
        }
        Backend one = holding(ip, "one");
        Backend two = holding(other, "two");
        serve(ip, one, two);
        here.execute(List.of("sysctl", "-w", "net.ipv4.ip_local_port_range=40000 40001"));
        listen();

        List<String> names = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            names.add(name(connectFrom(ip, 50_000 + i)));
        }
        assertThat(names).containsOnly("one", "two");
        for (int i = 4; i < 7; i++) {
            Socket tooMany = connectFrom(ip, 50_000 + i);
            assertThatThrownBy(() -> tooMany.getInputStream().read()).isInstanceOf(SocketException.class);
        }

        await().until(() -> counters().endings().get(Ending.SHORTAGE) == 3);
        assertThat(counters().backends().get(one).failures())
                .as("ejects nobody")
                .isZero();
        assertThat(warnings).singleElement().asString().contains("ip_local_port_range", "tcp_tw_reuse");
    }

    /** Nine of ten say nothing at all: a client may wait for one of them, not for one after the other. */
    @Test
    void whereMostBackendsAreSilentEverybodyIsServed(NetworkNamespace here) throws Exception {
        serveWithMostSilent(here, ProxyConfig.DEFAULT);

        assertEverybodyIsServed();
    }

    /** Who has never answered is not waited for until his time is over, as long as there are others: here it would be a minute. */
    @Test
    void whereMostBackendsAreSilentNobodyWaitsForOneToTheEnd(NetworkNamespace here) throws Exception {
        serveWithMostSilent(here, ProxyConfig.DEFAULT.withConnectTimeout(Duration.ofMinutes(1)));

        assertEverybodyIsServed();
    }

    /** And whom nobody waited for is asked in the background, and is ejected then. */
    @Test
    void aSilentBackendThatWasNotWaitedForRests(NetworkNamespace here) throws Exception {
        silence(here);
        Backend silent = new Backend(InetAddresses.forString("198.18.0.9"), 9001);
        serve("127.0.0.1", silent, named("127.0.0.1", "one"));
        listen();

        assertThat(ask()).isEqualTo("one");

        await().untilAsserted(
                        () -> assertThat(warnings).singleElement().asString().contains(silent.toString(), "in time"));
    }

    private static void silence(NetworkNamespace here) {
        here.ip("link add silent type ifb");
        here.ip("link set silent up");
        here.ip("route add 198.18.0.0/15 dev silent");
    }

    private void serveWithMostSilent(NetworkNamespace here, ProxyConfig config) throws IOException {
        silence(here);
        TcpServer server = TcpServer.start(InetAddresses.forString("0.0.0.0"), 0, TcpServer.greeting("one"));
        opened.add(server);
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            String ip = (i >= 1800 ? "127.1." : "198.18.") + i / 200 + "." + (1 + i % 200);
            backends.add(new Backend(InetAddresses.forString(ip), server.port()));
        }
        forwarder = SpliceForwarder.open(config);
        opened.add(forwarder);
        forwarder.set(
                new Frontend(InetAddresses.forString("127.0.0.1"), PORT, Protocol.TCP),
                new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(backends)));
    }

    private void assertEverybodyIsServed() throws IOException {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            clients.add(connectFrom("127.0.0.1", 20_000 + i));
        }
        for (Socket client : clients) {
            assertThat(name(client)).isEqualTo("one");
        }
    }

    /** What lb-proxy warns of from now on. */
    private void listen() {
        Logger logger = Logger.getLogger("io.littlelb.proxy");
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord message) {
                if (message.getLevel().intValue() >= Level.WARNING.intValue()) {
                    warnings.add(message.getMessage());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        opened.add(() -> logger.removeHandler(handler));
    }

    private void serve(String ip, Backend... backends) throws IOException {
        // long enough for a SYN to be sent again: one that comes with a new address may be dropped
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(5)));
        opened.add(forwarder);
        forwarder.set(
                new Frontend(InetAddresses.forString(ip), PORT, Protocol.TCP),
                new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(List.of(backends))));
    }

    private Counters counters() {
        return forwarder.counters().values().iterator().next();
    }

    private static String ask() throws IOException {
        return Traffic.ask("127.0.0.1", PORT);
    }

    private Socket connectFrom(String ip, int port) throws IOException {
        Socket client = new Socket();
        opened.add(client);
        client.bind(new InetSocketAddress(InetAddresses.forString(ip), port));
        client.connect(new InetSocketAddress(InetAddresses.forString(ip), PORT));
        client.setSoTimeout(20_000);
        return client;
    }

    private static String name(Socket client) throws IOException {
        return new String(client.getInputStream().readNBytes(3), StandardCharsets.UTF_8);
    }

    private Backend named(String ip, String name) throws IOException {
        return backend(ip, TcpServer.greeting(name));
    }

    /** Says its name and waits for the client to end. */
    private Backend holding(String ip, String name) throws IOException {
        return backend(ip, client -> {
            client.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8));
            client.getInputStream().readAllBytes();
        });
    }

    private Backend backend(String ip, TcpServer.Conversation conversation) throws IOException {
        InetAddress address = InetAddresses.forString(ip);
        TcpServer server = TcpServer.start(address, 0, conversation);
        opened.add(server);
        return new Backend(address, server.port());
    }
}
