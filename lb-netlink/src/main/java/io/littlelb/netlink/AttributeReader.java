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
    private final ByteBuffer attributes;
    private int type;
    private int start;
    private int length;
    private String fault = "";

    /** Walks what is left of the buffer, which itself is not moved. */
    AttributeReader(ByteBuffer attributes) {
        this.attributes = attributes.duplicate().order(ByteOrder.nativeOrder());
    }

    /** Steps to the next attribute; false at the end, or at a fault. */
    boolean next() {
        int available = attributes.remaining();
        if (!fault.isEmpty() || available < AttributeWriter.HEADER_LENGTH) {
            return false; // fewer bytes than a header are padding
        }
        int at = attributes.position();
        int total = attributes.getShort(at) & 0xffff;
        if (total < AttributeWriter.HEADER_LENGTH || total > available) {
            fault("an attribute of " + total + " bytes in " + available);
            return false;
        }
        type = attributes.getShort(at + Short.BYTES) & Rtnetlink.NLA_TYPE_MASK;
        start = at + AttributeWriter.HEADER_LENGTH;
        length = total - AttributeWriter.HEADER_LENGTH;
        attributes.position(at + Math.min(NetlinkMessage.align(total), available));
        return true;
    }

    /** The type of the current attribute, without its flags. */
    int type() {
        return type;
    }

    /** The value as an unsigned byte. */
    int byteValue() {
        return has(Byte.BYTES) ? attributes.get(start) & 0xff : 0;
    }

    /** The value as a 32-bit number. */
    int intValue() {
        return intValue(0);
    }

    /** The 32-bit number at a place of a value that is an array of them; 0 when the array ends before. */
    int intElement(int index) {
        int offset = index * Integer.BYTES;
        return offset + Integer.BYTES <= length ? attributes.getInt(start + offset) : 0;
    }

    private int intValue(int offset) {
        return has(offset + Integer.BYTES) ? attributes.getInt(start + offset) : 0;
    }

    /** The value as it is. */
    byte[] bytes() {
        byte[] bytes = new byte[length];
        attributes.get(start, bytes);
        return bytes;
    }

    /** The value as text, up to its first zero byte. */
    String string() {
        int end = 0;
        while (end < length && attributes.get(start + end) != 0) {
            end++;
        }
        byte[] text = new byte[end];
        attributes.get(start, text);
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

    /** The attributes that are the value of the current one. */
    AttributeReader nested() {
        return new AttributeReader(value());
    }

    /** The value as a buffer of its own. */
    ByteBuffer value() {
        return attributes.slice(start, length).order(ByteOrder.nativeOrder());
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
