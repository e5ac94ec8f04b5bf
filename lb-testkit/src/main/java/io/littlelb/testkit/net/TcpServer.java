package io.littlelb.testkit.net;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A backend: has the same conversation with everybody who connects, each on a thread of its own. Belongs to the namespace that it is started in. */
public final class TcpServer implements AutoCloseable {
    /** As long as the kernel lets it be: a crowd that comes at once must not be dropped. */
    private static final int BACKLOG = 4096;

    private final ServerSocket listener;
    private final Conversation conversation;
    /** Those that talk now. */
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

    private final Thread accepting;
    private volatile boolean closed;

    /** What is said to a client; the connection is closed when it returns. */
    @FunctionalInterface
    public interface Conversation {
        void with(Socket client) throws IOException;
    }

    private TcpServer(ServerSocket listener, Conversation conversation) {
        this.listener = listener;
        this.conversation = conversation;
        this.accepting = new Thread(this::accept, "backend-" + port());
        accepting.setDaemon(true);
    }

    /** Starts a server; port 0 takes a free one. */
    public static TcpServer start(InetAddress ip, int port, Conversation conversation) throws IOException {
        TcpServer server = new TcpServer(new ServerSocket(port, BACKLOG, ip), conversation);
        server.accepting.start();
        return server;
    }

    /** Says its name and closes. */
    public static Conversation greeting(String name) {
        return client -> client.getOutputStream().write(name.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends back whatever comes, until it ends. */
    public static Conversation echo() {
        return client -> client.getInputStream().transferTo(client.getOutputStream());
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Takes no more connections, and lets what is being said be said: whoever was accepted is answered. */
    public void stopAccepting() throws IOException {
        listener.close();
        Uninterruptibles.joinUninterruptibly(accepting);
    }

    /**
     * Ends what is being said, too: one whose client has gone unnoticed would wait for ever. Nothing connects once it has returned: until the thread
     * has left accept(2), the kernel keeps the listening socket, takes connections and resets them.
     */
    @Override
    public void close() throws IOException {
        closed = true;
        stopAccepting();
        for (Socket client : clients) {
            client.close();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread thread = new Thread(() -> converse(client), "backend-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void converse(Socket client) {
        clients.add(client);
        try (client) {
            if (!closed) {
                conversation.with(client);
            }
        } catch (IOException gone) {
            return; // clients may go as they please
        } finally {
            clients.remove(client);
        }
    }
}
