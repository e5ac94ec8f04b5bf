package io.littlelb.netlink.link;

import com.google.common.collect.RangeSet;
import io.littlelb.linux.ListeningSocket;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Ports that programs of the host need on all addresses: on which one has been seen to listen so. It stays remembered, for a program that is away is
 * mostly one that is being started again. For one thread at a time.
 */
final class HostPorts {
    /** A host may have many sockets, and what is looked for stays for longer. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final RangeSet<Integer> watched;
    private final Supplier<List<ListeningSocket>> sockets;
    private final Set<Integer> seen = new HashSet<>();
    private boolean looked;
    private long lookedAt;

    /** @param watched the ports that are of concern; with none nobody is asked */
    HostPorts(RangeSet<Integer> watched, Supplier<List<ListeningSocket>> sockets) {
        this.watched = watched;
        this.sockets = sockets;
    }

    /** Those that have been seen until now, a time of {@link System#nanoTime}. */
    Set<Integer> seen(long now) {
        boolean due = !looked || now - lookedAt >= PAUSE.toNanos();
        if (due && !watched.isEmpty()) {
            looked = true;
            lookedAt = now;
            sockets.get().stream()
                    .filter(socket -> socket.isOnAll() && watched.contains(socket.port()))
                    .forEach(socket -> seen.add(socket.port()));
        }
        return Set.copyOf(seen);
    }
}
