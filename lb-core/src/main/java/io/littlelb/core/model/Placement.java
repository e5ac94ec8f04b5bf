package io.littlelb.core.model;

import java.net.InetAddress;
import java.util.Set;

/**
 * Which addresses are carried elsewhere: held by Services of ours, but on the link of another instance. Everything else is carried here.
 *
 * @param elsewhere addresses that are neither put on the link here nor listened on
 */
public record Placement(Set<InetAddress> elsewhere) {
    /** There is nobody else. */
    public static final Placement HERE = new Placement(Set.of());

    public Placement {
        elsewhere = Set.copyOf(elsewhere);
    }

    /** Whether this instance carries an address. */
    public boolean isHere(InetAddress ip) {
        return !elsewhere.contains(ip);
    }
}
