package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetAddress;

/** One endpoint to dial: an address and a port (1 to 65535). */
public record Backend(InetAddress ip, int port) {
    public Backend {
        requireNonNull(ip, "ip");
        Ports.check(port);
    }

    @Override
    public String toString() {
        return Addresses.print(ip, port);
    }
}
