package io.littlelb.netlink.wire;

/**
 * Is shown every message that a socket sends and receives, for a person who looks for a fault. The wire does not know what the messages of a
 * protocol mean; whoever does hands one of these in. Called by the socket's thread.
 */
public interface MessageTrace {
    /** Nobody looks. */
    MessageTrace NONE = new MessageTrace() {
        @Override
        public boolean isEnabled() {
            return false;
        }

        @Override
        public void show(int portId, Direction direction, NetlinkMessage message) {
            throw new IllegalStateException("nobody looks");
        }
    };

    /** Which way a message goes. */
    enum Direction {
        TO_THE_KERNEL,
        FROM_THE_KERNEL
    }

    /** Asked for each datagram; what it holds is taken apart and shown only if somebody looks. */
    boolean isEnabled();

    /**
     * Shows a message.
     *
     * @param portId the socket's
     */
    void show(int portId, Direction direction, NetlinkMessage message);
}
