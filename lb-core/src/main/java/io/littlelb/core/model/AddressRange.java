package io.littlelb.core.model;

import com.google.common.net.InetAddresses;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Optional;

/** Neighbouring addresses of one family, from {@code first} to {@code last}, both included. */
public record AddressRange(InetAddress first, InetAddress last) {
    public AddressRange {
        boolean sameFamily = Family.of(first) == Family.of(last);
        if (!sameFamily || Addresses.ORDER.compare(first, last) > 0) {
            throw new IllegalArgumentException(
                    Addresses.print(first) + " is not before " + Addresses.print(last) + " in one family");
        }
    }

    /** Reads {@code 198.18.0.32/28} or {@code 198.18.0.32-198.18.0.47}, literals only; empty for any other text. */
    public static Optional<AddressRange> parse(String text) {
        Optional<Cidr> cidr = Cidr.parse(text);
        if (cidr.isPresent()) {
            return cidr.map(AddressRange::of);
        }
        int dash = text.indexOf('-');
        if (dash < 0) {
            return Optional.empty();
        }
        Optional<InetAddress> first = Addresses.parse(text.substring(0, dash));
        Optional<InetAddress> last = Addresses.parse(text.substring(dash + 1));
        boolean ordered = first.isPresent()
                && last.isPresent()
                && Family.of(first.get()) == Family.of(last.get())
                && Addresses.ORDER.compare(first.get(), last.get()) <= 0;
        return ordered ? Optional.of(new AddressRange(first.get(), last.get())) : Optional.empty();
    }

    /** All addresses of a subnet. */
    public static AddressRange of(Cidr subnet) {
        return new AddressRange(subnet.network(), subnet.last());
    }

    /** IPv4 or IPv6. */
    public Family family() {
        return Family.of(first);
    }

    public boolean contains(InetAddress address) {
        return Addresses.ORDER.compare(first, address) <= 0 && Addresses.ORDER.compare(address, last) <= 0;
    }

    /** The addresses that lie in both. */
    public Optional<AddressRange> intersection(AddressRange other) {
        InetAddress from = Addresses.ORDER.compare(first, other.first) < 0 ? other.first : first;
        InetAddress to = Addresses.ORDER.compare(last, other.last) < 0 ? last : other.last;
        return family() == other.family() && Addresses.ORDER.compare(from, to) <= 0
                ? Optional.of(new AddressRange(from, to))
                : Optional.empty();
    }

    /** What is left of it after an address that lies in it. */
    public Optional<AddressRange> after(InetAddress address) {
        return address.equals(last)
                ? Optional.empty()
                : Optional.of(new AddressRange(InetAddresses.increment(address), last));
    }

    /** How many addresses there are. */
    public BigInteger size() {
        return InetAddresses.toBigInteger(last)
                .subtract(InetAddresses.toBigInteger(first))
                .add(BigInteger.ONE);
    }

    /** {@code 198.18.0.32-198.18.0.47}. */
    @Override
    public String toString() {
        return Addresses.print(first) + "-" + Addresses.print(last);
    }
}
