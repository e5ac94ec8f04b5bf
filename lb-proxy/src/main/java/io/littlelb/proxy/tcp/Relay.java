package io.littlelb.proxy.tcp;

import static io.littlelb.proxy.loop.Epoll.has;

import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Ending;
import io.littlelb.linux.Errno;
import io.littlelb.linux.SocketState;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.health.SocketOptions;
import io.littlelb.proxy.loop.Epoll;
import io.littlelb.proxy.loop.EventLoop;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The second phase of a connection: a backend has answered, is told the header, and then bytes are copied both ways until there are no more. */
final class Relay implements Phase {
    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    private final Connection connection;
    private final TcpLoop home;
    private final EventLoop loop;
    private final End client;
    private final End backend;
    private final Asked asked;
    private final Preface header;
    private final Direction toBackend;
    private final Direction toClient;
    private final long idleNanos;
    private final long lastsFromNanos;
    private final int attempt;

    private boolean lasting;
    /** When bytes had last been moved as far as they went; and when there were any, 0 before. */
    private long movedNanos;

    private long shownNanos;
    /** Whether one side has said all, and how it is called if both have. */
    private boolean halfClosed;

    private Ending closed = Ending.CLIENT_CLOSED;

    /**
     * @param asked is closed when the connection ends
     * @param header what the backend is told first
     * @param idleNanos how long no byte may move; 0 for as long as it likes
     */
    Relay(Connection connection, Asked asked, Preface header, long idleNanos, int attempt) {
        this.connection = connection;
        this.home = connection.home;
        this.loop = connection.loop;
        this.client = connection.client;
        this.backend = asked.end;
        this.asked = asked;
        this.header = header;
        this.idleNanos = idleNanos;
        this.attempt = attempt;
        this.toBackend = new Direction(home.pipes(), client, backend);
        this.toClient = new Direction(home.pipes(), backend, client);
        this.movedNanos = loop.clock();
        this.lastsFromNanos = movedNanos + connection.timeouts.lastingAfter().toNanos();
    }

    /** @param urgent whether urgent data has come already */
    void begin(boolean urgent) {
        if (urgent) {
            toBackend.copyFromNowOn();
        }
        setNextTime();
        copy();
    }

    @Override
    public void on(End end, int events) {
        note(end, events);
        copy();
    }

    /** What tells of a failure may not overtake what can still be read. */
    void note(End end, int events) {
        if (has(events, Epoll.EPOLLERR)) {
            end.breakOff();
        }
        if (has(events, Epoll.EPOLLPRI)) {
            (end == client ? toBackend : toClient).copyFromNowOn();
        }
    }

    @Override
    public void resume() {
        copy();
    }

    private void copy() {
        boolean told = header.isSent(home.pipes());
        boolean more = told && toBackend.pump();
        more |= toClient.pump();
        moved();
        if (toBackend.hasEnded() && toClient.hasEnded()) {
            closeOnceDelivered();
        } else if (client.isBroken() && !told) {
            connection.breakOff(
                    Ending.CLIENT_RESET); // a backend that does not know who it is for can make nothing of it
        } else if (client.isBroken() || backend.isBroken()) {
            deliverTheRemainder();
        } else {
            toBackend.passEndOn();
            toClient.passEndOn();
            connection.goOnLaterIf(more);
        }
    }

    private void moved() {
        count();
        movedNanos = idleNanos > 0 ? loop.clock() : loop.now(); // after it was passed on: now an answer is waited for
        if (!halfClosed && (toBackend.sourceHasEnded() || toClient.sourceHasEnded())) {
            halfClosed = true;
            closed = toBackend.sourceHasEnded() ? Ending.CLIENT_CLOSED : Ending.BACKEND_CLOSED;
        }
    }

    private void count() {
        long there = toBackend.takenSinceLastAsked();
        long back = toClient.takenSinceLastAsked();
        if ((there | back) == 0) {
            return;
        }
        shownNanos = loop.now();
        asked.tally.moved(there, back);
        boolean watchBegins = lasting && ((there > 0 && !backend.mayBeSilent) || (back > 0 && !client.mayBeSilent));
        if (watchBegins && connection.isIn(this)) {
            home.silence().begin(there > 0 && !backend.mayBeSilent ? backend : client, loop.clock());
            setNextTime();
        }
    }

    /**
     * Closes both, which says the same to them as to shut them down. But what the client's host has not acknowledged yet would be lost if its Service went now, and
     * the address with it: so long it counts as a connection, which keeps the address.
     */
    private void closeOnceDelivered() {
        if (SocketState.unacknowledged(client.fd, home.pipes().copyBuffer()) <= 0) {
            connection.close(closed);
            return;
        }
        toBackend.passEndOn();
        toClient.passEndOn();
        linger(toClient, client, closed);
    }

    /** Broken off by one side: from now on, all that matters is that the other gets what that one has said. */
    private void deliverTheRemainder() {
        boolean byClient = client.isBroken();
        log.debug("{}: {} broke off", connection, byClient ? "the client" : "the backend");
        if (byClient) {
            linger(toBackend, backend, Ending.CLIENT_RESET);
        } else {
            linger(toClient, client, Ending.BACKEND_RESET);
        }
    }

    private void linger(Direction remainder, End sink, Ending ending) {
        Linger linger = new Linger(connection, this, remainder, sink, ending);
        connection.become(linger);
        linger.begin();
    }

    /** A connection has lasted or was idle for long, or one that was sent something may be silent. */
    @Override
    public void onTime() {
        long now = loop.now();
        if (!lasting && now - lastsFromNanos >= 0) {
            last();
        }
        if (idleNanos > 0 && now - movedNanos >= idleNanos) {
            connection.fail(Ending.IDLE_TIMEOUT, "it was idle too long", Errno.ETIMEDOUT);
        } else if (isSilent(client, now)) {
            connection.fail(Ending.CLIENT_RESET, "the client acknowledges nothing any more,", Errno.ETIMEDOUT);
        } else if (isSilent(backend, now)) {
            connection.fail(Ending.BACKEND_RESET, "the backend acknowledges nothing any more,", Errno.ETIMEDOUT);
        } else {
            setNextTime();
        }
    }

    private boolean isSilent(End end, long now) {
        return end.mayBeSilent && now - end.lookAtNanos >= 0 && home.silence().isSilent(end, now);
    }

    private void last() {
        lasting = true;
        long now = loop.clock();
        home.silence().begin(client, now);
        home.silence().begin(backend, now);
        try {
            SocketOptions.applyLastingTo(backend.fd);
        } catch (SyscallException e) {
            log.debug("{}: a backend that vanishes will be noticed later: {}", connection, e.getMessage());
        }
    }

    private void setNextTime() {
        long now = loop.now();
        long next = Long.MAX_VALUE;
        next = lasting ? next : Math.min(next, lastsFromNanos - now);
        next = idleNanos > 0 ? Math.min(next, movedNanos + idleNanos - now) : next;
        next = client.mayBeSilent ? Math.min(next, client.lookAtNanos - now) : next;
        next = backend.mayBeSilent ? Math.min(next, backend.lookAtNanos - now) : next;
        if (next < Long.MAX_VALUE) {
            connection.wakeAt(now + next);
        }
    }

    @Override
    public void giveBack(boolean broken) {
        try {
            count();
            if (broken) {
                backend.resetOnClose();
            }
            toBackend.discard();
            toClient.discard();
        } finally {
            asked.close();
        }
    }

    @Override
    public Seen seen() {
        ConnectionInfo.State half = closed == Ending.CLIENT_CLOSED
                ? ConnectionInfo.State.CLIENT_HALF_CLOSED
                : ConnectionInfo.State.BACKEND_HALF_CLOSED;
        return seen(halfClosed ? half : ConnectionInfo.State.RELAYING, shownNanos);
    }

    /** When bytes last moved while both sides were there, 0 when none have. */
    long shownNanos() {
        return shownNanos;
    }

    Seen seen(ConnectionInfo.State state, long moved) {
        return new Seen(
                state,
                Optional.of(asked.backend),
                attempt,
                List.of(),
                moved,
                toBackend.takenInAll(),
                toClient.takenInAll());
    }
}
