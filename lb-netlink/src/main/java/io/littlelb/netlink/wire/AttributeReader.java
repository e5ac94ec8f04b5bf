package io.littlelb.netlink.wire;

import static io.littlelb.netlink.wire.AttributeWriter.HEADER_LENGTH;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads attributes where they lie, in a buffer of the machine's order; the layout is drawn at {@link AttributeWriter}.
 *
 * <p>An attribute goes by the index of its header: from {@link #first} by {@link #next} to {@link #END}. Nothing is made to walk over them, the
 * buffer is not moved, and nothing is read outside of it.
 */
public final class AttributeReader {
    /** Behind the last attribute; no attribute. */
    public static final int END = -1;

    private static final int TYPE_OFFSET = 2;

    private AttributeReader() {}

    /** The attribute that starts at an index, up to the buffer's limit; {@link #END} when there is none any more. */
    public static int first(ByteBuffer buffer, int from) throws NetlinkException {
        int available = buffer.limit() - from;
        if (available < HEADER_LENGTH) {
            return END; // fewer bytes than a header are padding
        }
        int total = total(buffer, from);
        if (total < HEADER_LENGTH || total > available) {
            throw NetlinkException.malformed("an attribute of " + total + " bytes in " + available);
        }
        return from;
    }

    /** The one after it. */
    public static int next(ByteBuffer buffer, int at) throws NetlinkException {
        return first(buffer, Math.min(at + NetlinkMessage.align(total(buffer, at)), buffer.limit()));
    }

    /** The type, without its flags. */
    public static int type(ByteBuffer buffer, int at) {
        return buffer.getShort(at + TYPE_OFFSET) & Netlink.NLA_TYPE_MASK;
    }

    /** The value as an unsigned byte. */
    public static int byteValue(ByteBuffer buffer, int at) throws NetlinkException {
        needs(buffer, at, Byte.BYTES);
        return buffer.get(at + HEADER_LENGTH) & 0xff;
    }

    /** The value as a 32-bit number. */
    public static int intValue(ByteBuffer buffer, int at) throws NetlinkException {
        needs(buffer, at, Integer.BYTES);
        return buffer.getInt(at + HEADER_LENGTH);
    }

    /** The 32-bit number at a place of a value that is an array of them; 0 when the array ends before. */
    public static int intElement(ByteBuffer buffer, int at, int index) {
        int offset = index * Integer.BYTES;
        return offset + Integer.BYTES <= length(buffer, at) ? buffer.getInt(at + HEADER_LENGTH + offset) : 0;
    }

    /** The value as text, up to its first zero byte. */
    public static String string(ByteBuffer buffer, int at) {
        int start = at + HEADER_LENGTH;
        int length = length(buffer, at);
        int end = 0;
        while (end < length && buffer.get(start + end) != 0) {
            end++;
        }
        byte[] text = new byte[end];
        buffer.get(start, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** So many bytes of the value, at most eight, from an offset on, as a number in network order, whatever the machine's. */
    public static long networkOrder(ByteBuffer buffer, int at, int offset, int count) throws NetlinkException {
        needs(buffer, at, offset + count);
        long bits = 0;
        for (int i = 0; i < count; i++) {
            bits = bits << Byte.SIZE | (buffer.get(at + HEADER_LENGTH + offset + i) & 0xff);
        }
        return bits;
    }

    /** Whether two attributes have the same value. */
    public static boolean same(ByteBuffer buffer, int at, int other) {
        int length = length(buffer, at);
        boolean same = length == length(buffer, other);
        for (int i = HEADER_LENGTH; same && i < HEADER_LENGTH + length; i++) {
            same = buffer.get(at + i) == buffer.get(other + i);
        }
        return same;
    }

    /** The value as a buffer of its own; its attributes, if it has some, start at 0. */
    public static ByteBuffer value(ByteBuffer buffer, int at) {
        return buffer.slice(at + HEADER_LENGTH, length(buffer, at)).order(ByteOrder.nativeOrder());
    }

    private static void needs(ByteBuffer buffer, int at, int bytes) throws NetlinkException {
        if (length(buffer, at) < bytes) {
            throw NetlinkException.malformed("attribute " + type(buffer, at) + " has " + length(buffer, at)
                    + " bytes where " + bytes + " are needed");
        }
    }

    /** How many bytes the value has. */
    public static int length(ByteBuffer buffer, int at) {
        return total(buffer, at) - HEADER_LENGTH;
    }

    private static int total(ByteBuffer buffer, int at) {
        return buffer.getShort(at) & 0xffff;
    }
}
