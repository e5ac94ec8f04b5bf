package io.littlelb.linux;

import static java.util.stream.Collectors.joining;

import java.nio.ByteBuffer;
import java.util.stream.IntStream;

/**
 * The hardware address of an Ethernet link.
 *
 * @param bits its six bytes as the lower 48 bits
 */
public record MacAddress(long bits) {
    public static final int LENGTH = 6;
    public static final MacAddress ZERO = new MacAddress(0);
    public static final MacAddress BROADCAST = new MacAddress(0xffff_ffff_ffffL);

    public MacAddress {
        if ((bits >>> (8 * LENGTH)) != 0) {
            throw new IllegalArgumentException("a hardware address has six bytes: " + Long.toHexString(bits));
        }
    }

    /** Takes the next six bytes. */
    public static MacAddress read(ByteBuffer bytes) {
        long bits = 0;
        for (int i = 0; i < LENGTH; i++) {
            bits = (bits << 8) | (bytes.get() & 0xff);
        }
        return new MacAddress(bits);
    }

    /** Puts its six bytes. */
    public void writeTo(ByteBuffer bytes) {
        for (int i = LENGTH - 1; i >= 0; i--) {
            bytes.put((byte) (bits >> (8 * i)));
        }
    }

    /** {@code 02:00:00:00:00:09}. */
    @Override
    public String toString() {
        return IntStream.range(0, LENGTH)
                .mapToObj(i -> String.format("%02x", (bits >> (8 * (LENGTH - 1 - i))) & 0xff))
                .collect(joining(":"));
    }
}
