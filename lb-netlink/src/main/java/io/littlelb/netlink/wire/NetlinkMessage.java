package io.littlelb.netlink.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * One message as it came, {@code struct nlmsghdr} of {@code linux/netlink.h} and what follows it.
 *
 * <pre>
 *  0  u32  nlmsg_len     the whole message, header included
 *  4  u16  nlmsg_type
 *  6  u16  nlmsg_flags
 *  8  u32  nlmsg_seq
 * 12  u32  nlmsg_pid     the port id of the socket it is for
 * 16  payload; the next message starts at the next multiple of 4
 * </pre>
 *
 * @param payload everything after the header, in the machine's byte order
 */
public record NetlinkMessage(int type, int flags, int sequence, int portId, ByteBuffer payload) {
    public static final int HEADER_LENGTH = 16;
    private static final int LENGTH_OFFSET = 0;
    private static final int TYPE_OFFSET = 4;
    private static final int FLAGS_OFFSET = 6;
    private static final int SEQUENCE_OFFSET = 8;
    private static final int PORT_ID_OFFSET = 12;
    private static final int ALIGNMENT = 4;

    /** {@code NLMSG_ALIGN(len)}: {@code (len + NLMSG_ALIGNTO - 1) & ~(NLMSG_ALIGNTO - 1)}. */
    public static int align(int length) {
        return (length + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Takes the next message off a datagram; it shares the datagram's memory. */
    public static NetlinkMessage next(ByteBuffer datagram) throws NetlinkException {
        int start = datagram.position();
        int available = datagram.remaining();
        if (available < HEADER_LENGTH) {
            throw NetlinkException.malformed(available + " bytes are left where a header needs " + HEADER_LENGTH);
        }
        int length = datagram.getInt(start + LENGTH_OFFSET);
        if (length < HEADER_LENGTH || length > available) {
            throw NetlinkException.malformed(
                    "a length of " + Integer.toUnsignedString(length) + " in " + available + " bytes");
        }
        ByteBuffer payload =
                datagram.slice(start + HEADER_LENGTH, length - HEADER_LENGTH).order(ByteOrder.nativeOrder());
        datagram.position(start + Math.min(align(length), available));
        return new NetlinkMessage(
                datagram.getShort(start + TYPE_OFFSET) & 0xffff,
                datagram.getShort(start + FLAGS_OFFSET) & 0xffff,
                datagram.getInt(start + SEQUENCE_OFFSET),
                datagram.getInt(start + PORT_ID_OFFSET),
                payload);
    }

    /** Appends a request to a buffer of the machine's order. */
    public static void append(ByteBuffer requests, int type, int flags, int sequence, Consumer<ByteBuffer> payload) {
        int start = requests.position();
        requests.putInt(0); // the length, known at the end
        requests.putShort((short) type);
        requests.putShort((short) flags);
        requests.putInt(sequence);
        requests.putInt(0); // the kernel puts our port id there
        payload.accept(requests);
        requests.putInt(start + LENGTH_OFFSET, requests.position() - start);
    }
}
