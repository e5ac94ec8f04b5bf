package io.littlelb.proxy.tcp;

import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Ending;
import io.littlelb.linux.SocketState;
import jnr.ffi.Pointer;

/**
 * The last phase of a connection of which one side has broken off, or which has come to its end: the other side is still to get what that one had said. Over when
 * its host has acknowledged it all, when it breaks off as well, or when nothing has moved for long. Owned by one event loop.
 *
 * <p>The kernel tells nobody when a send queue has become empty, so it is looked at: soon, and ever less often.
 */
final class Linger implements Phase {
    private static final long FIRST_LOOK_NANOS = 1_000_000;
    private static final long LONGEST_NANOS = 250_000_000;

    private final Connection connection;
    private final Relay relay;
    private final Direction remainder;
    private final End sink;
    private final Ending ending;
    private final long patienceNanos;
    private long movedNanos;
    private long moves;
    private int unacknowledged = Integer.MAX_VALUE;
    private long pauseNanos = FIRST_LOOK_NANOS / 2;

    /**
     * @param relay gives back what it has taken
     * @param remainder what is left
     * @param sink the one that is to get it
     */
    Linger(Connection connection, Relay relay, Direction remainder, End sink, Ending ending) {
        this.connection = connection;
        this.relay = relay;
        this.remainder = remainder;
        this.sink = sink;
        this.ending = ending;
        this.patienceNanos = connection.timeouts.linger().toNanos();
        this.moves = remainder.moves();
        this.movedNanos = connection.loop.clock();
    }

    void begin() {
        deliver();
    }

    @Override
    public void on(End end, int events) {
        relay.note(end, events);
        deliver();
    }

    @Override
    public void onTime() {
        deliver();
    }

    @Override
    public void resume() {
        deliver();
    }

    private void deliver() {
        long now = connection.loop.clock(); // before it is looked, so that no time counts of which nothing is known
        boolean more = remainder.pump();
        remainder.passEndOn();
        if (!isOver(now, connection.home.pipes().copyBuffer())) {
            pauseNanos = Math.min(2 * pauseNanos, LONGEST_NANOS);
            connection.wakeAt(now + pauseNanos);
            connection.goOnLaterIf(more);
        } else if (ending == Ending.CLIENT_CLOSED || ending == Ending.BACKEND_CLOSED) {
            connection.close(ending);
        } else {
            connection.breakOff(ending);
        }
    }

    /**
     * Whether the sink has all that it can get.
     *
     * @param scratch room for an int
     */
    private boolean isOver(long now, Pointer scratch) {
        int left = sink.isBroken() ? 0 : SocketState.unacknowledged(sink.fd, scratch);
        if (left != unacknowledged || moves != remainder.moves()) {
            unacknowledged = left;
            moves = remainder.moves();
            movedNanos = now;
        }
        boolean hasAll = remainder.isOver() && left <= 0;
        return sink.isBroken() || hasAll || now - movedNanos >= patienceNanos;
    }

    @Override
    public void giveBack(boolean broken) {
        relay.giveBack(broken);
    }

    @Override
    public Seen seen() {
        return relay.seen(ConnectionInfo.State.DELIVERING, Math.max(relay.shownNanos(), movedNanos));
    }
}
