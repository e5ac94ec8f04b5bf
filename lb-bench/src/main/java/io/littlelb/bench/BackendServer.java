package io.littlelb.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A backend with every {@link Service}, on one thread {@code bench-backend} and in the namespace of its starter. */
final class BackendServer {
    private static final int BACKLOG = 4096;
    private static final int SOURCE_BYTES = 256 * 1024;

    private final Selector selector;
    private final ByteBuffer input = ByteBuffer.allocateDirect(256 * 1024);
    private final ByteBuffer endless = ByteBuffer.allocateDirect(SOURCE_BYTES);
    private final ByteBuffer page = ByteBuffer.allocateDirect(Service.HTTP.answerBytes);

    private BackendServer(Selector selector) {
        this.selector = selector;
        page.put(Service.response()).flip();
    }

    /** Listens on {@code firstPort} and those that follow, in the order of the services, for the life of this JVM. */
    static void start(String ip, int firstPort) throws IOException {
        BackendServer server = new BackendServer(Selector.open());
        for (Service service : Service.values()) {
            ServerSocketChannel listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(ip, firstPort + service.portOffset), BACKLOG);
            listener.configureBlocking(false);
            listener.register(server.selector, SelectionKey.OP_ACCEPT, service);
        }
        Thread thread = new Thread(server::run, "bench-backend");
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                selector.select(this::serve);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the backend has broken down", e);
        }
    }

    private void serve(SelectionKey key) {
        try {
            if (key.isAcceptable()) {
                accept((ServerSocketChannel) key.channel(), (Service) key.attachment());
            } else if (key.attachment() == Service.SOURCE) {
                endless.clear();
                ((SocketChannel) key.channel()).write(endless);
            } else if (key.attachment() == Service.SINK) {
                swallow((SocketChannel) key.channel());
            } else {
                answer((SocketChannel) key.channel(), (Service) key.attachment());
            }
        } catch (IOException gone) {
            close(key);
        }
    }

    private void accept(ServerSocketChannel listener, Service service) throws IOException {
        for (SocketChannel client = listener.accept(); client != null; client = listener.accept()) {
            client.configureBlocking(false);
            client.setOption(StandardSocketOptions.TCP_NODELAY, true);
            int interest = service == Service.SOURCE ? SelectionKey.OP_WRITE : SelectionKey.OP_READ;
            client.register(selector, interest, service);
        }
    }

    /** Requests and answers are small, and one is on its way at a time: they always come, and fit, as a whole. */
    private void answer(SocketChannel client, Service service) throws IOException {
        input.clear();
        if (client.read(input) < 0) {
            client.close();
            return;
        }
        client.write(service == Service.HTTP ? page.rewind() : input.flip());
    }

    private void swallow(SocketChannel client) throws IOException {
        input.clear();
        if (client.read(input) < 0) {
            client.close();
        }
    }

    private static void close(SelectionKey key) {
        try {
            key.channel().close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket cannot be closed", e);
        }
    }
}
