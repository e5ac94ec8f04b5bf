package io.littlelb.proxy.frontend;

import com.google.common.collect.ConcurrentHashMultiset;
import com.google.common.collect.Multiset;
import java.net.InetAddress;
import java.util.OptionalInt;

/** How many connections a Service may have at once: in all, and each of its clients. From any thread. */
public final class ServiceLimits {
    private final ConnectionLimit connections = new ConnectionLimit(Integer.MAX_VALUE);
    private final ConnectionLimit reserved = new ConnectionLimit(0);
    private final Multiset<InetAddress> ofClients = ConcurrentHashMultiset.create();

    private OptionalInt asked = OptionalInt.empty();
    private int ceiling = Integer.MAX_VALUE;

    public ConnectionLimit connections() {
        return connections;
    }

    /** Places of the process that no other Service can take: they are taken first. */
    public ConnectionLimit reserved() {
        return reserved;
    }

    /** What the Service itself asks for: it may have fewer than its share, and never more. */
    public synchronized void ask(OptionalInt most) {
        asked = most;
        connections.most(Math.min(ceiling, asked.orElse(Integer.MAX_VALUE)));
    }

    /** What it may have of the process. */
    public synchronized void share(Shares shares) {
        ceiling = shares.mostOfService();
        connections.most(Math.min(ceiling, asked.orElse(Integer.MAX_VALUE)));
        reserved.most(shares.reserved());
    }

    /** Takes a place for one more connection of a client, if it has fewer than the most. */
    public boolean enter(InetAddress client, int most) {
        boolean fits = ofClients.add(client, 1) < most;
        if (!fits) {
            leave(client);
        }
        return fits;
    }

    /** Gives a client's place back. */
    public void leave(InetAddress client) {
        ofClients.remove(client);
    }
}
