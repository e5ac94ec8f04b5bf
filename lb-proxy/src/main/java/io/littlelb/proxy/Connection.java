package io.littlelb.proxy;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.Deadlines.Deadline;
import jnr.ffi.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client and one backend: dials, relays both ways, and closes as TCP asks for. Owned by one event loop.
 *
 * <p>The end of one direction is passed on as such (half-close) and the other goes on; a broken one resets both, so that
 * neither side takes a loss for an end.
 */
final class Connection extends EventLoop.Client {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);
    /** How often one connection may move bytes before others have their turn. */
    private static final int ROUNDS = 16;

    private static final int INTEREST =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLPRI | Epoll.EPOLLET;

    private final EventLoop loop;
    private final ProxyConfig config;
    private final OpenFrontend frontend;
    private final Place place;
    private final Backends backends;
    private final int first;
    private final byte[] header;
    private final long idleNanos;
    private final End client;
    private final long startedNanos = System.nanoTime();
    private final long lastsFromNanos;
    private final Deadline deadline = new Deadline(this::onTime);

    private State state = State.DIALING;
    private int tried;
    private boolean urgentClient;
    private boolean lasting;
    private long lastEventNanos = startedNanos;
    /** Whether the loop will call {@link #relayAgain}: once is enough, whatever happens in between. */
    private boolean waitsForItsTurn;

    private Backend target;
    private BackendTally tally;
    private long dialledNanos;
    private End backend;
    private Direction toBackend;
    private Direction toClient;

    /**
     * @param first the position of the backend to begin with; on refusal the next ones follow
     * @param header what the backend is told before anything else
     */
    Connection(
            EventLoop loop,
            ProxyConfig config,
            OpenFrontend frontend,
            FrontendConfig now,
            Place place,
            int first,
            byte[] header,
            Fd client) {
        this.loop = loop;
        this.config = config;
        this.frontend = frontend;
        this.place = place;
        this.backends = now.backends();
        this.first = first;
        this.header = header;
        this.idleNanos =
                now.traffic().idleTimeout().orElse(config.idleTimeout()).toNanos();
        this.lastsFromNanos = startedNanos + config.lastingAfter().toNanos();
        this.client = new End(client);
    }

    private enum State {
        DIALING,
        RELAYING,
        CLOSED
    }

    /** One of the two sockets, and what is known of it: readiness is remembered until it proves used up. */
    private final class End implements EventLoop.Ready {
        final Fd fd;
        int token = EventLoop.NOT_WATCHED;
        boolean readable;
        boolean writable;
        /** Its end, or its failure, has been seen: a short read is no sign that nothing follows. */
        boolean ending;

        End(Fd fd) {
            this.fd = fd;
        }

        @Override
        public void on(int events) {
            onEvents(this, events);
        }
    }

    /** One way of the two. */
    private static final class Direction {
        final End source;
        final End sink;
        final SplicePipe pipe;
        boolean sourceEnded;
        boolean done;

        Direction(PipePool pool, End source, End sink) {
            this.source = source;
            this.sink = sink;
            this.pipe = new SplicePipe(pool, source.fd, sink.fd);
        }
    }

    @Override
    OpenFrontend frontend() {
        return frontend;
    }

    /** Begins; to be called once, on the loop's thread. */
    void start() {
        loop.began(this);
        try {
            client.token = loop.watch(client.fd, INTEREST, client);
        } catch (SyscallException e) {
            fail(Ending.SHORTAGE, "cannot watch the client", e.errno());
            return;
        }
        dial();
    }

    /**
     * Tries backends until one may answer: first those that do not rest, from the chosen one on; then, rather than give up, those
     * that do.
     */
    private void dial() {
        long ends = startedNanos + config.dialTimeout().toNanos();
        while (state == State.DIALING && tried < 2 * backends.size() && System.nanoTime() - ends < 0) {
            boolean lastResort = tried >= backends.size();
            target = backends.at((first + tried++) % backends.size());
            boolean passedOver = lastResort
                    ? frontend.health.hasFailedSince(target, startedNanos)
                    : frontend.health.isResting(target);
            try {
                if (!passedOver && dialTarget(ends)) {
                    return;
                }
            } catch (SyscallException ownShortage) {
                fail(Ending.SHORTAGE, "cannot dial " + target, ownShortage.errno());
            }
        }
        if (state == State.DIALING) {
            fail(Ending.NO_BACKEND, "no backend answers", Errno.ECONNREFUSED);
        }
    }

    /** Whether the backend may still answer. */
    private boolean dialTarget(long ends) throws SyscallException {
        SockAddr address = loop.dialled().set(target.ip(), target.port());
        Fd fd = Linux.socket(address.family(), Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK, 0);
        backend = new End(fd);
        tally = frontend.tally(target);
        tally.dialled();
        SocketOptions.applyTo(fd);
        dialledNanos = System.nanoTime();
        int result = Linux.connect(fd, address);
        boolean ownShortage = result == -Errno.EADDRNOTAVAIL;
        if (ownShortage) {
            throw new SyscallException("connect", address.toString(), -result);
        }
        if (result != 0 && result != -Errno.EINPROGRESS) {
            targetFailed(Errno.describe(-result));
            return false;
        }
        backend.token = loop.watch(fd, INTEREST, backend);
        long answers = dialledNanos + config.connectTimeout().toNanos();
        loop.set(deadline, answers - ends < 0 ? answers : ends);
        return true;
    }

    private void targetFailed(String error) {
        log.debug("{}: backend {}: {}", frontend, target, error);
        frontend.health.failed(target, error);
        tally.failed();
        close(backend);
        tally.ended();
        tally = null;
    }

    /** A backend has not answered in time, or a connection has lasted or rested for long. */
    private void onTime() {
        if (state == State.DIALING) {
            targetFailed("did not answer in time");
            dial();
            return;
        }
        if (!lasting && loop.now() - lastsFromNanos >= 0) {
            last();
        }
        long rested = loop.now() - lastEventNanos;
        if (idleNanos > 0 && rested >= idleNanos) {
            fail(Ending.IDLE, "it rested too long", Errno.ETIMEDOUT);
        } else {
            setNextTime();
        }
    }

    private void last() {
        lasting = true;
        try {
            SocketOptions.applyLastingTo(backend.fd);
        } catch (SyscallException e) {
            log.debug("{}: a backend that vanishes will be noticed later: {}", frontend, e.getMessage());
        }
    }

    private void setNextTime() {
        boolean rests = idleNanos > 0;
        long idle = lastEventNanos + idleNanos;
        if (rests && (lasting || idle - lastsFromNanos < 0)) {
            loop.set(deadline, idle);
        } else if (!lasting) {
            loop.set(deadline, lastsFromNanos);
        }
    }

    private static boolean has(int events, int wanted) {
        return (events & wanted) != 0;
    }

    private void onEvents(End end, int events) {
        if (state == State.CLOSED) {
            return;
        }
        lastEventNanos = loop.now();
        end.readable |= has(events, Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLPRI);
        end.writable |= has(events, Epoll.EPOLLOUT);
        end.ending |= has(events, Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR);
        if (state == State.DIALING) {
            whileDialing(end, events);
            return;
        }
        if (has(events, Epoll.EPOLLERR)) {
            fail(
                    end == client ? Ending.CLIENT_BROKE_OFF : Ending.BACKEND_BROKE_OFF,
                    "a side broke off",
                    Errno.ECONNRESET);
            return;
        }
        if (has(events, Epoll.EPOLLPRI)) {
            (end == client ? toBackend : toClient).pipe.copyFromNowOn();
        }
        relay();
    }

    private void whileDialing(End end, int events) {
        if (end == client) {
            if (has(events, Epoll.EPOLLERR)) {
                fail(Ending.CLIENT_BROKE_OFF, "the client broke off", Errno.ECONNRESET);
            }
            urgentClient |= has(events, Epoll.EPOLLPRI);
            return;
        }
        if (!has(events, Epoll.EPOLLOUT | Epoll.EPOLLERR | Epoll.EPOLLHUP)) {
            return;
        }
        loop.cancel(deadline);
        int error = has(events, Epoll.EPOLLERR | Epoll.EPOLLHUP) ? Linux.socketError(backend.fd) : 0;
        if (error != 0) {
            targetFailed(Errno.describe(error));
            dial();
            return;
        }
        connected();
    }

    private void connected() {
        state = State.RELAYING;
        frontend.health.answered(target);
        tally.connected(loop.now() - dialledNanos);
        toBackend = new Direction(loop.pipes(), client, backend);
        toClient = new Direction(loop.pipes(), backend, client);
        if (urgentClient) {
            toBackend.pipe.copyFromNowOn();
        }
        setNextTime();
        if (header.length == 0 || tell(header)) {
            relay();
        }
    }

    /** A socket that has just been connected has room for a header. */
    private boolean tell(byte[] bytes) {
        Pointer buffer = loop.pipes().copyBuffer();
        buffer.put(0, bytes, 0, bytes.length);
        long sent = Linux.send(backend.fd, buffer, bytes.length, 0);
        if (sent != bytes.length) {
            fail(Ending.BACKEND_BROKE_OFF, "cannot tell who the client is", sent < 0 ? (int) -sent : Errno.EAGAIN);
        }
        return sent == bytes.length;
    }

    /** Goes on, now that others have had their turn. */
    void relayAgain() {
        waitsForItsTurn = false;
        relay();
    }

    private void relay() {
        if (state != State.RELAYING) {
            return; // it ended while it waited for its turn
        }
        boolean more = pump(toBackend);
        more |= state == State.RELAYING && pump(toClient);
        count();
        if (state != State.RELAYING) {
            return;
        }
        if (toBackend.done && toClient.done) {
            close(Ending.COMPLETE);
        } else if (more && !waitsForItsTurn) {
            waitsForItsTurn = true;
            loop.later(this);
        }
    }

    private void count() {
        long there = toBackend.pipe.takenSinceLastAsked();
        long back = toClient.pipe.takenSinceLastAsked();
        if (tally != null && (there | back) != 0) {
            tally.moved(there, back);
        }
    }

    /** Moves bytes one way until one side has to wait; returns whether it stopped only because it was others' turn. */
    private boolean pump(Direction direction) {
        for (int round = 0; round < ROUNDS; round++) {
            if (direction.done || !advance(direction)) {
                return false;
            }
        }
        return true;
    }

    /** One move; false when there is nothing to do until the next event. */
    private boolean advance(Direction direction) {
        if (!direction.pipe.isEmpty()) {
            return direction.sink.writable && flush(direction);
        }
        if (direction.sourceEnded) {
            direction.done = true;
            boolean otherGoesOn = !toBackend.done || !toClient.done;
            if (otherGoesOn) { // otherwise the sockets are closed at once, which says the same
                Linux.shutdown(direction.sink.fd, Linux.SHUT_WR); // a side that is gone already shows as an error
            }
            return false;
        }
        return direction.source.readable && fill(direction);
    }

    private boolean flush(Direction direction) {
        switch (direction.pipe.flush()) {
            case MOVED -> {
                return true;
            }
            case WOULD_BLOCK -> direction.sink.writable = false;
            case END_OF_STREAM, FAILED -> broken(direction);
        }
        return false;
    }

    private boolean fill(Direction direction) {
        switch (direction.pipe.fill()) {
            case MOVED -> {
                boolean drained = direction.pipe.hasDrainedTheSource() && !direction.source.ending;
                direction.source.readable = !drained;
                return true;
            }
            case WOULD_BLOCK -> {
                direction.source.readable = false;
                return false;
            }
            case END_OF_STREAM -> {
                direction.sourceEnded = true;
                return true;
            }
            case FAILED -> broken(direction);
        }
        return false;
    }

    private void broken(Direction direction) {
        End end = direction.pipe.isSinkBroken() ? direction.sink : direction.source;
        fail(
                end == client ? Ending.CLIENT_BROKE_OFF : Ending.BACKEND_BROKE_OFF,
                "a side broke off",
                direction.pipe.errno());
    }

    private void fail(Ending ending, String what, int errno) {
        log.debug("{}: {}: {}", frontend, what, Errno.describe(errno));
        breakOff(ending);
    }

    /** Breaks off both sides, so that each knows that the stream did not end but was lost. */
    @Override
    void breakOff(Ending ending) {
        resetOnClose(client);
        resetOnClose(backend);
        close(ending);
    }

    private void resetOnClose(End end) {
        if (end == null || !end.fd.isOpen()) {
            return;
        }
        try {
            Linux.resetOnClose(end.fd);
        } catch (SyscallException e) {
            log.debug("A connection is closed instead of reset: {}", e.getMessage());
        }
    }

    private void close(Ending ending) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        loop.cancel(deadline);
        if (toBackend != null) {
            count();
            toBackend.pipe.discard();
            toClient.pipe.discard();
        }
        close(client);
        close(backend);
        if (tally != null) {
            tally.ended();
        }
        loop.ended(this);
        place.leave();
        frontend.connectionEnded(ending);
    }

    private void close(End end) {
        if (end != null && end.fd.isOpen()) {
            loop.close(end.fd, end.token);
        }
    }
}
