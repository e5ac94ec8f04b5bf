package io.littlelb.netlink.wire;

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
public final class AttributeWriter {
    static final int HEADER_LENGTH = 4;

    private AttributeWriter() {}

    /** A number of so many bytes, in network order, whatever the machine's; goes behind a header that {@link #begin} made room for it in. */
    public static void putNetworkOrder(ByteBuffer request, long bits, int count) {
        for (int i = count - 1; i >= 0; i--) {
            request.put((byte) (bits >>> (Byte.SIZE * i)));
        }
    }

    public static void putByte(ByteBuffer request, int type, int value) {
        begin(request, type, Byte.BYTES);
        request.put((byte) value);
        pad(request);
    }

    public static void putInt(ByteBuffer request, int type, int value) {
        begin(request, type, Integer.BYTES);
        request.putInt(value);
    }

    /** A string with the zero byte at its end that the kernel expects. */
    public static void putString(ByteBuffer request, int type, String value) {
        byte[] text = value.getBytes(StandardCharsets.UTF_8);
        begin(request, type, text.length + 1);
        request.put(text).put((byte) 0);
        pad(request);
    }

    /** An attribute whose value is attributes: whatever {@code content} puts. */
    public static void putNested(ByteBuffer request, int type, Runnable content) {
        int start = request.position();
        begin(request, type | Netlink.NLA_F_NESTED, 0);
        content.run();
        request.putShort(start, (short) (request.position() - start));
    }

    /** The header of an attribute whose value of so many bytes, a multiple of 4, is put next. */
    public static void begin(ByteBuffer request, int type, int length) {
        request.putShort((short) (HEADER_LENGTH + length));
        request.putShort((short) type);
    }

    private static void pad(ByteBuffer request) {
        while (request.position() % 4 != 0) {
            request.put((byte) 0);
        }
    }
}
