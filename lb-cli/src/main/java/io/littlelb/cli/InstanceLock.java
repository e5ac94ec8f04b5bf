package io.littlelb.cli;

import java.io.IOException;
import java.util.Optional;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import jnr.unixsocket.UnixSocketOptions;

/**
 * Keeps two instances from serving one link: the abstract unix socket {@code @littlelb/LINK}.
 *
 * <p>The name lives in the network namespace, as the link does, and goes with its owner's last descriptor, be it by
 * {@code kill -9}: there is no file to be left behind.
 */
final class InstanceLock implements AutoCloseable {
    private final String name;
    private final UnixServerSocketChannel socket;

    private InstanceLock(String name, UnixServerSocketChannel socket) {
        this.name = name;
        this.socket = socket;
    }

    /**
     * Becomes the instance of a link.
     *
     * @throws IOException when another process is it already; the message names its pid
     */
    static InstanceLock take(String link) throws IOException {
        UnixSocketAddress name = new UnixSocketAddress("\0littlelb/" + link);
        UnixServerSocketChannel socket = UnixServerSocketChannel.open();
        try {
            socket.socket().bind(name);
            return new InstanceLock("@littlelb/" + link, socket);
        } catch (IOException taken) {
            socket.close();
            String who = holder(name).map(pid -> "process " + pid).orElse("another process");
            throw new IOException(
                    who + " serves link " + link + " already; stop it first, or serve another link: "
                            + taken.getMessage(),
                    taken);
        }
    }

    /** The process that listens on the name, as the kernel knows it. */
    private static Optional<Integer> holder(UnixSocketAddress name) {
        try (UnixSocketChannel peer = UnixSocketChannel.open(name)) {
            return Optional.of(peer.getOption(UnixSocketOptions.SO_PEERCRED).getPid());
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
