package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.net.InetAddresses;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Comparator;
import java.util.Optional;

/**
 * An address with the length of its network prefix, such as {@code 198.18.0.9/24}: a host in its subnet, or a subnet.
 *
 * <p>The host bits are kept. Two of the same address with different prefix lengths are different, as they are to the kernel. For its equals
 * see {@link ServiceKey}.
 */
public record Cidr(InetAddress address, int prefixLength) implements Comparable<Cidr> {
    private static final Comparator<Cidr> ORDER =
            Comparator.comparing(Cidr::address, Addresses.ORDER).thenComparingInt(Cidr::prefixLength);

    public Cidr {
        requireNonNull(address, "address");
        int bits = Family.of(address).bits();
        if (prefixLength < 0 || prefixLength > bits) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " is not in 0.." + bits);
        }
    }

    /** Reads {@code ADDRESS/LENGTH}, literals only; empty for any other text. */
    public static Optional<Cidr> parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
            return Optional.empty();
        }
        int length = Integer.parseInt(text.substring(slash + 1));
        return Addresses.parse(text.substring(0, slash))
                .filter(address -> length <= Family.of(address).bits())
                .map(address -> new Cidr(address, length));
    }

    /** IPv4 or IPv6. */
    public Family family() {
        return Family.of(address);
    }

    /** Whether an address of the same family has the same first {@code prefixLength} bits. */
    public boolean contains(InetAddress candidate) {
        byte[] ours = address.getAddress();
        byte[] theirs = candidate.getAddress();
        boolean same = ours.length == theirs.length;
        for (int i = 0; same && i < ours.length; i++) {
            same = ((ours[i] ^ theirs[i]) & 0xff & ~hostMask(i)) == 0;
        }
        return same;
    }

    /** The lowest address of the subnet: all host bits 0. */
    public InetAddress network() {
        return withHostBits(false);
    }

    /** The highest address of the subnet: all host bits 1; the broadcast address in IPv4. */
    public InetAddress last() {
        return withHostBits(true);
    }

    /** The subnet itself: the same length with all host bits 0. */
    public Cidr subnet() {
        return new Cidr(network(), prefixLength);
    }

    /**
     * Whether the address names a host of the subnet. In IPv4 the first and last address are the network's and the
     * broadcast's, except in /31 (RFC 3021) and /32; in IPv6 the first is the subnet-router anycast (RFC 4291 section
     * 2.6.1), except in /127 (RFC 6164) and /128.
     */
    public boolean hasHost(InetAddress candidate) {
        if (!contains(candidate)) {
            return false;
        }
        if (prefixLength >= family().bits() - 1) {
            return true;
        }
        byte[] bytes = candidate.getAddress();
        boolean allZero = true;
        boolean allOne = true;
        for (int i = 0; i < bytes.length; i++) {
            allZero &= (bytes[i] & hostMask(i)) == 0;
            allOne &= (bytes[i] & hostMask(i)) == hostMask(i);
        }
        boolean broadcast = family() == Family.IPV4 && allOne;
        return !allZero && !broadcast;
    }

    @Override
    public int compareTo(Cidr other) {
        return ORDER.compare(this, other);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Cidr cidr && prefixLength == cidr.prefixLength && address.equals(cidr.address));
    }

    @Override
    public int hashCode() {
        return 31 * address.hashCode() + prefixLength;
    }

    @Override
    public String toString() {
        return InetAddresses.toAddrString(address) + "/" + prefixLength;
    }

    /** The bits of one byte that number hosts. */
    private int hostMask(int index) {
        int networkBits = Math.max(0, Math.min(Byte.SIZE, prefixLength - Byte.SIZE * index));
        return 0xff >> networkBits;
    }

    private InetAddress withHostBits(boolean ones) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (ones ? bytes[i] | hostMask(i) : bytes[i] & ~hostMask(i));
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes, not " + bytes.length, e);
        }
    }
}
