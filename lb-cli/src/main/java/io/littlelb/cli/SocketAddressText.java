package io.littlelb.cli;

import com.google.common.net.HostAndPort;
import io.littlelb.core.model.Addresses;
import java.net.InetAddress;
import java.util.Optional;

/** {@code 198.18.0.21:8080} or {@code [2001:db8::2]:8080}, literals only. */
record SocketAddressText(InetAddress ip, int port) {
    static Optional<SocketAddressText> parse(String text) {
        try {
            HostAndPort parts = HostAndPort.fromString(text).requireBracketsForIPv6();
            Optional<Integer> port = port(Integer.toString(parts.getPort()));
            return port.flatMap(
                    number -> Addresses.parse(parts.getHost()).map(ip -> new SocketAddressText(ip, number)));
        } catch (IllegalArgumentException | IllegalStateException notTheForm) {
            return Optional.empty();
        }
    }

    /** A port number from 1 to 65535. */
    static Optional<Integer> port(String text) {
        return text.matches("[0-9]{1,5}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 65_535
                ? Optional.of(Integer.parseInt(text))
                : Optional.empty();
    }
}
