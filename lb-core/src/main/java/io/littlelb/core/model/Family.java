package io.littlelb.core.model;

import java.net.Inet4Address;
import java.net.InetAddress;

/** The two families of IP addresses. */
public enum Family {
    IPV4(32),
    IPV6(128);

    private final int bits;

    Family(int bits) {
        this.bits = bits;
    }

    /** The family an address belongs to. */
    public static Family of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    /** The length of an address in bits: 32 or 128. */
    public int bits() {
        return bits;
    }

    /** As people write it: {@code IPv4} or {@code IPv6}, which is also the Kubernetes API's spelling. */
    @Override
    public String toString() {
        return this == IPV4 ? "IPv4" : "IPv6";
    }
}
