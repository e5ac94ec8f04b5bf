package io.littlelb.testkit.contract;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.summingLong;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.Maps;
import com.google.common.hash.HashFunction;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.port.Forwarder;
import io.littlelb.testkit.net.Descriptors;
import io.littlelb.testkit.net.DroppedPackets;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.RawTcp;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What every {@link Forwarder} that moves bytes promises, under a crowd of clients that behave as they please: each byte arrives once, in
 * its order, in both directions; an end is an end and a reset is a reset, and comes after all that was acknowledged; and nothing is left open.
 *
 * <p>It takes a minute; {@code -Dstress.seconds} makes it another time, {@code -Dstress.seed} repeats the choices.
 */
@ExtendWith(InNetworkNamespace.class)
public abstract class ForwarderTrafficContract {
    private static final List<String> IPS = List.of("127.0.0.1", "::1");
    private static final HashFunction HASH = Hashing.murmur3_128();
    private static final int PORT = 8888;
    /** Behind it, backends say something and reset. */
    private static final int ABRUPT_PORT = 8889;

    private static final int CLIENTS = 100;
    private static final int IDLE = 1_000;
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int LARGEST = 4 << 20;
    /** A kernel that has a segment larger than the window waits 200 ms before it sends what fits: 5 KB a second. */
    private static final int LARGEST_OF_TINY_WINDOW = 64 << 10;

    /** One to be tested, with nothing set. */
    protected abstract Forwarder open() throws IOException;

    /** What a client and its backend do together; the client says it first. */
    private enum Deal {
        /** All comes back, and each end follows the other's. */
        ECHO,
        /** The client ends, and is then told what arrived. */
        UPLOAD,
        /** The backend sends and ends, the client then says that it is content. */
        DOWNLOAD,
        /** The client goes away in the middle. */
        CLIENT_VANISHES,
        /** The backend resets in the middle. */
        BACKEND_RESETS,
        /** The client resets after all that it said was acknowledged, and all of it is to arrive. */
        CLIENT_SAYS_AND_RESETS,
        /** The same of a backend. */
        BACKEND_SAYS_AND_RESETS
    }

    @Test
    void aCrowdOfClientsGetsEveryByteAndLeavesNothingBehind() throws Exception {
        long seed = Long.getLong("stress.seed", System.nanoTime());
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("stress.seconds", 60));
        open().close(); // what stays open for the process's life is open now
        long before = Descriptors.count();
        long dropped = DroppedPackets.count();
        AtomicLong deals = new AtomicLong();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        List<AutoCloseable> opened = new ArrayList<>();
        Map<Long, CompletableFuture<Heard>> heard = new ConcurrentHashMap<>();
        Map<Ending, LongAdder> told = new ConcurrentHashMap<>();
        try {
            Forwarder forwarder = open();
            opened.add(forwarder);
            forwarder.onEnd(one -> told.computeIfAbsent(one.ending(), ending -> new LongAdder())
                    .increment());
            for (String ip : IPS) {
                TcpServer backend = TcpServer.start(InetAddresses.forString(ip), 0, client -> serve(client, heard));
                opened.add(backend);
                forwarder.set(frontend(ip, PORT), config(ip, backend.port()));
                RawTcp.Listener abrupt = new RawTcp.Listener(InetAddresses.forString(ip));
                opened.add(abrupt);
                sayAndReset(abrupt);
                forwarder.set(frontend(ip, ABRUPT_PORT), config(ip, abrupt.port()));
            }
            for (int i = 0; i < IDLE; i++) {
                opened.add(connect(IPS.get(i % IPS.size())));
            }
            List<Future<?>> crowd = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed + i);
                crowd.add(clients.submit(() -> {
                    while (System.nanoTime() - until < 0) {
                        deal(random, dropped, heard);
                        deals.incrementAndGet();
                    }
                    return "";
                }));
            }
            for (Future<?> each : crowd) {
                awaitEnd(each, until + TimeUnit.MILLISECONDS.toNanos(2 * PATIENCE_MILLIS), seed);
            }
            assertThat(Traffic.tell("127.0.0.1", PORT, ""))
                    .as("it still serves")
                    .isEmpty();
            await().alias("every connection that ended was told of, once; seed " + seed)
                    .atMost(Duration.ofMillis(PATIENCE_MILLIS))
                    .untilAsserted(() -> assertThat(longs(told)).isEqualTo(endings(forwarder)));
        } finally {
            clients.shutdownNow();
            for (AutoCloseable each : opened) {
                each.close();
            }
        }
        System.out.println("stress: seed " + seed + ", " + deals + " connections");
        assertThat(deals.get()).as("seed " + seed).isGreaterThan(CLIENTS);
        await().alias("descriptors left; seed " + seed)
                .atMost(Duration.ofMillis(PATIENCE_MILLIS))
                .pollInSameThread()
                .untilAsserted(() -> assertThat(Descriptors.count()).isLessThanOrEqualTo(before));
    }

    private static Map<Ending, Long> longs(Map<Ending, LongAdder> counted) {
        return Map.copyOf(Maps.transformValues(counted, LongAdder::sum));
    }

    /** How many have ended in each way, of those that some have. */
    private static Map<Ending, Long> endings(Forwarder forwarder) {
        return forwarder.counters().values().stream()
                .flatMap(counters -> counters.endings().entrySet().stream())
                .filter(ending -> ending.getValue() > 0)
                .collect(groupingBy(Map.Entry::getKey, summingLong(Map.Entry::getValue)));
    }

    /** A client that waits for ever has been let down: what it waits for is told. */
    private static void awaitEnd(Future<?> client, long deadline, long seed) throws Exception {
        try {
            client.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException stuck) {
            String stacks = Thread.getAllStackTraces().entrySet().stream()
                    .filter(thread -> Stream.of(thread.getValue())
                            .anyMatch(frame -> frame.getClassName().startsWith("io.littlelb")))
                    .map(thread -> thread.getKey() + " " + List.of(thread.getValue()))
                    .collect(joining("\n"));
            throw new AssertionError("a client is stuck; seed " + seed + "\n" + stacks, stuck);
        }
    }

    private static Frontend frontend(String ip, int port) {
        return new Frontend(InetAddresses.forString(ip), port, Protocol.TCP);
    }

    private static FrontendConfig config(String ip, int port) {
        Backend backend = new Backend(InetAddresses.forString(ip), port);
        return new FrontendConfig(new ServiceKey("default", "stress"), new Backends.Listed(List.of(backend)));
    }

    private static Socket connect(String ip) throws IOException {
        Socket client = new Socket(InetAddresses.forString(ip), PORT);
        client.setSoTimeout(PATIENCE_MILLIS);
        return client;
    }

    /** One connection of a client, from its first byte to its last. */
    private static void deal(Random random, long dropped, Map<Long, CompletableFuture<Heard>> heard) throws Exception {
        Deal deal = Deal.values()[random.nextInt(Deal.values().length)];
        boolean tinyWindow = random.nextInt(4) == 0;
        int most = tinyWindow ? LARGEST_OF_TINY_WINDOW : LARGEST;
        int size = random.nextInt(1 << random.nextInt(23)) % most; // many small ones, and some large ones
        long contents = random.nextLong();
        String ip = IPS.get(random.nextInt(IPS.size()));
        if (deal == Deal.CLIENT_SAYS_AND_RESETS) {
            clientSaysAndResets(ip, size, contents, heard);
            return;
        }
        try (Socket client = new Socket()) {
            if (tinyWindow) {
                client.setReceiveBufferSize(2048);
            }
            int port = deal == Deal.BACKEND_SAYS_AND_RESETS ? ABRUPT_PORT : PORT;
            client.connect(new InetSocketAddress(InetAddresses.forString(ip), port), PATIENCE_MILLIS);
            client.setSoTimeout(PATIENCE_MILLIS);
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            out.writeUTF(deal.name());
            out.writeInt(size);
            out.writeLong(contents);
            switch (deal) {
                case ECHO -> echo(client, size, contents, random);
                case UPLOAD -> {
                    long sent = send(out, size, contents, random);
                    client.shutdownOutput();
                    assertThat(new DataInputStream(client.getInputStream()).readLong())
                            .isEqualTo(sent);
                }
                case DOWNLOAD -> {
                    assertThat(receive(client.getInputStream(), random)).isEqualTo(hash(size, contents));
                    out.writeByte(1);
                }
                case CLIENT_VANISHES -> {
                    send(out, size / 2, contents, random);
                    client.setSoLinger(random.nextBoolean(), 0);
                }
                case BACKEND_RESETS -> backendResets(client, size, contents, random, dropped);
                case BACKEND_SAYS_AND_RESETS ->
                    assertThat(hear(client, random)).isEqualTo(new Heard(size, hash(size, contents), true));
                case CLIENT_SAYS_AND_RESETS -> throw new IllegalStateException("by itself");
            }
        }
    }

    /** What has come until there was no more, and whether that was a reset. */
    private record Heard(long length, long hash, boolean reset) {}

    private static Heard hear(Socket from, Random random) throws IOException {
        Hasher hasher = HASH.newHasher();
        byte[] buffer = new byte[1 << 17];
        long length = 0;
        try {
            while (true) {
                int more = from.getInputStream().read(buffer, 0, 1 + random.nextInt(1 << random.nextInt(17)));
                if (more < 0) {
                    return new Heard(length, hasher.hash().asLong(), false);
                }
                hasher.putBytes(buffer, 0, more);
                length += more;
            }
        } catch (SocketTimeoutException silence) {
            throw silence;
        } catch (SocketException reset) {
            return new Heard(length, hasher.hash().asLong(), true);
        }
    }

    private static void clientSaysAndResets(
            String ip, int size, long contents, Map<Long, CompletableFuture<Heard>> heard) throws Exception {
        CompletableFuture<Heard> arrived = new CompletableFuture<>();
        heard.put(contents, arrived);
        ByteArrayOutputStream deal = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(deal);
        out.writeUTF(Deal.CLIENT_SAYS_AND_RESETS.name());
        out.writeInt(size);
        out.writeLong(contents);
        out.write(bytes(size, contents));
        try (RawTcp client = RawTcp.connect(InetAddresses.forString(ip), PORT)) {
            client.send(deal.toByteArray());
            client.awaitAcknowledgement();
            client.reset();
        }
        assertThat(arrived.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS))
                .isEqualTo(new Heard(size, hash(size, contents), true));
        heard.remove(contents);
    }

    /** Has every client of a listener told what it asks for, and broken off then. */
    private static void sayAndReset(RawTcp.Listener listener) {
        Thread accepting = new Thread(() -> {
            while (true) {
                try {
                    RawTcp client = listener.accept();
                    Thread saying = new Thread(() -> sayAndReset(client), "abrupt-connection");
                    saying.setDaemon(true);
                    saying.start();
                } catch (IOException | IllegalStateException closed) {
                    return;
                }
            }
        });
        accepting.setDaemon(true);
        accepting.start();
    }

    private static void sayAndReset(RawTcp client) {
        try (client) {
            int name = Short.BYTES + Deal.BACKEND_SAYS_AND_RESETS.name().length(); // as writeUTF writes it
            ByteBuffer deal = ByteBuffer.wrap(client.receive(name + Integer.BYTES + Long.BYTES));
            client.send(bytes(deal.getInt(name), deal.getLong(name + Integer.BYTES)));
            client.awaitAcknowledgement();
            client.reset();
        } catch (IOException seenByTheClient) {
            return;
        }
    }

    private static void echo(Socket client, int size, long contents, Random random) throws Exception {
        Random sender = new Random(random.nextLong());
        Thread sending = new Thread(() -> {
            try {
                send(client.getOutputStream(), size, contents, sender);
                client.shutdownOutput();
            } catch (IOException seenByTheReceiver) {
                return;
            }
        });
        sending.start();
        assertThat(receive(client.getInputStream(), random)).isEqualTo(hash(size, contents));
        sending.join();
    }

    private static void backendResets(Socket client, int size, long contents, Random random, long dropped)
            throws IOException {
        try {
            send(client.getOutputStream(), size, contents, random);
            int end = receiveReset(client, dropped);
            assertThat(end).as("a reset must not look like an end").isPositive();
        } catch (SocketException reset) {
            assertThat(reset).hasMessageMatching("(?i).*(reset|broken pipe|abort).*");
        }
    }

    /** A kernel whose queue is full drops a reset like any packet, and it is sent again only to one who sends something. */
    private static int receiveReset(Socket client, long dropped) throws IOException {
        try {
            return client.getInputStream().read();
        } catch (SocketTimeoutException silence) {
            assertThat(DroppedPackets.count())
                    .as("packets the kernel has dropped, among which may be a reset that has not come")
                    .isGreaterThan(dropped);
            client.getOutputStream().write(0);
            return client.getInputStream().read();
        }
    }

    /** The backend's side of a deal. */
    private static void serve(Socket client, Map<Long, CompletableFuture<Heard>> heard) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        String name;
        try {
            name = in.readUTF();
        } catch (EOFException onlyRested) {
            return;
        }
        Deal deal = Deal.valueOf(name);
        int size = in.readInt();
        long contents = in.readLong();
        Random random = new Random(contents);
        switch (deal) {
            case ECHO -> in.transferTo(client.getOutputStream());
            case UPLOAD -> {
                long received = receive(in, random);
                new DataOutputStream(client.getOutputStream()).writeLong(received);
            }
            case DOWNLOAD -> {
                send(client.getOutputStream(), size, contents, random);
                client.shutdownOutput();
                in.transferTo(OutputStream.nullOutputStream());
            }
            case CLIENT_VANISHES -> in.transferTo(OutputStream.nullOutputStream());
            case BACKEND_RESETS -> {
                in.readNBytes(size / 2);
                client.setSoLinger(true, 0);
            }
            case CLIENT_SAYS_AND_RESETS -> heard.get(contents).complete(hear(client, random));
            case BACKEND_SAYS_AND_RESETS -> throw new IllegalStateException("on another port");
        }
    }

    /** Sends random bytes in random pieces, and returns their hash. */
    private static long send(OutputStream out, int size, long contents, Random random) throws IOException {
        byte[] bytes = bytes(size, contents);
        int at = 0;
        while (at < size) {
            int length = Math.min(size - at, 1 + random.nextInt(1 << random.nextInt(18)));
            out.write(bytes, at, length);
            at += length;
        }
        return HASH.hashBytes(bytes).asLong();
    }

    /** Receives until the end in random pieces, and returns the hash of what came. */
    private static long receive(InputStream in, Random random) throws IOException {
        Hasher hasher = HASH.newHasher();
        byte[] buffer = new byte[1 << 17];
        while (true) {
            int length = in.read(buffer, 0, 1 + random.nextInt(1 << random.nextInt(17)));
            if (length < 0) {
                return hasher.hash().asLong();
            }
            hasher.putBytes(buffer, 0, length);
        }
    }

    private static long hash(int size, long contents) {
        return HASH.hashBytes(bytes(size, contents)).asLong();
    }

    private static byte[] bytes(int size, long contents) {
        byte[] bytes = new byte[size];
        new Random(contents).nextBytes(bytes);
        return bytes;
    }
}
