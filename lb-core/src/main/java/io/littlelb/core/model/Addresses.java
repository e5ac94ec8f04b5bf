package io.littlelb.core.model;

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

    /** The address a literal such as {@code 198.18.0.9} or {@code 2001:db8::9} names; empty for any other text. */
    public static Optional<InetAddress> parse(String text) {
        boolean scoped = text.indexOf('%') >= 0; // a zone names a link of this host, not an address
        return scoped || !InetAddresses.isInetAddress(text)
                ? Optional.empty()
                : Optional.of(InetAddresses.forString(text));
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
