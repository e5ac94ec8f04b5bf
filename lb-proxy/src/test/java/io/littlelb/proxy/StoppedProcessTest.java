package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A process that is stopped for seconds and goes on (SIGSTOP, a paused virtual machine, a processor that others had) finds that much has come meanwhile: that
 * counts, and not the time. The forwarder is a process of its own here, with time-outs shorter than most of its stops, under connections that are
 * busy and others that come all the time.
 *
 * <p>{@code -Dstops} makes it longer, {@code -Dstops.seed} repeats the moments.
 */
@ExtendWith(InNetworkNamespace.class)
class StoppedProcessTest {
    private static final int PORT = 8888;
    private static final int STOPS = Integer.getInteger("stops", 2);
    private static final int BUSY = 500;
    private static final int NEW_A_SECOND = 200;
    private static final int PATIENCE_MILLIS = 30_000;
    private static final InetAddress LOOPBACK = InetAddresses.forString("127.0.0.1");

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong exchanges = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private volatile boolean over;

    @AfterEach
    void close() throws Exception {
        over = true;
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    @Test
    void noConnectionIsResetAndNoBackendRestsForTimeThatNobodyHad() throws Exception {
        long seed = Long.getLong("stops.seed", System.nanoTime());
        Random random = new Random(seed);
        TcpServer backend = TcpServer.start(LOOPBACK, 0, TcpServer.echo());
        opened.add(backend);
        Process forwarder = forwarder(backend.port());
        BufferedReader said = forwarder.inputReader(StandardCharsets.UTF_8);
        assertThat(said.readLine()).isEqualTo("serves");
        ExecutorService busy = Executors.newFixedThreadPool(BUSY);
        ScheduledExecutorService coming = Executors.newScheduledThreadPool(1);
        ExecutorService guests = Executors.newCachedThreadPool();
        opened.add(busy::shutdownNow);
        opened.add(guests::shutdownNow);
        opened.add(coming::shutdownNow);
        for (int i = 0; i < BUSY; i++) {
            busy.execute(this::stayAndTalk);
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> connections.get() >= BUSY || !failures.isEmpty());
        var ticks = coming.scheduleAtFixedRate(
                () -> guests.execute(this::comeAndGo), 0, 1_000_000 / NEW_A_SECOND, TimeUnit.MICROSECONDS);

        for (int i = 0; i < STOPS && failures.isEmpty(); i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(1_800))); // a random moment
            signal(forwarder, "STOP");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1_000 + random.nextInt(4_000)));
            signal(forwarder, "CONT");
        }
        long later = exchanges.get() + 5L * BUSY;
        await().atMost(Duration.ofSeconds(60)).until(() -> exchanges.get() >= later || !failures.isEmpty());
        ticks.cancel(false);
        over = true;
        forwarder.getOutputStream().close(); // it then says what it has counted

        String counted = said.readLine();
        System.out.println("stops: seed " + seed + ", " + STOPS + " stops, " + connections + " connections, "
                + exchanges + " exchanges; the forwarder: " + counted);
        assertThat(failures).as("seed " + seed).isEmpty();
        assertThat(counted)
                .contains("failed dials 0,", "ejections 0,", "IDLE_TIMEOUT=0", "NO_BACKEND=0", "BACKEND_RESET=0");
        assertThat(forwarder.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    /** A connection that says something twice a second, which is more often than it must. */
    private void stayAndTalk() {
        try (Socket client = connect()) {
            while (!over) {
                exchange(client);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
            }
        } catch (IOException e) {
            failed("one that stays", e);
        }
    }

    private void comeAndGo() {
        try (Socket client = connect()) {
            exchange(client);
        } catch (IOException e) {
            failed("one that comes and goes", e);
        }
    }

    private void failed(String who, IOException e) {
        if (!over) {
            failures.add(who + ": " + e);
        }
    }

    private Socket connect() throws IOException {
        Socket client = new Socket();
        client.setSoTimeout(PATIENCE_MILLIS);
        client.connect(new InetSocketAddress(LOOPBACK, PORT), PATIENCE_MILLIS);
        connections.incrementAndGet();
        return client;
    }

    private void exchange(Socket client) throws IOException {
        client.getOutputStream().write('x');
        if (client.getInputStream().read() != 'x') {
            throw new IOException("it ended");
        }
        exchanges.incrementAndGet();
    }

    private Process forwarder(int backend) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoppedForwarder.class.getName(),
                        Integer.toString(PORT),
                        Integer.toString(backend))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        opened.add(process::destroyForcibly);
        return process;
    }

    private static void signal(Process process, String name) throws Exception {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(status).isZero();
    }
}
