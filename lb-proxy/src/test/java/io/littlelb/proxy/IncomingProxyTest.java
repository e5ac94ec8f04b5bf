package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import com.google.common.primitives.Bytes;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.proxy.tcp.ProxyHeader;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

        assertThat(tell(proxy, "hello")).isEqualTo("PROXY TCP4 192.0.2.7 203.0.113.80 40000 443\r\nhello");
    }

    @Test
    void whatComesWithTheHeaderIsTheClients() throws Exception {
        Socket proxy = connect(PROXY);
        proxy.getOutputStream().write(concat(header(ProxyProtocol.V2, "192.0.2.7"), "hello, "));

        assertThat(tell(proxy, "world")).isEqualTo("PROXY TCP4 192.0.2.7 203.0.113.80 40000 443\r\nhello, world");
    }

    @Test
    void aProxyMaySpeakForItself() throws Exception {
        Socket proxy = connect(PROXY);
        proxy.getOutputStream().write(concat(new byte[0], "PROXY UNKNOWN\r\n"));

        assertThat(tell(proxy, "hello"))
                .isEqualTo("PROXY TCP4 127.0.0.2 127.0.0.1 " + proxy.getLocalPort() + " 8888\r\nhello");
    }

    @ParameterizedTest
    @EnumSource(names = {"V1", "V2", "V2_TLV"})
    void twoOfUsInARowAgreeHoweverAClientIsWritten(ProxyProtocol between) throws Exception {
        Frontend first = new Frontend(InetAddresses.forString("127.0.0.2"), 8889, Protocol.TCP);
        SpliceForwarder before = SpliceForwarder.open(ProxyConfig.DEFAULT.withProxies(
                List.of(Cidr.parse("127.0.0.3/32").orElseThrow())));
        opened.add(before);
        before.set(
                first,
                new FrontendConfig(
                        new ServiceKey("default", "before"),
                        new Backends.Listed(List.of(new Backend(FRONTEND.ip(), FRONTEND.port()))),
                        TrafficPolicy.DEFAULT.withProxyProtocol(between)));
        serve(forwarderBehind("127.0.0.1"), TELLING);
        Socket client = connect("127.0.0.3", first);
        client.getOutputStream()
                .write(concat(new byte[0], "PROXY TCP6 ::ffff:192.0.2.7 ::ffff:192.0.2.80 40000 80\r\n"));

        assertThat(tell(client, "hello")).isEqualTo("PROXY TCP4 192.0.2.7 192.0.2.80 40000 80\r\nhello");
    }

    @Test
    void oneThatListensOnAllAddressesTellsTheOneThatWasAsked() throws Exception {
        Frontend all = new Frontend(InetAddresses.forString("0.0.0.0"), 8890, Protocol.TCP);
        forwarder.set(all, config(TELLING));
        Socket client = connect(STRANGER, new Frontend(InetAddresses.forString("127.0.0.9"), 8890, Protocol.TCP));

        assertThat(tell(client, "hello"))
                .isEqualTo("PROXY TCP4 127.0.0.3 127.0.0.9 " + client.getLocalPort() + " 8890\r\nhello");
    }

    @Test
    void theLongestHeaderIsTakenAndPassedOnWhole() throws Exception {
        serve(TrafficPolicy.DEFAULT.withProxyProtocol(ProxyProtocol.V2_TLV));
        byte[] value = new byte[0xffff - 12 - 3];
        new Random(1).nextBytes(value);
        byte[] longest = ByteBuffer.allocate(ProxyHeader.MOST)
                .put(Arrays.copyOf(header(ProxyProtocol.V2, "192.0.2.7"), 28))
                .putShort(14, (short) 0xffff)
                .put((byte) 0xe0)
                .putShort((short) value.length)
                .put(value)
                .array();
        Socket proxy = connect(PROXY);
        for (int i = 0; i < 2; i++) { // as slowly as it likes, and others are not kept waiting
            proxy.getOutputStream().write(Arrays.copyOfRange(longest, i * 30_000, i * 30_000 + 30_000));
            assertThat(tell(connect(STRANGER), "hello")).endsWith("hello");
        }
        CompletableFuture<byte[]> answer = CompletableFuture.supplyAsync(() -> all(proxy));
        proxy.getOutputStream().write(Arrays.copyOfRange(longest, 60_000, longest.length));
        proxy.getOutputStream().write(concat(new byte[0], "hello"));
        proxy.shutdownOutput();

        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(concat(longest, "hello"));
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

    private static byte[] all(Socket socket) {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(TrafficPolicy traffic) throws IOException {
        serve(forwarder, traffic);
    }

    private void serve(SpliceForwarder by, TrafficPolicy traffic) throws IOException {
        by.set(FRONTEND, config(traffic));
    }

    private FrontendConfig config(TrafficPolicy traffic) {
        return new FrontendConfig(
                new ServiceKey("default", "web"),
                new Backends.Listed(List.of(new Backend(LOOPBACK, echo.port()))),
                traffic);
    }

    /** In the place of the one that is there. */
    private SpliceForwarder forwarderBehind(String proxy) throws IOException {
        forwarder.close();
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT.withProxies(
                List.of(Cidr.parse(proxy + "/32").orElseThrow())));
        opened.add(forwarder);
        return forwarder;
    }

    private static byte[] header(ProxyProtocol version, String client) {
        return ProxyHeader.of(
                        new InetSocketAddress(InetAddresses.forString(client), 40_000),
                        new InetSocketAddress(InetAddresses.forString("203.0.113.80"), 443))
                .bytes(version);
    }

    private static byte[] concat(byte[] start, String text) {
        return Bytes.concat(start, text.getBytes(StandardCharsets.US_ASCII));
    }

    private Socket connect(String from) throws IOException {
        return connect(from, FRONTEND);
    }

    private Socket connect(String from, Frontend to) throws IOException {
        Socket client = new Socket();
        opened.add(client);
        client.bind(new InetSocketAddress(InetAddresses.forString(from), 0));
        client.connect(new InetSocketAddress(to.ip(), to.port()));
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
