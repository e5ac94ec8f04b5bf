package io.littlelb.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Clients that have connected and say nothing. */
final class Neighbours implements AutoCloseable {
    private final List<SocketChannel> resting = new ArrayList<>();

    Neighbours(InetSocketAddress address, int number) throws IOException {
        try {
            for (int i = 0; i < number; i++) {
                resting.add(SocketChannel.open(address));
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /**
     * Checks that they are all there.
     *
     * @throws IOException if one has gone
     */
    void requireOpen() throws IOException {
        if (!resting.stream().allMatch(SocketChannel::isConnected)) {
            throw new IOException("a client that rests has gone");
        }
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel each : resting) {
            each.close();
        }
    }
}
