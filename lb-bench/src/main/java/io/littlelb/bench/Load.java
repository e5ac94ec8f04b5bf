package io.littlelb.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The clients of one window: each does the same thing over and over, and waits for the answer in between. Runs on the thread
 * of the clients' namespace.
 */
final class Load implements AutoCloseable {
    private static final int MOST_LATENCIES = 1 << 20;

    private final Selector selector = Selector.open();
    private final Workload workload;
    private final InetSocketAddress address;
    private final ByteBuffer input = ByteBuffer.allocateDirect(256 * 1024);
    private final ByteBuffer request;
    private final long[] latenciesNanos = new long[MOST_LATENCIES];
    private long count;
    private int latencies;

    Load(Workload workload, InetSocketAddress address) throws IOException {
        this.workload = workload;
        this.address = address;
        byte[] text = workload.service.request.getBytes(StandardCharsets.US_ASCII);
        this.request = ByteBuffer.allocateDirect(text.length).put(text);
        for (int i = 0; i < workload.connections; i++) {
            connect();
        }
    }

    /** One connection: when its request left, and how much of the answer is still to come. */
    private static final class Exchange {
        long sentNanos;
        int awaitedBytes;
    }

    /**
     * What came of some time.
     *
     * @param count bytes for a bulk workload, exchanges for the others
     * @param p50Micros the median time of an exchange; 0 for bulk
     * @param p99Micros the time that one exchange in a hundred exceeded; 0 for bulk
     */
    record Yield(long count, double seconds, double p50Micros, double p99Micros) {}

    /** Goes on for some time. */
    Yield run(long nanos) throws IOException {
        count = 0;
        latencies = 0;
        long begin = System.nanoTime();
        long now = begin;
        while (now - begin < nanos) {
            selector.select(500);
            for (SelectionKey key : selector.selectedKeys()) {
                proceed(key);
            }
            selector.selectedKeys().clear();
            now = System.nanoTime();
        }
        int kept = Math.min(latencies, MOST_LATENCIES);
        Arrays.sort(latenciesNanos, 0, kept);
        return new Yield(count, (now - begin) / 1e9, percentileMicros(kept, 0.5), percentileMicros(kept, 0.99));
    }

    private double percentileMicros(int kept, double share) {
        return kept == 0 ? 0 : latenciesNanos[(int) (kept * share)] / 1e3;
    }

    /** Connections that were used once each, and rest from now on. */
    static List<SocketChannel> idle(InetSocketAddress address, int number) throws IOException {
        List<SocketChannel> resting = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.allocateDirect(Service.ECHO.answerBytes);
        for (int i = 0; i < number; i++) {
            SocketChannel channel = SocketChannel.open(address);
            resting.add(channel);
            buffer.clear();
            channel.write(buffer);
            buffer.clear();
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new IOException(address + " ended a connection early");
                }
            }
        }
        return resting;
    }

    private void connect() throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        Exchange exchange = new Exchange();
        exchange.sentNanos = System.nanoTime();
        channel.connect(address);
        channel.register(selector, SelectionKey.OP_CONNECT, exchange);
    }

    private void proceed(SelectionKey key) throws IOException {
        SocketChannel channel = (SocketChannel) key.channel();
        Exchange exchange = (Exchange) key.attachment();
        if (key.isConnectable()) {
            channel.finishConnect();
            boolean upload = workload.service == Service.SINK;
            key.interestOps(upload ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            if (!upload) {
                send(channel, exchange);
            }
            return;
        }
        if (key.isWritable()) {
            input.clear();
            count += channel.write(input);
            return;
        }
        input.clear();
        int read = channel.read(input);
        if (read < 0) {
            throw new IOException(address + " ended a connection early");
        }
        if (workload.isBulk()) {
            count += read;
            return;
        }
        exchange.awaitedBytes -= read;
        if (exchange.awaitedBytes == 0) {
            answered(channel, exchange);
        }
    }

    private void answered(SocketChannel channel, Exchange exchange) throws IOException {
        long now = System.nanoTime();
        latenciesNanos[latencies++ % MOST_LATENCIES] = now - exchange.sentNanos;
        count++;
        if (workload == Workload.CHURN) {
            channel.close();
            connect();
        } else {
            exchange.sentNanos = now;
            send(channel, exchange);
        }
    }

    private void send(SocketChannel channel, Exchange exchange) throws IOException {
        exchange.awaitedBytes = workload.service.answerBytes;
        channel.write(request.rewind());
    }

    @Override
    public void close() throws IOException {
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
