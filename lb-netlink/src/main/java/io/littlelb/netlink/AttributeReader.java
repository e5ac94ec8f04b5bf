package io.littlelb.netlink;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Goes through attributes one by one; the layout is drawn at {@link AttributeWriter}.
 *
 * <p>A fault ends the walk and is kept: read everything, then {@link #check} once. Nothing is ever read outside the buffer.
 */
final class AttributeReader {
    private final ByteBuffer buffer;
    private final int end;
    private int next;
    private int type;
    private int start;
    private int length;
    private String fault = "";

    /** Walks what is in a buffer of the machine's order from an index to its limit; the buffer itself is not moved. */
    AttributeReader(ByteBuffer buffer, int from) {
        this(buffer, from, buffer.limit());
    }

    /** Walks what is between two indices of a buffer of the machine's order. */
    AttributeReader(ByteBuffer buffer, int from, int end) {
        this.buffer = buffer;
        this.next = from;
        this.end = end;
    }

    /** Steps to the next attribute; false at the end, or at a fault. */
    boolean next() {
        int available = end - next;
        if (!fault.isEmpty() || available < AttributeWriter.HEADER_LENGTH) {
            return false; // fewer bytes than a header are padding
        }
        int total = buffer.getShort(next) & 0xffff;
        if (total < AttributeWriter.HEADER_LENGTH || total > available) {
            fault("an attribute of " + total + " bytes in " + available);
            return false;
        }
        type = buffer.getShort(next + Short.BYTES) & Rtnetlink.NLA_TYPE_MASK;
        start = next + AttributeWriter.HEADER_LENGTH;
        length = total - AttributeWriter.HEADER_LENGTH;
        next += Math.min(NetlinkMessage.align(total), available);
        return true;
    }

    /** The type of the current attribute, without its flags. */
    int type() {
        return type;
    }

    /** The value as an unsigned byte. */
    int byteValue() {
        return has(Byte.BYTES) ? buffer.get(start) & 0xff : 0;
    }

    /** The value as a 32-bit number. */
    int intValue() {
        return intValue(0);
    }

    /** The 32-bit number at a place of a value that is an array of them; 0 when the array ends before. */
    int intElement(int index) {
        int offset = index * Integer.BYTES;
        return offset + Integer.BYTES <= length ? buffer.getInt(start + offset) : 0;
    }

    private int intValue(int offset) {
        return has(offset + Integer.BYTES) ? buffer.getInt(start + offset) : 0;
    }

    /** The value as it is. */
    byte[] bytes() {
        byte[] bytes = new byte[length];
        buffer.get(start, bytes);
        return bytes;
    }

    /** The value as text, up to its first zero byte. */
    String string() {
        int end = 0;
        while (end < length && buffer.get(start + end) != 0) {
            end++;
        }
        byte[] text = new byte[end];
        buffer.get(start, text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /** The value as an IPv4 or IPv6 address, by its length. */
    InetAddress address() {
        try {
            return InetAddress.getByAddress(bytes());
        } catch (UnknownHostException e) {
            fault("an address of " + length + " bytes");
            return InetAddress.getLoopbackAddress();
        }
    }

    /** The same; {@code known} itself if that is it, for an address mostly comes twice. */
    InetAddress address(InetAddress known) {
        return isOf(known.getAddress()) ? known : address();
    }

    private boolean isOf(byte[] value) {
        boolean same = length == value.length;
        for (int i = 0; same && i < value.length; i++) {
            same = buffer.get(start + i) == value[i];
        }
        return same;
    }

    /** The attributes that are the value of the current one. */
    AttributeReader nested() {
        return new AttributeReader(buffer, start, start + length);
    }

    /** The value as a buffer of its own. */
    ByteBuffer value() {
        return buffer.slice(start, length).order(ByteOrder.nativeOrder());
    }

    /** Throws the first fault, if there was any. */
    void check() throws NetlinkException {
        if (!fault.isEmpty()) {
            throw NetlinkException.malformed(fault);
        }
    }

    private boolean has(int bytes) {
        if (length < bytes) {
            fault("attribute " + type + " has " + length + " bytes where " + bytes + " are needed");
        }
        return length >= bytes;
    }

    private void fault(String what) {
        if (fault.isEmpty()) {
            fault = what;
        }
    }
}
