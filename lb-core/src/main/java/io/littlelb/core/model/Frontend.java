package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;
import java.util.Comparator;

/** What clients connect to: an address of the link, a port (1 to 65535) and a protocol. For its equals see {@link ServiceKey}. */
public record Frontend(InetAddress ip, int port, Protocol protocol) implements Comparable<Frontend> {
    private static final Comparator<Frontend> ORDER = Comparator.comparing(Frontend::ip, Addresses.ORDER)
            .thenComparingInt(Frontend::port)
            .thenComparing(Frontend::protocol);

    public Frontend {
        requireNonNull(ip, "ip");
        requireNonNull(protocol, "protocol");
        Ports.check(port);
    }

    @Override
    public int compareTo(Frontend other) {
        return ORDER.compare(this, other);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Frontend frontend
                        && port == frontend.port
                        && protocol == frontend.protocol
                        && ip.equals(frontend.ip));
    }

    @Override
    public int hashCode() {
        return 31 * (31 * ip.hashCode() + port) + protocol.hashCode();
    }

    @Override
    public String toString() {
        return Addresses.print(ip, port) + (protocol == Protocol.TCP ? "" : "/" + protocol);
    }
}
