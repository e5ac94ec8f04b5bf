package com.example.embedder;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A backend that says hello, and a client that waits to hear it. */
final class Greeter implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ServerSocket server = new ServerSocket();

    Greeter() throws IOException {
        server.bind(new InetSocketAddress("127.0.0.1", 0));
        Thread thread = new Thread(this::serve, "greeter");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket client = server.accept()) {
                client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            } catch (IOException gone) {
                // the client's affair, or the end of the server
            }
        }
    }

    /** Asks until it is answered, for half a minute at most. */
    static String ask(String ip, int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        IOException last = new IOException(ip + ":" + port + " was not asked");
        while (System.nanoTime() - deadline < 0) {
            try (Socket socket = new Socket(ip, port)) {
                String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!said.isEmpty()) {
                    return said;
                }
                last = new IOException(ip + ":" + port + " closed without a word");
            } catch (IOException notYet) {
                last = notYet;
            }
            Thread.sleep(50);
        }
        throw last;
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
