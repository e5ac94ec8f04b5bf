package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import io.littlelb.testkit.process.LbProcess;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lb relay} as a process of its own, on the loopback link of a namespace. */
@ExtendWith(InNetworkNamespace.class)
class RelayTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int PORT = 8888;
    private static final int BACKEND = 9001;
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private NetworkNamespace network;

    @TempDir
    private Path directory;

    @BeforeEach
    void startABackend(NetworkNamespace home) throws Exception {
        network = home;
        opened.add(TcpServer.start(InetAddresses.forString(LOOPBACK), BACKEND, TcpServer.echo()));
    }

    @AfterEach
    void stopEverything() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void withoutDescriptorsAcceptingPausesAndGoesOnByItself() throws Exception {
        LbProcess lb = relay();
        List<Socket> served = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            served.add(connect());
            assertThat(isEchoed(served.get(i))).isTrue();
        }
        long open = descriptors(lb);
        network.execute(List.of("prlimit", "--pid", Long.toString(lb.pid()), "--nofile=" + open + ":" + open));

        Socket waiting = connect(); // into the kernel's queue
        await().atMost(DEADLINE).until(() -> lb.output().contains("accepting pauses: EMFILE"));
        for (Socket each : served) {
            assertThat(isEchoed(each))
                    .as("established connections are untouched")
                    .isTrue();
        }
        served.get(0).close();

        assertThat(isEchoed(waiting)).isTrue();
        assertThat(lb.output().lines().filter(line -> line.contains("accepting pauses")))
                .as("it is said once, however often it is tried")
                .hasSize(1);
    }

    @Test
    void treatsConnectionsAsItIsTold() throws Exception {
        relay("--policy", "proxy-protocol=v1", "--source-ranges", "127.0.0.1/32");

        assertThat(Traffic.tell(LOOPBACK, PORT, "hello"))
                .startsWith("PROXY TCP4 127.0.0.1 ")
                .endsWith("\r\nhello");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            balance=best | --policy balance: "best" is none of round-robin, least-connections, client-ip
            colour=red   | --policy colour: none of balance, proxy-protocol
            """)
    void aPolicyNobodyKnowsIsOneLine(String policy, String message) throws Exception {
        LbProcess lb = lb("relay", "--policy", policy, LOOPBACK + ":1=" + LOOPBACK + ":2");

        assertThat(lb.waitFor()).isEqualTo(2);
        assertThat(lb.output()).hasLineCount(1).contains(message);
    }

    @Test
    void aWrongFlagIsOneLine() throws Exception {
        LbProcess lb = lb("relay", "--idle-timeout", "soon", LOOPBACK + ":1=" + LOOPBACK + ":2");

        assertThat(lb.waitFor()).isEqualTo(2);
        assertThat(lb.output()).hasLineCount(1).contains("--idle-timeout").contains("'soon' is no duration");
    }

    private LbProcess relay(String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("relay"));
        arguments.addAll(List.of(options));
        arguments.add(LOOPBACK + ":" + PORT + "=" + LOOPBACK + ":" + BACKEND);
        LbProcess lb = lb(arguments.toArray(String[]::new));
        await().atMost(DEADLINE)
                .ignoreExceptions()
                .pollInSameThread()
                .until(() -> Traffic.tell(LOOPBACK, PORT, "x").endsWith("x"));
        return lb;
    }

    private LbProcess lb(String... arguments) throws IOException {
        LbProcess process = LbProcess.start(directory, arguments);
        opened.add(process);
        return process;
    }

    private Socket connect() throws IOException {
        Socket client = new Socket(InetAddresses.forString(LOOPBACK), PORT);
        client.setSoTimeout((int) DEADLINE.toMillis());
        opened.add(client);
        return client;
    }

    private static boolean isEchoed(Socket client) throws IOException {
        client.getOutputStream().write('x');
        return client.getInputStream().read() == 'x';
    }

    private static long descriptors(LbProcess lb) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(lb.pid()), "fd"))) {
            return all.count();
        }
    }
}
