package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import com.google.common.collect.RangeSet;
import java.net.InetAddress;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Ports of the host's own programs, which no Service may have: who listens on one address of a host keeps a program of the host from listening on
 * all of them, so a Service on port 22 would keep sshd from starting again.
 *
 * @param everywhere on no address
 * @param onTheHosts not on an address that is the host's own; nor on any other as soon as a program of the host was seen to listen there on all: its
 *     next start would need it free on all
 */
public record ReservedPorts(RangeSet<Integer> everywhere, RangeSet<Integer> onTheHosts) {
    /** None at all. */
    public static final ReservedPorts NONE = new ReservedPorts(ImmutableRangeSet.of(), ImmutableRangeSet.of());

    public ReservedPorts {
        everywhere = ImmutableRangeSet.copyOf(everywhere);
        requireNonNull(onTheHosts, "onTheHosts");
        onTheHosts = ImmutableRangeSet.unionOf(onTheHosts.asRanges());
    }

    /** Why a Service may not have a port of an address; empty when it may. */
    public Optional<Problem> refusal(ServicePort port, InetAddress ip, Link link) {
        Optional<Range<Integer>> reserved = Optional.ofNullable(everywhere.rangeContaining(port.port()));
        if (reserved.isPresent()) {
            return reserved.map(range -> refusal(port, range, ""));
        }
        boolean inUse = link.host().ports().contains(port.port());
        return Optional.ofNullable(onTheHosts.rangeContaining(port.port()))
                .filter(range -> inUse || link.isHosts(ip))
                .map(range -> refusal(
                        port,
                        range,
                        inUse ? ", one of which was seen to listen there on all addresses" : " on its own addresses"));
    }

    /** Whether a port of the host's own addresses is kept for the host's programs. */
    boolean isReservedOnTheHost(int port) {
        return everywhere.contains(port) || onTheHosts.contains(port);
    }

    private static Problem refusal(ServicePort port, Range<Integer> range, String where) {
        return new Problem(
                Reason.PortReserved,
                "port " + port + " is kept for programs of the host" + where + " (" + print(range)
                        + "); whoever runs Little LB can give it with --reserved-ports");
    }

    /** {@code 22} or {@code 10248-10259}, both ends included. */
    public static String print(Range<Integer> range) {
        return range.lowerEndpoint().equals(range.upperEndpoint())
                ? Integer.toString(range.lowerEndpoint())
                : range.lowerEndpoint() + "-" + range.upperEndpoint();
    }

    @Override
    public String toString() {
        return everywhere.asRanges().stream().map(ReservedPorts::print).collect(Collectors.joining(","));
    }
}
