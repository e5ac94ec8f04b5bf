package io.littlelb.examples.demo;

import com.google.common.net.InetAddresses;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A network with four hosts on one bridge: this process' own namespace is the load balancer's host, with the bridge as its link;
 * two nodes and a client have a namespace each.
 */
final class DemoNetwork implements AutoCloseable {
    static final String LINK = "br0";
    static final String HOST = "198.18.0.1";
    static final List<Node> NODES = List.of(new Node("node-1", "198.18.0.21"), new Node("node-2", "198.18.0.22"));
    private static final String CLIENT = "198.18.0.100";

    private final List<TcpServer> servers = new ArrayList<>();
    private final List<NetworkNamespace> nodes = new ArrayList<>();
    private final NetworkNamespace client;

    record Node(String name, String ip) {}

    DemoNetwork() throws IOException {
        ip("link", "set", "lo", "up");
        ip("link", "add", LINK, "type", "bridge");
        ip("link", "set", LINK, "up");
        ip("addr", "add", HOST + "/24", "brd", "+", "dev", LINK);
        for (Node node : NODES) {
            nodes.add(attach(node.name(), node.ip()));
        }
        client = attach("client", CLIENT);
    }

    private NetworkNamespace attach(String name, String address) throws IOException {
        NetworkNamespace namespace = NetworkNamespace.create();
        String port = "to-" + name;
        ip(
                "link",
                "add",
                port,
                "type",
                "veth",
                "peer",
                "name",
                "eth0",
                "netns",
                Integer.toString(namespace.threadId()));
        ip("link", "set", port, "master", LINK, "up");
        namespace.ip("link set eth0 up");
        namespace.ip("addr add " + address + "/24 brd + dev eth0");
        return namespace;
    }

    /** On every node a server that says which node it is: to a web browser at once, to others as it hears them. */
    void startEchoServers(int port) {
        for (int i = 0; i < nodes.size(); i++) {
            Node node = NODES.get(i);
            servers.add(nodes.get(i)
                    .call(() -> TcpServer.start(
                            InetAddresses.forString(node.ip()), port, client -> answer(client, node.name()))));
        }
    }

    private static void answer(Socket client, String name) throws IOException {
        byte[] first = client.getInputStream().readNBytes(4);
        if (new String(first, StandardCharsets.UTF_8).equals("GET ")) {
            say("HTTP/1.0 200 OK\r\n\r\n" + name + "\n", client);
            return;
        }
        say(name + " heard: ", client);
        client.getOutputStream().write(first);
        client.getInputStream().transferTo(client.getOutputStream());
    }

    private static void say(String text, Socket client) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** What the client gets for a word sent to an address, or why it gets nothing. */
    String ask(String ip, int port) {
        return client.call(() -> {
            try {
                return Traffic.tell(ip, port, "hello");
            } catch (IOException refused) {
                return refused.getMessage();
            }
        });
    }

    /** The link as the kernel shows it. */
    static String link() throws IOException {
        return ip("-4", "-br", "addr", "show", "dev", LINK).strip();
    }

    private static String ip(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + String.join(" ", command), e);
        }
        return output;
    }

    @Override
    public void close() throws IOException {
        for (TcpServer server : servers) {
            server.close();
        }
        nodes.forEach(NetworkNamespace::close);
        client.close();
    }
}
