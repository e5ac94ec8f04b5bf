package io.littlelb.core.loop;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Protocol;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.SortedSet;
import java.util.TreeSet;

/** Some frontends of one Service, in few words. */
final class PortNames {
    private static final int MOST_NAMED = 3;

    private final SortedSet<Named> ports =
            new TreeSet<>(Comparator.comparingInt(Named::number).thenComparing(Named::protocol));
    private final SortedSet<InetAddress> ips = new TreeSet<>(Addresses.ORDER);
    private int fewest = Integer.MAX_VALUE;
    private int most;

    private record Named(int number, Protocol protocol) {
        @Override
        public String toString() {
            return number + (protocol == Protocol.TCP ? "" : "/" + protocol);
        }
    }

    void add(Frontend frontend, int backends) {
        ports.add(new Named(frontend.port(), frontend.protocol()));
        ips.add(frontend.ip());
        fewest = Math.min(fewest, backends);
        most = Math.max(most, backends);
    }

    boolean isEmpty() {
        return ports.isEmpty();
    }

    String addresses() {
        return ips.stream().map(Addresses::print).collect(joining(", "));
    }

    /** How many backends each of them has. */
    String backends() {
        return (fewest == most ? "" : fewest + " to ") + most + (most == 1 ? " backend" : " backends");
    }

    /** {@code port 80}, {@code ports 80, 443}, {@code 20 ports}. */
    @Override
    public String toString() {
        if (ports.size() > MOST_NAMED) {
            return ports.size() + " ports";
        }
        return (ports.size() == 1 ? "port " : "ports ")
                + ports.stream().map(Named::toString).collect(joining(", "));
    }
}
