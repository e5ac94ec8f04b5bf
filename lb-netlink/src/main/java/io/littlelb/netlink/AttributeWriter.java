package io.littlelb.netlink;

import io.littlelb.core.model.Family;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Appends attributes, {@code struct nlattr} of {@code linux/netlink.h}, to a request.
 *
 * <pre>
 *  0  u16  nla_len    this header and the value, without padding
 *  2  u16  nla_type
 *  4  value; the next attribute starts at the next multiple of 4
 * </pre>
 */
final class AttributeWriter {
    static final int HEADER_LENGTH = 4;

    private AttributeWriter() {}

    /** An address by its bits, as {@link io.littlelb.core.model.Cidr} has them; it goes in network order, whatever the machine's. */
    static void putAddress(ByteBuffer request, int type, Family family, long high, long low) {
        if (family == Family.IPV4) {
            begin(request, type, Integer.BYTES);
            putBits(request, low, Integer.BYTES);
        } else {
            begin(request, type, 2 * Long.BYTES);
            putBits(request, high, Long.BYTES);
            putBits(request, low, Long.BYTES);
        }
    }

    private static void putBits(ByteBuffer request, long bits, int count) {
        for (int i = count - 1; i >= 0; i--) {
            request.put((byte) (bits >>> (Byte.SIZE * i)));
        }
    }

    static void putByte(ByteBuffer request, int type, int value) {
        begin(request, type, Byte.BYTES);
        request.put((byte) value);
        pad(request);
    }

    static void putInt(ByteBuffer request, int type, int value) {
        begin(request, type, Integer.BYTES);
        request.putInt(value);
    }

    /** A string with the zero byte at its end that the kernel expects. */
    static void putString(ByteBuffer request, int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        begin(request, type, text.length + 1);
        request.put(text).put((byte) 0);
        pad(request);
    }

    /** An attribute whose value is attributes: whatever {@code content} puts. */
    static void putNested(ByteBuffer request, int type, Runnable content) {
        int start = request.position();
        begin(request, type | Rtnetlink.NLA_F_NESTED, 0);
        content.run();
        request.putShort(start, (short) (request.position() - start));
    }

    /** The header of an attribute whose value of so many bytes, a multiple of 4, is put next. */
    static void begin(ByteBuffer request, int type, int length) {
        request.putShort((short) (HEADER_LENGTH + length));
        request.putShort((short) type);
    }

    private static void pad(ByteBuffer request) {
        while (request.position() % 4 != 0) {
            request.put((byte) 0);
        }
    }
}
