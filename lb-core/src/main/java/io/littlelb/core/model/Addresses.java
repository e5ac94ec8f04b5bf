package io.littlelb.core.model;

import com.google.common.base.CharMatcher;
import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/** Reads, prints and orders IP addresses, as literals only: no name is ever looked up. */
public final class Addresses {
    /** IPv4 before IPv6, then by the numeric value of the address. */
    public static final Comparator<InetAddress> ORDER =
            Comparator.<InetAddress, Family>comparing(Family::of).thenComparing(Addresses::compareBytes);

    private Addresses() {}

    /**
     * The address a literal such as {@code 198.18.0.9} or {@code 2001:db8::9} names; empty for any other text. IPv4 has one spelling, the one that
     * {@link #print} gives back: whoever compares texts, such as a policy of the cluster, then compares addresses. IPv6 may be written in any
     * way of RFC 4291, but without a zone, which names a link of this host, and not as a mapped IPv4 address.
     */
    public static Optional<InetAddress> parse(String text) {
        boolean possible = CharMatcher.ascii().matchesAllOf(text) && text.indexOf('%') < 0;
        if (!possible || !InetAddresses.isInetAddress(text)) {
            return Optional.empty();
        }
        InetAddress address = InetAddresses.forString(text);
        boolean mapped = Family.of(address) == Family.IPV4 && text.indexOf(':') >= 0;
        boolean oddlySpelled =
                Family.of(address) == Family.IPV4 && !print(address).equals(text);
        return mapped || oddlySpelled ? Optional.empty() : Optional.of(address);
    }

    /** The shortest text of the address: dotted quad, or RFC 5952 for IPv6. */
    public static String print(InetAddress address) {
        return InetAddresses.toAddrString(address);
    }

    /** {@code 198.18.0.9:80} or {@code [2001:db8::9]:80}. */
    public static String print(InetAddress address, int port) {
        return InetAddresses.toUriString(address) + ":" + port;
    }

    private static int compareBytes(InetAddress left, InetAddress right) {
        return Arrays.compareUnsigned(left.getAddress(), right.getAddress());
    }
}
