package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import com.google.common.util.concurrent.Uninterruptibles;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.ForwarderLoad;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.tcp.TcpAcceptor;
import io.littlelb.testkit.log.LogCapture;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a forwarder tells of its threads and of what it could take on. */
@ExtendWith(InNetworkNamespace.class)
class LoadTest {
    private static final Frontend FRONTEND = new Frontend(InetAddresses.forString("127.0.0.1"), 8888, Protocol.TCP);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private SpliceForwarder forwarder;

    @AfterEach
    void close() throws Exception {
        released.countDown();
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void threadsHaveSomethingToDoWhileThereIsTrafficAndNothingOtherwise() throws Exception {
        serve(ProxyConfig.DEFAULT.withLoops(2), TcpServer.echo());
        ForwarderLoad before = forwarder.load();
        Socket client = connect();
        for (int i = 0; i < 1_000; i++) {
            echoed(client);
        }
        await().until(() -> busy(forwarder.load()).compareTo(busy(before).plusMillis(1)) > 0);

        ForwarderLoad load = forwarder.load();
        assertThat(load.threads()).extracting(ForwarderLoad.OfThread::name).containsExactly("lb-proxy-0", "lb-proxy-1");
        assertThat(load.threads())
                .allMatch(thread -> thread.busy().compareTo(thread.alive()) < 0
                        && !thread.busy().isNegative());
        Duration then = busy(load);
        Duration aliveThen = load.threads().get(0).alive();
        await().until(() -> forwarder.load().threads().get(0).alive().compareTo(aliveThen.plusMillis(200)) > 0);
        assertThat(busy(forwarder.load()).minus(then)).as("at rest").isLessThan(Duration.ofMillis(100));
    }

    @Test
    void clientsThatWaitForAPlaceAreToldOfUntilTheyHaveOne() throws Exception {
        serve(ProxyConfig.DEFAULT.withMaxConnections(1), TcpServer.echo());
        assertThat(forwarder.load().connectionLimit()).isEqualTo(1);
        Socket first = connect();
        echoed(first);
        assertThat(forwarder.load().connections()).isEqualTo(1);

        Socket second = connect();
        await().until(() -> forwarder.load().paused());
        first.close();
        echoed(second);
        second.close();
        await().until(() -> !forwarder.load().paused());
        await().until(() -> forwarder.load().connections() == 0);
    }

    @Test
    void aServiceThatAsksForFewConnectionsHoldsNobodyUp() throws Exception {
        TcpServer server = TcpServer.start(FRONTEND.ip(), 0, TcpServer.echo());
        opened.add(server);
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT);
        opened.add(forwarder);
        Backends backends = new Backends.Listed(List.of(new Backend(FRONTEND.ip(), server.port())));
        TrafficPolicy one = TrafficPolicy.DEFAULT.withMaxConnections(1);
        forwarder.set(FRONTEND, new FrontendConfig(new ServiceKey("default", "web"), backends, one));
        OpenFrontend open = forwarder.frontends.takingClients().findFirst().orElseThrow();
        try (LogCapture log = LogCapture.of(TcpAcceptor.class)) {
            echoed(connect());
            connect();
            await().until(() -> log.lines().stream().anyMatch(line -> line.contains("accepting pauses")));
        }

        assertThat(open.isHeldUp()).isFalse();
        assertThat(forwarder.load().paused()).isFalse();
    }

    @Test
    void aServiceThatHasItsShareHoldsNobodyUpWhoCouldHaveMore() throws Exception {
        serve(ProxyConfig.DEFAULT.withMaxConnections(4), TcpServer.echo());
        Backends nobody = new Backends.Listed(List.of(new Backend(FRONTEND.ip(), 1)));
        FrontendConfig others = new FrontendConfig(new ServiceKey("default", "mail"), nobody);
        forwarder.set(new Frontend(FRONTEND.ip(), 8889, Protocol.TCP), others);
        try (LogCapture log = LogCapture.of(TcpAcceptor.class)) {
            echoed(connect());
            echoed(connect());
            connect();
            await().until(() -> log.count("Service default/web has its 2 connections") == 1);
        }

        assertThat(forwarder.load().paused()).isFalse();
    }

    @Test
    void pipesAreLentWhileTheBackendDoesNotTakeWhatTheClientSays() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        serve(ProxyConfig.DEFAULT, backend -> {
            Uninterruptibles.awaitUninterruptibly(read);
            backend.getInputStream().transferTo(OutputStream.nullOutputStream());
        });
        assertThat(forwarder.load().pipes()).isZero();
        Socket client = connect();
        Thread saying = new Thread(() -> say(client, 16 << 20), "saying");
        saying.start();

        await().until(() -> forwarder.load().pipes() > 0);
        read.countDown();
        saying.join();
        await().until(() -> forwarder.load().pipes() == 0);
    }

    @Test
    void itTurnsUntilALoopIsStuckAndIsNoneOnceClosed() throws Exception {
        serve(ProxyConfig.DEFAULT.withLoops(2), TcpServer.echo());
        assertThat(forwarder.isTurning(Duration.ofSeconds(20))).isTrue();

        forwarder.onEnd(one -> Uninterruptibles.awaitUninterruptibly(released));
        connect().close();
        await().until(() -> !forwarder.isTurning(Duration.ofMillis(50)));
        released.countDown();
        assertThat(forwarder.isTurning(Duration.ofSeconds(20))).isTrue();

        forwarder.close();
        assertThat(forwarder.isTurning(Duration.ofSeconds(20))).isFalse();
    }

    private static Duration busy(ForwarderLoad load) {
        return load.threads().stream().map(ForwarderLoad.OfThread::busy).reduce(Duration.ZERO, Duration::plus);
    }

    private void serve(ProxyConfig config, TcpServer.Conversation conversation) throws IOException {
        TcpServer server = TcpServer.start(FRONTEND.ip(), 0, conversation);
        opened.add(server);
        forwarder = SpliceForwarder.open(config);
        opened.add(forwarder);
        Backends backends = new Backends.Listed(List.of(new Backend(FRONTEND.ip(), server.port())));
        forwarder.set(FRONTEND, new FrontendConfig(new ServiceKey("default", "web"), backends));
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(FRONTEND.ip(), FRONTEND.port());
        client.setSoTimeout(20_000);
        opened.add(client);
        return client;
    }

    private static void echoed(Socket client) throws IOException {
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
    }

    private static void say(Socket client, int bytes) {
        try {
            client.getOutputStream().write(new byte[bytes]);
            client.shutdownOutput();
        } catch (IOException seenByTheTest) {
            return;
        }
    }
}
