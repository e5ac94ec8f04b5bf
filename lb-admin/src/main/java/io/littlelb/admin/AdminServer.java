package io.littlelb.admin;

import io.littlelb.admin.http.Door;
import io.littlelb.admin.http.UnixPlace;
import io.littlelb.core.worker.ErrorHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Answers what is asked about an instance, and takes orders: HTTP, versioned under {@code /v1/}.
 *
 * <p>On a unix socket, for root and this process's own user, everything; on an address, for whoever reaches it, what can be read without naming a client, and
 * {@code /metrics}, {@code /healthz}, {@code /readyz}. Neither waits for what is served, nor does that wait for them.
 */
public final class AdminServer implements AutoCloseable {
    private final Rates rates;
    private final List<Door> doors = new ArrayList<>();
    private final Optional<Door> tcp;

    private AdminServer(
            Instance instance, Optional<Path> socket, Optional<InetSocketAddress> address, ErrorHandler errors) {
        rates = new Rates(instance.forwarder(), errors);
        Routes routes = new Routes(instance, rates);
        socket.ifPresent(path -> doors.add(Door.unix(new UnixPlace(path), routes.everything())));
        tcp = address.map(place -> tcp(place.getAddress(), place.getPort(), routes));
        tcp.ifPresent(doors::add);
        rates.start();
    }

    private static Door tcp(InetAddress ip, int port, Routes routes) {
        return Door.tcp(ip, port, routes.readings());
    }

    /**
     * Opens what is named; returns at once. What is taken by another process is said, and tried again.
     *
     * @param socket where the unix socket is to be
     * @param address where the reading half is to be
     * @param errors is told when Java itself fails on one of its lasting threads
     */
    public static AdminServer open(
            Instance instance, Optional<Path> socket, Optional<InetSocketAddress> address, ErrorHandler errors) {
        return new AdminServer(instance, socket, address, errors);
    }

    /** Where the reading half listens, for a port that the system chose; nowhere while it does not. */
    public Optional<InetSocketAddress> address() {
        return tcp.flatMap(Door::listening).map(InetSocketAddress.class::cast);
    }

    /** Answers nobody any more, and takes the socket's file away. The instance stays as it is. */
    @Override
    public void close() {
        doors.forEach(Door::close);
        rates.close();
    }
}
