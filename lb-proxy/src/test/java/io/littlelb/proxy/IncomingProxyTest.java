package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import com.google.common.primitives.Bytes;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Proxies in front, and clients that only say they were one. */
@ExtendWith(InNetworkNamespace.class)
class IncomingProxyTest {
    private static final InetAddress LOOPBACK = InetAddresses.forString("127.0.0.1");
    private static final String PROXY = "127.0.0.2";
    private static final String STRANGER = "127.0.0.3";
    private static final Frontend FRONTEND = new Frontend(LOOPBACK, 8888, Protocol.TCP);
    private static final TrafficPolicy TELLING = TrafficPolicy.DEFAULT.withProxyProtocol(ProxyProtocol.V1);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private SpliceForwarder forwarder;
    private TcpServer echo;

    @BeforeEach
    void open() throws Exception {
        echo = TcpServer.start(LOOPBACK, 0, TcpServer.echo());
        opened.add(echo);
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT
                .withLoops(2)
                .withConnectTimeout(Duration.ofMillis(500))
                .withProxies(List.of(Cidr.parse(PROXY + "/32").orElseThrow())));
        opened.add(forwarder);
        serve(TELLING);
    }

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V1", "V2"})
    void aProxySpeaksForItsClient(ProxyProtocol version) throws Exception {
        Socket proxy = connect(PROXY);
        proxy.setTcpNoDelay(true);
        for (byte each : header(version, "192.0.2.7")) { // however it comes
            proxy.getOutputStream().write(each);
        }

        assertThat(tell(proxy, "hello")).isEqualTo("PROXY TCP4 192.0.2.7 127.0.0.1 40000 8888\r\nhello");
    }

    @Test
    void whatComesWithTheHeaderIsTheClients() throws Exception {
        Socket proxy = connect(PROXY);
        proxy.getOutputStream().write(concat(header(ProxyProtocol.V2, "192.0.2.7"), "hello, "));

        assertThat(tell(proxy, "world")).isEqualTo("PROXY TCP4 192.0.2.7 127.0.0.1 40000 8888\r\nhello, world");
    }

    @Test
    void aProxyMaySpeakForItself() throws Exception {
        Socket proxy = connect(PROXY);
        proxy.getOutputStream().write(concat(new byte[0], "PROXY UNKNOWN\r\n"));

        assertThat(tell(proxy, "hello"))
                .isEqualTo("PROXY TCP4 127.0.0.2 127.0.0.1 " + proxy.getLocalPort() + " 8888\r\nhello");
    }

    @Test
    void whatAStrangerSaysIsNotBelieved() throws Exception {
        Socket stranger = connect(STRANGER);

        assertThat(tell(stranger, "PROXY UNKNOWN\r\n"))
                .isEqualTo("PROXY TCP4 127.0.0.3 127.0.0.1 " + stranger.getLocalPort() + " 8888\r\n"
                        + "PROXY UNKNOWN\r\n");
    }

    @Test
    void theClientIsWhoIsAllowedOrNot() throws Exception {
        serve(TELLING.withSourceRanges(List.of(Cidr.parse("192.0.2.0/24").orElseThrow())));
        Socket allowed = connect(PROXY);
        allowed.getOutputStream().write(header(ProxyProtocol.V1, "192.0.2.7"));
        assertThat(tell(allowed, "hello")).endsWith("hello");

        Socket other = connect(PROXY);
        other.getOutputStream().write(header(ProxyProtocol.V1, "198.18.0.7"));

        assertThat(other.getInputStream().read()).isEqualTo(-1);
        assertThat(forwarder
                        .counters()
                        .get(new Counters.Subject(FRONTEND, new ServiceKey("default", "web")))
                        .refused())
                .isEqualTo(1);
    }

    @Test
    void whoSpeaksOtherwiseOrNotInTimeIsTurnedAway() throws Exception {
        Socket other = connect(PROXY);
        Socket silent = connect(PROXY);
        Socket brief = connect(PROXY);
        Socket served = connect(STRANGER);
        other.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        brief.getOutputStream().write("PROXY TCP4 ".getBytes(StandardCharsets.US_ASCII));
        brief.shutdownOutput();

        assertThatThrownBy(() -> other.getInputStream().read())
                .as("what it said was not read")
                .isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> brief.getInputStream().read()).isInstanceOf(SocketException.class);
        assertThat(silent.getInputStream().read()).isEqualTo(-1);
        assertThat(tell(served, "hello")).endsWith("hello");
        assertThat(forwarder
                        .counters()
                        .get(new Counters.Subject(FRONTEND, new ServiceKey("default", "web")))
                        .refused())
                .isEqualTo(3);
    }

    @Test
    void oneThatHasSaidNothingIsNoReasonNotToEnd() throws Exception {
        Socket silent = connect(PROXY);

        forwarder.remove(FRONTEND, Duration.ZERO);

        assertThat(silent.getInputStream().read()).isEqualTo(-1);
        await().until(() -> forwarder.frontends().isEmpty());
    }

    private void serve(TrafficPolicy traffic) throws IOException {
        forwarder.set(
                FRONTEND,
                new FrontendConfig(
                        new ServiceKey("default", "web"),
                        new Backends.Listed(List.of(new Backend(LOOPBACK, echo.port()))),
                        traffic));
    }

    private static byte[] header(ProxyProtocol version, String client) {
        return ProxyHeader.of(version, InetAddresses.forString(client), 40_000, FRONTEND);
    }

    private static byte[] concat(byte[] start, String text) {
        return Bytes.concat(start, text.getBytes(StandardCharsets.US_ASCII));
    }

    private Socket connect(String from) throws IOException {
        Socket client = new Socket();
        opened.add(client);
        client.bind(new InetSocketAddress(InetAddresses.forString(from), 0));
        client.connect(new InetSocketAddress(FRONTEND.ip(), FRONTEND.port()));
        client.setSoTimeout(20_000);
        return client;
    }

    /** What the echo server answers, with what it was told before. */
    private static String tell(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        client.shutdownOutput();
        return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
}
