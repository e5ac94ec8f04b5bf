package io.littlelb.cli;

import com.google.common.net.HostAndPort;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Shown;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where an instance can be asked. */
final class AdminOptions {
    static final Path USUAL = Path.of("/run/lb/lb.sock");
    private static final String OFF = "off";

    @Option(
            names = "--admin-socket",
            paramLabel = "PATH|off",
            defaultValue = "",
            description = "The unix socket where \"lb status\" and other commands ask, for root and this user only."
                    + " Default: /run/lb/lb.sock, or $$XDG_RUNTIME_DIR/lb.sock where that cannot be made.")
    private String socket;

    @Option(
            names = "--metrics-address",
            paramLabel = "ADDRESS:PORT|off",
            defaultValue = "127.0.0.1:9095",
            description = "Where /metrics, /healthz, /readyz and what can be read without naming a client are served"
                    + " over HTTP, to whoever reaches it. Default: ${DEFAULT-VALUE}.")
    private String metricsAddress;

    /** Where the socket is to be; nowhere when it is off, or when there is no place that this user may write to. */
    Optional<Path> socket(Map<String, String> environment) throws UsageException {
        if (socket.equals(OFF)) {
            return Optional.empty();
        }
        return socket.isEmpty()
                ? usual(environment)
                : Optional.of(PathText.parse("--admin-socket", socket).toAbsolutePath());
    }

    /** Whether it is to be, but there is no place for it. */
    boolean lacksSocket(Map<String, String> environment) throws UsageException {
        return !socket.equals(OFF) && socket(environment).isEmpty();
    }

    private static Optional<Path> usual(Map<String, String> environment) {
        Path directory = USUAL.getParent();
        boolean possible = Files.isWritable(Files.exists(directory) ? directory : directory.getParent());
        if (possible) {
            return Optional.of(USUAL);
        }
        return Optional.ofNullable(environment.get("XDG_RUNTIME_DIR"))
                .filter(runtime -> !runtime.isEmpty())
                .map(runtime -> Path.of(runtime, USUAL.getFileName().toString()));
    }

    /** Where metrics are served, if anywhere; port 0 is any that is free. */
    Optional<InetSocketAddress> metricsAddress() throws UsageException {
        if (metricsAddress.equals(OFF)) {
            return Optional.empty();
        }
        try {
            HostAndPort parts = HostAndPort.fromString(metricsAddress).requireBracketsForIPv6();
            Optional<InetAddress> ip = Addresses.parse(parts.getHost());
            if (ip.isPresent() && parts.hasPort()) {
                return Optional.of(new InetSocketAddress(ip.get(), parts.getPort()));
            }
        } catch (IllegalArgumentException malformed) {
            // said below
        }
        throw new UsageException("--metrics-address " + Shown.quoted(metricsAddress)
                + " is not ADDRESS:PORT such as 127.0.0.1:9095 or [::1]:9095, nor off");
    }
}
