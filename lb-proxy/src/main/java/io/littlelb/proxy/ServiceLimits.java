package io.littlelb.proxy;

import com.google.common.collect.ConcurrentHashMultiset;
import com.google.common.collect.Multiset;
import java.net.InetAddress;

/** How many connections a Service may have at once: in all, and each of its clients. From any thread. */
final class ServiceLimits {
    private final ConnectionLimit connections = new ConnectionLimit(Integer.MAX_VALUE);
    private final Multiset<InetAddress> ofClients = ConcurrentHashMultiset.create();

    ConnectionLimit connections() {
        return connections;
    }

    /** Takes a place for one more connection of a client, if it has fewer than the most. */
    boolean enter(InetAddress client, int most) {
        boolean fits = ofClients.add(client, 1) < most;
        if (!fits) {
            leave(client);
        }
        return fits;
    }

    /** Gives a client's place back. */
    void leave(InetAddress client) {
        ofClients.remove(client);
    }
}
