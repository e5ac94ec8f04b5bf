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
import io.littlelb.core.model.ServiceKey;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.RawTcp;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whoever takes nothing but says so may go on with that; whoever says nothing any more is given up. Clients are in one network, backends in another, and the forwarder
 * between them; what takes minutes in use takes seconds here.
 */
@ExtendWith(InNetworkNamespace.class)
class SilenceTest {
    private static final int PORT = 8888;
    private static final Duration SILENCE = Duration.ofSeconds(1);
    private static final byte[] BYTES = random(16 << 20);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private NetworkNamespace clients;
    private NetworkNamespace backends;
    private SpliceForwarder forwarder;

    @BeforeEach
    void open(NetworkNamespace here) throws Exception {
        keepLittle(here);
        clients = network(here, "clients", 0);
        backends = network(here, "backends", 1);
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT.with(new LastingConfig(Duration.ZERO, SILENCE)));
        opened.add(forwarder);
    }

    /** So that it does not take long until nothing moves: since Linux 6.17 a receiver keeps up to 32 MiB. */
    private static void keepLittle(NetworkNamespace network) {
        network.execute(List.of("sysctl", "-w", "net.ipv4.tcp_rmem=4096 131072 262144"));
        network.execute(List.of("sysctl", "-w", "net.ipv4.tcp_wmem=4096 65536 262144"));
    }

    private NetworkNamespace network(NetworkNamespace here, String name, int number) {
        NetworkNamespace network = NetworkNamespace.create();
        opened.add(network);
        keepLittle(network);
        here.connect("to-" + name, network, name);
        here.ip("addr add 198.18." + number + ".1/24 dev to-" + name);
        here.ip("addr add 2001:db8:" + number + "::1/64 dev to-" + name + " nodad");
        network.ip("addr add 198.18." + number + ".2/24 dev " + name);
        network.ip("addr add 2001:db8:" + number + "::2/64 dev " + name + " nodad");
        return network;
    }

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.1, 198.18.1.2, true",
        "198.18.0.1, 198.18.1.2, false",
        "2001:db8:0::1, 2001:db8:1::2, true",
        "2001:db8:0::1, 2001:db8:1::2, false"
    })
    void whoTakesNothingWhileItsHostAnswersStays(String frontend, String backend, boolean clientTakesNothing)
            throws Exception {
        Pair pair = connect(frontend, backend);
        RawTcp deaf = clientTakesNothing ? pair.client : pair.backend;
        RawTcp other = clientTakesNothing ? pair.backend : pair.client;
        int sent = sendUntilNothingMoves(other);

        await().during(SILENCE.multipliedBy(4))
                .atMost(SILENCE.multipliedBy(5))
                .until(() -> counters().endings().values().stream().allMatch(count -> count == 0));
        assertThat(deaf.receive(sent)).as("and gets it all").isEqualTo(Arrays.copyOf(BYTES, sent));
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.1, 198.18.1.2, true, false",
        "198.18.0.1, 198.18.1.2, false, false",
        "2001:db8:0::1, 2001:db8:1::2, true, false",
        "2001:db8:0::1, 2001:db8:1::2, false, false",
        "198.18.0.1, 198.18.1.2, true, true",
        "198.18.0.1, 198.18.1.2, false, true"
    })
    void whoseHostSaysNothingAnyMoreIsGivenUp(
            String frontend, String backend, boolean clientVanishes, boolean windowIsClosed) throws Exception {
        Pair pair = connect(frontend, backend);
        RawTcp other = clientVanishes ? pair.backend : pair.client;
        if (windowIsClosed) {
            sendUntilNothingMoves(other);
        }
        if (clientVanishes) {
            clients.ip("link set clients down");
        } else {
            backends.ip("link set backends down");
        }
        other.sendSome(BYTES, BYTES.length - 100);

        Ending ending = clientVanishes ? Ending.CLIENT_RESET : Ending.BACKEND_RESET;
        await().atMost(SILENCE.multipliedBy(8)).until(() -> counters().endings().get(ending) == 1);
    }

    private record Pair(RawTcp client, RawTcp backend) {}

    /** A connection through the forwarder that counts as one that lasts. */
    private Pair connect(String frontend, String backend) throws Exception {
        InetAddress ip = InetAddresses.forString(backend);
        RawTcp.Listener listener = backends.call(() -> new RawTcp.Listener(ip));
        opened.add(listener);
        forwarder.set(
                new Frontend(InetAddresses.forString(frontend), PORT, Protocol.TCP),
                new FrontendConfig(
                        new ServiceKey("default", "web"),
                        new Backends.Listed(List.of(new Backend(ip, listener.port())))));
        RawTcp client = clients.call(() -> RawTcp.connect(InetAddresses.forString(frontend), PORT));
        opened.add(client);
        RawTcp accepted = listener.accept();
        opened.add(accepted);
        client.send(new byte[] {1});
        accepted.receive(1);
        accepted.send(new byte[] {2});
        client.receive(1);
        return new Pair(client, accepted);
    }

    private static int sendUntilNothingMoves(RawTcp from) throws IOException {
        int sent = 0;
        long moved = System.nanoTime();
        while (System.nanoTime() - moved < TimeUnit.MILLISECONDS.toNanos(500)) {
            int more = from.sendSome(BYTES, sent);
            sent += more;
            moved = more > 0 ? System.nanoTime() : moved;
            assertThat(sent).as("somebody takes it").isLessThan(BYTES.length - 1000);
        }
        return sent;
    }

    private Counters counters() {
        return forwarder.counters().values().iterator().next();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
