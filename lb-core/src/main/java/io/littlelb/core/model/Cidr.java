package io.littlelb.core.model;

import com.google.common.net.InetAddresses;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * An address with the length of its network prefix, such as {@code 198.18.0.9/24}: a host in its subnet, or a subnet.
 *
 * <p>The host bits are kept. Two of the same address with different prefix lengths are different, as they are to the kernel.
 *
 * <p>The address is held as a number, because an {@link InetAddress} copies its bytes whenever it is made or asked for them, and addresses are
 * read, compared and looked up by the thousand. An IPv4-mapped IPv6 address stays an IPv6 address.
 */
public final class Cidr implements Comparable<Cidr> {
    private final Family family;
    private final long high;
    private final long low;
    private final int prefixLength;

    /** Made when it is first asked for, by any thread. */
    private volatile InetAddress address;

    /** Throws IllegalArgumentException for a length that no prefix of the address's family has. */
    public Cidr(InetAddress address, int prefixLength) {
        this(Family.of(address), address.getAddress(), prefixLength);
        this.address = address;
    }

    private Cidr(Family family, byte[] bytes, int prefixLength) {
        this(
                family,
                bits(bytes, 0, bytes.length - Long.BYTES),
                bits(bytes, bytes.length - Long.BYTES, bytes.length),
                prefixLength);
    }

    /**
     * An address by its bits.
     *
     * @param high the first 64 bits of an IPv6 address; 0 in IPv4
     * @param low the last 64 bits of an IPv6 address, or the 32 of an IPv4 address
     * @throws IllegalArgumentException for a length that no prefix of the family has
     */
    public Cidr(Family family, long high, long low, int prefixLength) {
        if (prefixLength < 0 || prefixLength > family.bits()) {
            throw new IllegalArgumentException("prefix length " + prefixLength + " is not in 0.." + family.bits());
        }
        this.family = family;
        this.high = high;
        this.low = low;
        this.prefixLength = prefixLength;
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
        return family;
    }

    /** The first 64 bits of an IPv6 address; 0 in IPv4. */
    public long high() {
        return high;
    }

    /** The last 64 bits of an IPv6 address, or the 32 of an IPv4 address. */
    public long low() {
        return low;
    }

    /** How many bits number the network, from the left. */
    public int prefixLength() {
        return prefixLength;
    }

    /** The address, without the length. */
    public InetAddress address() {
        InetAddress made = address;
        if (made == null) {
            made = address(family, high, low);
            address = made;
        }
        return made;
    }

    /** Whether an address of the same family has the same first {@code prefixLength} bits. */
    public boolean contains(InetAddress candidate) {
        return contains(single(candidate));
    }

    private boolean contains(Cidr candidate) {
        return family == candidate.family
                && ((high ^ candidate.high) & ~highHostMask()) == 0
                && ((low ^ candidate.low) & ~lowHostMask()) == 0;
    }

    /** The lowest address of the subnet: all host bits 0. */
    public InetAddress network() {
        return subnet().address();
    }

    /** The highest address of the subnet: all host bits 1; the broadcast address in IPv4. */
    public InetAddress last() {
        return address(family, high | highHostMask(), low | lowHostMask());
    }

    /** The subnet itself: the same length with all host bits 0. */
    public Cidr subnet() {
        return new Cidr(family, high & ~highHostMask(), low & ~lowHostMask(), prefixLength);
    }

    /**
     * Whether the address names a host of the subnet. In IPv4 the first and last address are the network's and the
     * broadcast's, except in /31 (RFC 3021) and /32; in IPv6 the first is the subnet-router anycast (RFC 4291 section
     * 2.6.1), except in /127 (RFC 6164) and /128.
     */
    public boolean hasHost(InetAddress candidate) {
        Cidr host = single(candidate);
        if (!contains(host)) {
            return false;
        }
        if (prefixLength >= family.bits() - 1) {
            return true;
        }
        boolean allZero = (host.high & highHostMask()) == 0 && (host.low & lowHostMask()) == 0;
        boolean broadcast = family == Family.IPV4 && (host.low & lowHostMask()) == lowHostMask();
        return !allZero && !broadcast;
    }

    /** IPv4 before IPv6, then by the numeric value of the address, then by the length. */
    @Override
    public int compareTo(Cidr other) {
        int order = family.compareTo(other.family);
        if (order == 0) {
            order = Long.compareUnsigned(high, other.high);
        }
        if (order == 0) {
            order = Long.compareUnsigned(low, other.low);
        }
        return order == 0 ? Integer.compare(prefixLength, other.prefixLength) : order;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof Cidr cidr
                        && prefixLength == cidr.prefixLength
                        && low == cidr.low
                        && high == cidr.high
                        && family == cidr.family);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(31 * high + low) + prefixLength;
    }

    @Override
    public String toString() {
        return InetAddresses.toAddrString(address()) + "/" + prefixLength;
    }

    private static Cidr single(InetAddress address) {
        return new Cidr(address, Family.of(address).bits());
    }

    /** The bits of the first half that number hosts. */
    private long highHostMask() {
        return ones(family.bits() - prefixLength - Long.SIZE);
    }

    private long lowHostMask() {
        return ones(Math.min(family.bits() - prefixLength, Long.SIZE));
    }

    /** A number whose last so many bits are 1, up to 64; 0 for none or fewer. */
    private static long ones(int count) {
        return count <= 0 ? 0 : -1L >>> (Long.SIZE - count);
    }

    /** The bytes between two indices, of which the first may lie before the array, as one number. */
    private static long bits(byte[] bytes, int from, int to) {
        long bits = 0;
        for (int i = Math.max(from, 0); i < to; i++) {
            bits = bits << Byte.SIZE | (bytes[i] & 0xff);
        }
        return bits;
    }

    private static InetAddress address(Family family, long high, long low) {
        byte[] bytes = new byte[family.bits() / Byte.SIZE];
        for (int i = 0; i < bytes.length; i++) {
            int fromTheRight = bytes.length - 1 - i;
            long half = fromTheRight < Long.BYTES ? low : high;
            bytes[i] = (byte) (half >>> (Byte.SIZE * (fromTheRight % Long.BYTES)));
        }
        try {
            // the general way would turn an IPv4-mapped IPv6 address into the IPv4 address
            return family == Family.IPV6 ? Inet6Address.getByAddress(null, bytes, -1) : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes, not " + bytes.length, e);
        }
    }
}
