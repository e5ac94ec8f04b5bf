package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import io.littlelb.proxy.tcp.ProxyHeader;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What backends that are asked whether they answer are told, and how soon one that has failed is asked. */
@ExtendWith(InNetworkNamespace.class)
class ProbeTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Frontend FRONTEND = new Frontend(InetAddresses.forString(LOOPBACK), 8888, Protocol.TCP);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private SpliceForwarder forwarder;

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aBackendThatIsCheckedIsToldWhoAsks(ProxyProtocol protocol) throws Exception {
        BlockingQueue<byte[]> heard = new LinkedBlockingQueue<>();
        Backend backend = listening(0, heard);
        open(ProxyConfig.DEFAULT.withCheckInterval(Duration.ofMillis(50)));

        serve(TrafficPolicy.DEFAULT.withProxyProtocol(protocol), backend);

        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(ProxyHeader.LOCAL.bytes(protocol));
    }

    @Test
    void aBackendThatRestsIsToldWhoAsks() throws Exception {
        BlockingQueue<byte[]> heard = new LinkedBlockingQueue<>();
        open(ProxyConfig.DEFAULT);
        serve(TrafficPolicy.DEFAULT.withProxyProtocol(ProxyProtocol.V2), backend(9001));
        try (Socket client = connect(50_000)) {
            assertThat(client).isNotNull();
            await().until(() -> counters().endings().get(Ending.NO_BACKEND) == 1);
        }

        listening(9001, heard);

        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(ProxyHeader.LOCAL.bytes(ProxyProtocol.V2));
    }

    /** It is asked a second after it has failed, then after two, four, up to sixty. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatIsTakenAwayAndPutBackIsAskedAtOnce(boolean withItsFrontend) throws Exception {
        open(ProxyConfig.DEFAULT);
        Backend failed = backend(9001);
        Backend other = named("other");
        serve(TrafficPolicy.DEFAULT, failed, other);
        assertThat(ask()).isEqualTo("other");
        assertThat(ask()).isEqualTo("other");
        assertThat(forwarder
                        .counters()
                        .values()
                        .iterator()
                        .next()
                        .backends()
                        .get(failed)
                        .failures())
                .isEqualTo(1);
        TcpServer back = TcpServer.start(failed.ip(), failed.port(), TcpServer.greeting("back"));
        opened.add(back);

        if (withItsFrontend) {
            forwarder.remove(FRONTEND, Duration.ofMinutes(1));
        } else {
            serve(TrafficPolicy.DEFAULT, other);
        }
        serve(TrafficPolicy.DEFAULT, failed);

        assertThat(forwarder.frontends().get(FRONTEND).problem()).isEmpty();
        assertThat(ask()).isEqualTo("back");
    }

    /** The kernel tries every other port first to come from, the first of the range before all: here that of the backend. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void aDeadBackendOfThisHostIsNotItsOwnEcho(String ip, NetworkNamespace here) throws Exception {
        Backend dead = new Backend(InetAddresses.forString(ip), 40_000);
        open(ProxyConfig.DEFAULT.withCheckInterval(Duration.ofMillis(10)));
        here.execute(List.of("sysctl", "-w", "net.ipv4.ip_local_port_range=40000 40001"));
        serve(TrafficPolicy.DEFAULT.withProxyProtocol(ProxyProtocol.V1), dead);

        for (int i = 0; i < 40; i++) {
            try (Socket client = connect(50_000 + i)) {
                assertThat(answer(client)).as("what client %d hears", i).isEqualTo(-1);
            }
        }
    }

    private static int answer(Socket client) {
        try {
            client.getOutputStream().write('x');
            return client.getInputStream().read();
        } catch (IOException reset) {
            return -1;
        }
    }

    private Backend listening(int port, BlockingQueue<byte[]> heard) throws IOException {
        TcpServer server = TcpServer.start(
                FRONTEND.ip(), port, client -> heard.add(client.getInputStream().readAllBytes()));
        opened.add(server);
        return backend(server.port());
    }

    private Backend named(String name) throws IOException {
        TcpServer server = TcpServer.start(FRONTEND.ip(), 0, TcpServer.greeting(name));
        opened.add(server);
        return backend(server.port());
    }

    private static Backend backend(int port) {
        return new Backend(FRONTEND.ip(), port);
    }

    private void open(ProxyConfig config) throws IOException {
        forwarder = SpliceForwarder.open(config);
        opened.add(forwarder);
    }

    private void serve(TrafficPolicy traffic, Backend... backends) throws IOException {
        forwarder.set(
                FRONTEND,
                new FrontendConfig(new ServiceKey("default", "web"), new Backends.Listed(List.of(backends)), traffic));
    }

    private Counters counters() {
        return forwarder.counters().values().iterator().next();
    }

    private static String ask() throws IOException {
        return Traffic.ask(LOOPBACK, FRONTEND.port());
    }

    private static Socket connect(int port) throws IOException {
        Socket client = new Socket();
        InetAddress loopback = FRONTEND.ip();
        client.bind(new InetSocketAddress(loopback, port));
        client.connect(new InetSocketAddress(loopback, FRONTEND.port()));
        client.setSoTimeout(20_000);
        return client;
    }
}
