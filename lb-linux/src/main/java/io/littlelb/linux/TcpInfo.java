package io.littlelb.linux;

import jnr.ffi.Pointer;

/**
 * What the kernel knows of a TCP connection, {@code TCP_INFO} of tcp(7). To be filled in any number of times; for one thread at a time.
 *
 * <pre>
 * struct tcp_info (linux/tcp.h)
 *  0  u8   state          4  u8  backoff
 *  1  u8   ca_state       5  u8  options
 *  2  u8   retransmits    6  u8  window scales
 *  3  u8   probes         7  u8  flags
 *  8  u32  rto, ato, snd_mss, rcv_mss
 * 24  u32  unacked, sacked, lost, retrans, fackets
 * 44  u32  last_data_sent, last_ack_sent, last_data_recv
 * 56  u32  last_ack_recv                     milliseconds
 * 60  u32  pmtu, rcv_ssthresh
 * 68  u32  rtt                               microseconds
 * 72  ...
 * 128 u64  bytes_received                    since Linux 4.1
 * 136 ...
 * </pre>
 */
public final class TcpInfo {
    private static final int LENGTH = 60;
    private static final int RETRANSMITS_OFFSET = 2;
    private static final int PROBES_OFFSET = 3;
    private static final int LAST_ACK_RECV_OFFSET = 56;
    private static final int ROUND_TRIP_OFFSET = 68;
    private static final int ROUND_TRIP_LENGTH = ROUND_TRIP_OFFSET + Integer.BYTES;
    /** What {@link SocketState#roundTripMicros} has need of. */
    public static final int ROUND_TRIP_SCRATCH = ROUND_TRIP_LENGTH + Integer.BYTES;

    private static final int BYTES_RECEIVED_OFFSET = 128;
    private static final int BYTES_RECEIVED_LENGTH = BYTES_RECEIVED_OFFSET + Long.BYTES;
    /** What {@link SocketState#bytesReceived} has need of. */
    public static final int BYTES_RECEIVED_SCRATCH = BYTES_RECEIVED_LENGTH + Integer.BYTES;

    private final Pointer memory = Memory.allocate(LENGTH);
    private final Pointer length = Memory.allocate(Integer.BYTES);

    /** Fills it in from a socket: 0, or a negated errno. */
    public int read(Fd socket) {
        length.putInt(0, LENGTH);
        return Linux.getsockopt(socket, Linux.IPPROTO_TCP, Linux.TCP_INFO, memory, length);
    }

    static int roundTripMicros(Fd socket, Pointer scratch) {
        Pointer length = scratch.slice(ROUND_TRIP_LENGTH, Integer.BYTES);
        length.putInt(0, ROUND_TRIP_LENGTH);
        int result = Linux.getsockopt(socket, Linux.IPPROTO_TCP, Linux.TCP_INFO, scratch, length);
        return result < 0 ? result : scratch.getInt(ROUND_TRIP_OFFSET);
    }

    static long bytesReceived(Fd socket, Pointer scratch) {
        Pointer length = scratch.slice(BYTES_RECEIVED_LENGTH, Integer.BYTES);
        length.putInt(0, BYTES_RECEIVED_LENGTH);
        int result = Linux.getsockopt(socket, Linux.IPPROTO_TCP, Linux.TCP_INFO, scratch, length);
        return result < 0 ? result : scratch.getLong(BYTES_RECEIVED_OFFSET);
    }

    /** How often the peer has been sent the same again, or asked for its window, since it last said anything. */
    public int unanswered() {
        return Math.max(memory.getByte(RETRANSMITS_OFFSET) & 0xff, memory.getByte(PROBES_OFFSET) & 0xff);
    }

    /** How many milliseconds ago the peer last acknowledged anything, be it what it had acknowledged before. */
    public long millisSinceAcknowledgement() {
        return memory.getInt(LAST_ACK_RECV_OFFSET) & 0xffffffffL;
    }
}
