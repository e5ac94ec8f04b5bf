package io.littlelb.core.plan;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Protocol;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.SortedSet;
import java.util.TreeSet;

/** Some frontends of one Service, in few words. */
public final class PortNames {
    private final int mostNamed;
    private final SortedSet<Named> ports =
            new TreeSet<>(Comparator.comparingInt(Named::number).thenComparing(Named::protocol));
    private final SortedSet<InetAddress> ips = new TreeSet<>(Addresses.ORDER);
    private int fewest = Integer.MAX_VALUE;
    private int most;

    /** @param mostNamed how many ports are named one by one; of more it is said how many there are */
    public PortNames(int mostNamed) {
        this.mostNamed = mostNamed;
    }

    private record Named(int number, Protocol protocol) {
        @Override
        public String toString() {
            return number + (protocol == Protocol.TCP ? "" : "/" + protocol);
        }
    }

    /** One more. */
    public void add(Frontend frontend) {
        ports.add(new Named(frontend.port(), frontend.protocol()));
        ips.add(frontend.ip());
    }

    /** One more, with so many backends. */
    public void add(Frontend frontend, int backends) {
        add(frontend);
        fewest = Math.min(fewest, backends);
        most = Math.max(most, backends);
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return ports.isEmpty();
    }

    /** The addresses that they have. */
    public String addresses() {
        return ips.stream().map(Addresses::print).collect(joining(", "));
    }

    /** How many backends each of them has, as far as that was told. */
    public String backends() {
        return (fewest == most ? "" : fewest + " to ") + most + (most == 1 ? " backend" : " backends");
    }

    /** {@code port 80}, {@code ports 80, 443}, {@code 20 ports}. */
    @Override
    public String toString() {
        if (ports.size() > mostNamed) {
            return ports.size() + " ports";
        }
        return (ports.size() == 1 ? "port " : "ports ")
                + ports.stream().map(Named::toString).collect(joining(", "));
    }
}
