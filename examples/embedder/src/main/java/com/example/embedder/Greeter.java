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

    /** Asks until it is answered. */
    static String ask(String ip, int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (Socket socket = new Socket(ip, port)) {
                String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                if (!said.isEmpty()) {
                    return said;
                }
            } catch (IOException notYet) {
                if (System.nanoTime() - deadline > 0) {
                    throw notYet;
                }
            }
            Thread.sleep(50);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
