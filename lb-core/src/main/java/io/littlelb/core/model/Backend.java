package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.net.HostAndPort;
import java.net.InetAddress;
import java.util.Optional;

/** One endpoint to dial: an address and a port (1 to 65535). */
public record Backend(InetAddress ip, int port) {
    public Backend {
        requireNonNull(ip, "ip");
        Ports.check(port);
    }

    /** Reads {@code 198.18.0.21:8080} or {@code [2001:db8::2]:8080}, literals only: no name is ever looked up. */
    public static Optional<Backend> parse(String text) {
        try {
            HostAndPort parts = HostAndPort.fromString(text).requireBracketsForIPv6();
            int port = parts.getPort();
            return Addresses.parse(parts.getHost()).map(ip -> new Backend(ip, port));
        } catch (IllegalArgumentException | IllegalStateException notTheForm) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return Addresses.print(ip, port);
    }
}
