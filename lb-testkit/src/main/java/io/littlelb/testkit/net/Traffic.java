package io.littlelb.testkit.net;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.net.InetAddresses;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What clients do: connect, send, receive. Addresses are literals. */
public final class Traffic {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private Traffic() {}

    /** Connects and returns all that the other side says before it closes. */
    public static String ask(String ip, int port) throws IOException {
        try (Socket client = connect(ip, port)) {
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Connects, says something, ends its own direction, and returns all that comes back. */
    public static String tell(String ip, int port, String text) throws IOException {
        try (Socket client = connect(ip, port)) {
            client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();
            return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Socket connect(String ip, int port) throws IOException {
        Socket client = new Socket(InetAddresses.forString(ip), port);
        client.setSoTimeout((int) PATIENCE.toMillis());
        return client;
    }

    /** Sends a block over and over, ends its own direction, and returns the SHA-256 of all that was sent. */
    public static String send(Socket to, byte[] block, int times) {
        try {
            Hasher hasher = Hashing.sha256().newHasher();
            OutputStream out = to.getOutputStream();
            for (int i = 0; i < times; i++) {
                hasher.putBytes(block);
                out.write(block);
            }
            to.shutdownOutput();
            return hasher.hash().toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The SHA-256 of all that comes until the end. */
    public static String hash(InputStream in) throws IOException {
        Hasher hasher = Hashing.sha256().newHasher();
        byte[] buffer = new byte[1 << 16];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            hasher.putBytes(buffer, 0, n);
        }
        return hasher.hash().toString();
    }
}
