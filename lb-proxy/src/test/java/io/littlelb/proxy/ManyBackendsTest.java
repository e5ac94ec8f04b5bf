package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import com.sun.management.ThreadMXBean;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Balance;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Many ports on many nodes are not their product: not in time, and not in memory. */
@ExtendWith(InNetworkNamespace.class)
class ManyBackendsTest {
    private static final InetAddress LOOPBACK = InetAddresses.forString("127.0.0.1");
    private static final int FIRST_PORT = 10_001;
    private static final int NODE_PORT = 30_001;
    /** A quarter of what it takes to make every backend of a thousand frontends once. */
    private static final long FEW_BYTES = 1_000 * 1_000 * 24L / 4;

    private static final Backends.NodePool NODES = new Backends.NodePool(IntStream.range(0, 1_000)
            .mapToObj(i -> InetAddresses.forString("127.1." + i / 200 + "." + (1 + i % 200)))
            .toList());

    private final List<AutoCloseable> opened = new ArrayList<>();
    private SpliceForwarder forwarder;

    @AfterEach
    void close() throws Exception {
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void aDeadNodeIsAskedAgainWithoutALookAtEveryOtherBackend() throws Exception {
        serve(2_000, TrafficPolicy.DEFAULT);
        opened.add(TcpServer.start(NODES.addresses().get(1), NODE_PORT, TcpServer.greeting("the second")));
        opened.add(TcpServer.start(NODES.addresses().get(1), NODE_PORT + 1, TcpServer.greeting("another's")));
        long before = allocatedByTheLoop();
        assertThat(Traffic.ask("127.0.0.1", FIRST_PORT)).isEqualTo("the second");

        CountDownLatch asked = new CountDownLatch(1);
        opened.add(TcpServer.start(NODES.addresses().get(0), NODE_PORT, client -> asked.countDown()));

        await().until(() -> asked.getCount() == 0);
        assertThat(Traffic.ask("127.0.0.1", FIRST_PORT + 1)).isEqualTo("another's");
        assertThat(allocatedByTheLoop() - before).isLessThan(FEW_BYTES);
    }

    @Test
    void frontendsAreOpenedWithoutALookAtEveryBackend() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        serve(1, TrafficPolicy.DEFAULT);
        assertThat(forwarder.counters()).hasSize(1);
        opened.add(TcpServer.start(NODES.addresses().get(1), NODE_PORT, TcpServer.greeting("the second")));
        assertThat(Traffic.ask("127.0.0.1", FIRST_PORT))
                .as("and one is ejected")
                .isEqualTo("the second");
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());

        for (int i = 1; i < 1_000; i++) {
            set(i, TrafficPolicy.DEFAULT);
        }

        assertThat(threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before)
                .isLessThan(FEW_BYTES);
    }

    @Test
    void aBackendThatIsMerelyLookedAtIsNotCountedFor() throws Exception {
        serve(100, TrafficPolicy.DEFAULT.withBalance(Balance.LEAST_CONNECTIONS));
        for (int i = 0; i < 100; i++) {
            opened.add(TcpServer.start(NODES.addresses().get(0), NODE_PORT + i, TcpServer.greeting("the first")));
        }

        for (int i = 0; i < 100; i++) {
            assertThat(Traffic.ask("127.0.0.1", FIRST_PORT + i)).isEqualTo("the first");
        }

        assertThat(forwarder.counters().values())
                .hasSize(100)
                .allSatisfy(counters -> assertThat(counters.backends()).hasSize(1));
    }

    private long allocatedByTheLoop() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("lb-proxy-0"))
                .mapToLong(thread -> threads.getThreadAllocatedBytes(thread.getId()))
                .sum();
    }

    private void serve(int frontends, TrafficPolicy traffic) throws IOException {
        forwarder = SpliceForwarder.open(ProxyConfig.DEFAULT);
        opened.add(forwarder);
        for (int i = 0; i < frontends; i++) {
            set(i, traffic);
        }
    }

    private void set(int number, TrafficPolicy traffic) throws IOException {
        forwarder.set(
                new Frontend(LOOPBACK, FIRST_PORT + number, Protocol.TCP),
                new FrontendConfig(
                        new ServiceKey("default", "web-" + number),
                        new Backends.OnNodes(NODES, NODE_PORT + number),
                        traffic));
    }
}
