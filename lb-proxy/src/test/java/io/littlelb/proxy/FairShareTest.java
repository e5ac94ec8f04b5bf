package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.proxy.frontend.Shares;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody takes all there is. */
@ExtendWith(InNetworkNamespace.class)
class FairShareTest {
    private static final InetAddress LOOPBACK = InetAddresses.forString("127.0.0.1");
    private static final Frontend A = new Frontend(LOOPBACK, 8881, Protocol.TCP);
    private static final Frontend B = new Frontend(LOOPBACK, 8882, Protocol.TCP);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private SpliceForwarder forwarder;
    private Backend backend;

    /** Says that it is there, and waits for the client to end. */
    @BeforeEach
    void open() throws Exception {
        TcpServer server = TcpServer.start(LOOPBACK, 0, client -> {
            client.getOutputStream().write('x');
            client.getInputStream().readAllBytes();
        });
        opened.add(server);
        backend = new Backend(LOOPBACK, server.port());
    }

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whoWaitsAtOnePortHasATurnWhateverWaitsAtAnother(int loops) throws Exception {
        open(ProxyConfig.DEFAULT.withMaxConnections(2).withLoops(loops));
        serve(A, "web", TrafficPolicy.DEFAULT);
        serve(B, "web", TrafficPolicy.DEFAULT);
        List<Socket> crowd = connect(A, 200);
        await().until(() -> served(crowd) == 2);
        Socket one = connect(B, 1).get(0);

        for (int i = 0; i < 2; i++) { // a round: each of the two that wait gets one
            crowd.removeIf(FairShareTest::endsIfServed);
            await().until(() -> served(crowd) + served(List.of(one)) == 2);
        }

        assertThat(served(List.of(one))).isEqualTo(1);
        one.close();
        while (!crowd.isEmpty()) {
            await().until(() -> served(crowd) == Math.min(2, crowd.size()));
            crowd.removeIf(FairShareTest::endsIfServed);
        }
    }

    @Test
    void aServiceAlwaysHasSomeConnections() throws Exception {
        open(ProxyConfig.DEFAULT.withMaxConnections(40));
        serve(A, "greedy", TrafficPolicy.DEFAULT);
        List<Socket> crowd = connect(A, 60);
        await().until(() -> served(crowd) == 40);

        serve(B, "late", TrafficPolicy.DEFAULT);

        List<Socket> few = connect(B, 9);
        await().until(() -> served(few) == 8);
    }

    @Test
    void halfIsTheMostForOneOfTwoWhateverItAsksFor() throws Exception {
        open(ProxyConfig.DEFAULT.withMaxConnections(40));
        serve(B, "quiet", TrafficPolicy.DEFAULT);
        serve(A, "greedy", TrafficPolicy.DEFAULT.withMaxConnections(1_000));
        List<Socket> crowd = connect(A, 60);
        await().until(() -> served(crowd) == 20);
        List<Socket> quiet = connect(B, 20);
        await().until(() -> served(quiet) == 20);
        assertThat(served(crowd)).isEqualTo(20);

        forwarder.remove(B, Duration.ZERO);
        await().untilAsserted(
                        () -> assertThat(served(crowd)).as("it is alone now").isEqualTo(40));
    }

    /** As many as 4 096 descriptors allow: half of them is what one Service may have. */
    @Test
    void threeThousandIdleClientsOfOneServiceKeepNobodyFromAnother() throws Exception {
        open(ProxyConfig.DEFAULT.withMaxConnections((4_096 - 256) / 2));
        serve(B, "quiet", TrafficPolicy.DEFAULT);
        List<Socket> established = connect(B, 20);
        await().until(() -> served(established) == 20);
        serve(A, "greedy", TrafficPolicy.DEFAULT);
        List<String> warnings = warnings();

        List<Socket> crowd = connect(A, 3_000);
        await().until(() -> served(crowd) == 960);
        List<Socket> later = connect(B, 80);

        await().until(() -> served(later) == 80);
        assertThat(served(established)).isEqualTo(20);
        assertThat(served(crowd)).isEqualTo(960);
        assertThat(warnings).singleElement().asString().contains("greedy", "960");
    }

    @Test
    void portsTakeHalfOfTheDescriptorsAtMostAndOthersGoOnBesideThem() throws Exception {
        open(ProxyConfig.DEFAULT.withMaxConnections(400).withDescriptors(800));
        serve(B, "quiet", TrafficPolicy.DEFAULT);
        for (int port = 0; port < 399; port++) {
            serve(new Frontend(LOOPBACK, 20_000 + port, Protocol.TCP), "greedy", TrafficPolicy.DEFAULT);
        }

        assertThatThrownBy(() -> serve(new Frontend(LOOPBACK, 20_399, Protocol.TCP), "greedy", TrafficPolicy.DEFAULT))
                .hasMessageContainingAll("400", "--max-ports-per-service", "ulimit -n");

        List<Socket> crowd = connect(new Frontend(LOOPBACK, 20_000, Protocol.TCP), 300);
        await().until(() -> served(crowd) == (800 - 512) / 2 / 2);
        List<Socket> quiet = connect(B, 72);
        await().until(() -> served(quiet) == 72);
        forwarder.remove(new Frontend(LOOPBACK, 20_398, Protocol.TCP), Duration.ZERO);
        serve(new Frontend(LOOPBACK, 20_399, Protocol.TCP), "greedy", TrafficPolicy.DEFAULT);
    }

    /** Who opens a connection and breaks it off, over and over, leaves nothing behind. */
    @Test
    void clientsThatConnectAndResetLeaveEverythingToTheOthers() throws Exception {
        open(ProxyConfig.DEFAULT.withMaxConnections(40));
        serve(A, "web", TrafficPolicy.DEFAULT);
        serve(B, "quiet", TrafficPolicy.DEFAULT);
        for (int i = 0; i < 1_000; i++) {
            try (Socket client = new Socket(A.ip(), A.port())) {
                client.setSoLinger(true, 0);
            }
        }

        List<Socket> after = connect(A, 20);
        List<Socket> quiet = connect(B, 20);

        await().until(() -> served(after) == 20 && served(quiet) == 20);
    }

    /** Requests that never end, byte by byte, are connections like others: they are limited, and wait for nobody. */
    @Test
    void clientsThatDribbleTakeNoMoreThanTheirPlaces() throws Exception {
        open(ProxyConfig.DEFAULT.withMaxConnections(40));
        serve(B, "quiet", TrafficPolicy.DEFAULT);
        serve(A, "web", TrafficPolicy.DEFAULT);
        List<Socket> slow = connect(A, 30);
        await().until(() -> served(slow) == 20);
        for (int i = 0; i < 50; i++) {
            for (Socket each : slow) {
                each.getOutputStream().write('G');
            }
        }

        List<Socket> quiet = connect(B, 20);

        await().until(() -> served(quiet) == 20);
        assertThat(served(slow)).isEqualTo(20);
    }

    private List<String> warnings() {
        List<String> warnings = new CopyOnWriteArrayList<>();
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
        return warnings;
    }

    @Test
    void anAdministratorLimitsAllServices() throws Exception {
        open(ProxyConfig.DEFAULT.withMaxConnectionsPerService(3).withMaxConnectionsPerSource(2));
        serve(A, "web", TrafficPolicy.DEFAULT.withMaxConnectionsPerSource(100));
        serve(B, "other", TrafficPolicy.DEFAULT);

        List<Socket> waiting = connect(A, 5);
        await().until(() -> served(waiting) == 3);
        List<Socket> refused = connect(B, 3);
        await().until(() -> served(refused) == 2);
        assertThat(served(waiting)).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({
        // connections, services, of each at most, reserved, common
        "1000, 0, 1000, 0, 1000",
        "1000, 1, 1000, 0, 1000",
        "1000, 2, 500, 8, 984",
        "1000, 100, 500, 5, 500",
        "1000, 600, 500, 1, 400",
        "1000, 1001, 500, 0, 1000",
        "2, 2, 1, 1, 0",
        "1, 2, 1, 0, 1",
        "2147483647, 10000, 1073741823, 8, 2147403647"
    })
    void whatIsReservedIsNeverMoreThanThereIs(int connections, int services, int most, int reserved, int common) {
        assertThat(Shares.of(connections, services, OptionalInt.empty())).isEqualTo(new Shares(most, reserved, common));
    }

    private void open(ProxyConfig config) throws IOException {
        forwarder = SpliceForwarder.open(config);
        opened.add(forwarder);
    }

    private void serve(Frontend frontend, String service, TrafficPolicy traffic) throws IOException {
        forwarder.set(
                frontend,
                new FrontendConfig(new ServiceKey("default", service), new Backends.Listed(List.of(backend)), traffic));
    }

    private List<Socket> connect(Frontend frontend, int clients) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            Socket client = new Socket();
            opened.add(client);
            client.connect(new InetSocketAddress(frontend.ip(), frontend.port()));
            sockets.add(client);
        }
        return sockets;
    }

    private static long served(List<Socket> clients) {
        return clients.stream().filter(FairShareTest::isServed).count();
    }

    private static boolean isServed(Socket client) {
        try {
            return client.getInputStream().available() > 0;
        } catch (IOException closed) {
            return false;
        }
    }

    private static boolean endsIfServed(Socket client) {
        boolean served = isServed(client);
        try {
            if (served) {
                client.close();
            }
        } catch (IOException gone) {
            return true;
        }
        return served;
    }
}
