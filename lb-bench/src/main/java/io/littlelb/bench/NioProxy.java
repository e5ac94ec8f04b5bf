package io.littlelb.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;

/** What one would write with nothing but the JDK: a proxy of copies on one Selector. A process of its own, to compare with. */
final class NioProxy {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Selector selector = Selector.open();
    private final Queue<ByteBuffer> idle = new ArrayDeque<>();

    private NioProxy() throws IOException {}

    /** One end of a connection, and what is still to be written to it. */
    private static final class End {
        SelectionKey key;
        End other;
        ByteBuffer rest;
        boolean ended;
    }

    /**
     * Runs until it is killed.
     *
     * @param arguments as often as one likes: own IP, own port, backend's IP, backend's port
     */
    public static void main(String[] arguments) throws IOException {
        NioProxy proxy = new NioProxy();
        for (int i = 0; i < arguments.length; i += 4) {
            ServerSocketChannel listener = ServerSocketChannel.open();
            listener.bind(new InetSocketAddress(arguments[i], Integer.parseInt(arguments[i + 1])), 4096);
            listener.configureBlocking(false);
            InetSocketAddress backend = new InetSocketAddress(arguments[i + 2], Integer.parseInt(arguments[i + 3]));
            listener.register(proxy.selector, SelectionKey.OP_ACCEPT, backend);
        }
        while (true) {
            proxy.selector.select(proxy::ready);
        }
    }

    private void ready(SelectionKey key) {
        if (!key.isValid()) {
            return; // closed earlier in this batch
        }
        try {
            if (key.isAcceptable()) {
                accept((ServerSocketChannel) key.channel(), (InetSocketAddress) key.attachment());
                return;
            }
            End end = (End) key.attachment();
            try {
                proceed(end);
            } catch (IOException | CancelledKeyException broken) {
                close(end);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void accept(ServerSocketChannel listener, InetSocketAddress backend) throws IOException {
        for (SocketChannel client = listener.accept(); client != null; client = listener.accept()) {
            SocketChannel server = SocketChannel.open();
            End left = end(client);
            End right = end(server);
            left.other = right;
            right.other = left;
            server.connect(backend);
            left.key = client.register(selector, 0, left);
            right.key = server.register(selector, SelectionKey.OP_CONNECT, right);
        }
    }

    private static End end(SocketChannel channel) throws IOException {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return new End();
    }

    private void proceed(End end) throws IOException {
        SocketChannel channel = (SocketChannel) end.key.channel();
        if (end.key.isConnectable()) {
            channel.finishConnect();
            end.key.interestOps(SelectionKey.OP_READ);
            end.other.key.interestOps(SelectionKey.OP_READ);
            return;
        }
        if (end.key.isWritable() && end.rest != null) {
            channel.write(end.rest);
            if (!end.rest.hasRemaining()) {
                idle.add(end.rest);
                end.rest = null;
                end.key.interestOpsAnd(~SelectionKey.OP_WRITE);
                end.other.key.interestOpsOr(SelectionKey.OP_READ);
            }
        }
        if (end.key.isValid() && end.key.isReadable()) {
            read(end, channel);
        }
    }

    private void read(End end, SocketChannel channel) throws IOException {
        ByteBuffer buffer = idle.isEmpty() ? ByteBuffer.allocateDirect(BUFFER_BYTES) : idle.remove();
        buffer.clear();
        SocketChannel sink = (SocketChannel) end.other.key.channel();
        if (channel.read(buffer) < 0) {
            idle.add(buffer);
            end.ended = true;
            end.key.interestOpsAnd(~SelectionKey.OP_READ);
            sink.shutdownOutput();
            if (end.other.ended) {
                close(end);
            }
            return;
        }
        sink.write(buffer.flip());
        if (buffer.hasRemaining()) {
            end.other.rest = buffer;
            end.other.key.interestOpsOr(SelectionKey.OP_WRITE);
            end.key.interestOpsAnd(~SelectionKey.OP_READ);
        } else {
            idle.add(buffer);
        }
    }

    private static void close(End end) throws IOException {
        end.key.channel().close();
        end.other.key.channel().close();
    }
}
