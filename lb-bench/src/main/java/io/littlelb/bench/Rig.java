package io.littlelb.bench;

import io.littlelb.testkit.net.NetworkNamespace;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Three networks and what stands in them. Each {@code --} is a pair of virtual Ethernet links with an MTU of 1500.
 *
 * <pre>
 *   client 198.18.1.2 -- 198.18.1.1 proxies 198.18.2.1 -- 198.18.2.2 backend
 *          198.18.3.2 ---------------- direct ----------- 198.18.3.1
 * </pre>
 */
final class Rig implements AutoCloseable {
    private static final String PROXY = "198.18.1.1";
    private static final String BACKEND = "198.18.2.2";
    private static final String BACKEND_DIRECT = "198.18.3.1";
    private static final int BACKEND_PORT = 4000;
    /** The one congestion control that every namespace may choose; enough ports for thousands of short connections. */
    private static final List<String> SETTINGS = List.of(
            "net.ipv4.tcp_congestion_control=reno",
            "net.ipv4.ip_local_port_range=10000 65535",
            "net.ipv4.tcp_max_tw_buckets=10000",
            "net.ipv4.tcp_tw_reuse=1",
            "net.core.somaxconn=4096",
            "net.ipv4.ip_forward=1");

    private final NetworkNamespace client = NetworkNamespace.create();
    private final NetworkNamespace proxies = NetworkNamespace.create();
    private final NetworkNamespace backend = NetworkNamespace.create();
    private final Map<Peer, ProxyProcess> processes = new EnumMap<>(Peer.class);
    private final Path directory = Files.createTempDirectory("lb-bench");
    private final Path home;
    private final List<String> oursOptions;
    private final Optional<Path> baseline;

    /**
     * @param home where this project was built
     * @param baseline the lb.jar of another build of it, to compare this one with
     * @param oursOptions what to tell the JVM of ours beyond what the launcher tells this one
     */
    Rig(Path home, List<String> oursOptions, Optional<Path> baseline) throws IOException {
        this.home = home;
        this.oursOptions = List.copyOf(oursOptions);
        this.baseline = baseline;
        link(client, "198.18.1.2", proxies, PROXY, "lb1");
        link(proxies, "198.18.2.1", backend, BACKEND, "lb2");
        link(client, "198.18.3.2", backend, BACKEND_DIRECT, "lb3");
        client.ip("route add 198.18.2.0/24 via " + PROXY);
        backend.ip("route add 198.18.1.0/24 via 198.18.2.1");
        for (NetworkNamespace each : List.of(client, proxies, backend)) {
            for (String setting : SETTINGS) {
                each.execute(List.of("sysctl", "-q", "-w", setting));
            }
        }
        backend.run(() -> BackendServer.start("0.0.0.0", BACKEND_PORT));
    }

    private static void link(
            NetworkNamespace left, String leftIp, NetworkNamespace right, String rightIp, String name) {
        left.connect(name + "a", right, name + "b");
        left.ip("addr add " + leftIp + "/24 dev " + name + "a");
        right.ip("addr add " + rightIp + "/24 dev " + name + "b");
    }

    /** The network that clients connect from. */
    NetworkNamespace client() {
        return client;
    }

    /** Where clients find a service behind a peer. */
    static InetSocketAddress address(Peer peer, Service service) {
        return peer == Peer.DIRECT
                ? new InetSocketAddress(BACKEND_DIRECT, BACKEND_PORT + service.portOffset)
                : new InetSocketAddress(PROXY, peer.port(service));
    }

    /** The process of a peer; none where the kernel does the work. */
    Optional<ProxyProcess> process(Peer peer) {
        return Optional.ofNullable(processes.get(peer));
    }

    /** Puts a peer to its place; it accepts within moments. */
    void start(Peer peer) throws IOException {
        switch (peer) {
            case OURS -> start(peer, ours(peer, ownJar()));
            case OURS_BUSY -> start(peer, ours(peer, ownJar(), "--busy-poll=50us"));
            case BASELINE -> start(peer, ours(peer, baseline.orElseThrow()));
            case HAPROXY ->
                start(
                        peer,
                        haproxy(
                                peer,
                                "  tune.pipesize 1048576\n",
                                "  option splice-request\n  option splice-response\n"));
            case HAPROXY_DEFAULT -> start(peer, haproxy(peer, "", ""));
            case NGINX -> start(peer, nginx());
            case NETTY -> start(peer, ofJava(peer, NettyProxy.class));
            case NIO -> start(peer, ofJava(peer, NioProxy.class));
            case DNAT -> dnat();
            case DIRECT -> {
                return; // the links are all it takes
            }
        }
    }

    private void start(Peer peer, List<String> command) {
        Path log = log(peer.label);
        processes.put(peer, proxies.call(() -> ProxyProcess.start(log, command)));
    }

    /** A file for what a program says. */
    Path log(String name) {
        return directory.resolve(name + ".log");
    }

    /** As the launcher runs it, from the options that the launcher gave this JVM. */
    private List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(option -> !option.startsWith("-D"))
                .forEach(command::add);
        return command;
    }

    private Path ownJar() {
        return home.resolve("lb-cli/target/lb.jar");
    }

    private List<String> ours(Peer peer, Path jar, String... options) {
        List<String> command = java();
        command.addAll(oursOptions);
        command.addAll(List.of("-jar", jar.toString(), "relay"));
        command.addAll(List.of("--max-connections=9800", "--max-connections-per-service=9800")); // one has all the load
        command.addAll(List.of(options));
        for (Service service : Service.values()) {
            command.add(PROXY + ":" + peer.port(service) + "=" + backendFor(service));
        }
        return command;
    }

    private List<String> ofJava(Peer peer, Class<?> proxy) {
        List<String> command = java();
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), proxy.getName()));
        for (Service service : Service.values()) {
            command.addAll(List.of(
                    PROXY,
                    Integer.toString(peer.port(service)),
                    BACKEND,
                    Integer.toString(BACKEND_PORT + service.portOffset)));
        }
        return command;
    }

    private List<String> haproxy(Peer peer, String global, String defaults) throws IOException {
        StringBuilder text = new StringBuilder("global\n  nbthread 1\n  maxconn 9600\n  maxpipes 200\n")
                .append(global)
                .append("defaults\n  mode tcp\n  backlog 4096\n  timeout connect 5s\n  timeout client 1h\n")
                .append("  timeout server 1h\n")
                .append(defaults);
        for (Service service : Service.values()) {
            text.append("listen ")
                    .append(service)
                    .append("\n  bind ")
                    .append(PROXY)
                    .append(':');
            text.append(peer.port(service))
                    .append("\n  server one ")
                    .append(backendFor(service))
                    .append('\n');
        }
        return List.of("haproxy", "-db", "-f", write(peer + ".cfg", text));
    }

    private List<String> nginx() throws IOException {
        StringBuilder text = new StringBuilder("daemon off;\nmaster_process off;\nworker_rlimit_nofile 20000;\n")
                .append("load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n")
                .append("pid ")
                .append(directory.resolve("nginx.pid"))
                .append(";\n")
                .append("error_log stderr;\nevents { worker_connections 20000; }\nstream {\n");
        for (Service service : Service.values()) {
            text.append("  server { listen ").append(PROXY).append(':').append(Peer.NGINX.port(service));
            text.append(" backlog=4096; proxy_pass ")
                    .append(backendFor(service))
                    .append("; }\n");
        }
        return List.of("nginx", "-c", write("nginx.conf", text.append("}\n")));
    }

    private void dnat() throws IOException {
        StringBuilder text = new StringBuilder("table ip bench {\n")
                .append("  chain in {\n    type nat hook prerouting priority -100;\n");
        for (Service service : Service.values()) {
            text.append("    ip daddr ").append(PROXY).append(" tcp dport ").append(Peer.DNAT.port(service));
            text.append(" dnat to ").append(backendFor(service)).append('\n');
        }
        text.append("  }\n  chain out {\n    type nat hook postrouting priority 100;\n    masquerade\n  }\n}\n");
        proxies.execute(List.of("nft", "-f", write("dnat.nft", text)));
    }

    private static String backendFor(Service service) {
        return BACKEND + ":" + (BACKEND_PORT + service.portOffset);
    }

    private String write(String name, CharSequence text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    @Override
    public void close() {
        processes.values().forEach(ProxyProcess::close);
        List.of(client, proxies, backend).forEach(NetworkNamespace::close);
    }
}
