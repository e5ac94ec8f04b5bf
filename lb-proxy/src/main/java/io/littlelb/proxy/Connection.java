package io.littlelb.proxy;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client and one backend: dials, relays both ways, and closes as TCP asks for. Owned by one event loop.
 *
 * <p>The end of one direction is passed on as such (half-close) and the other goes on; a broken one resets both, so that
 * neither side takes a loss for an end.
 */
final class Connection {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);
    /** How often one connection may move bytes before others have their turn. */
    private static final int ROUNDS = 16;

    private static final int INTEREST =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLPRI | Epoll.EPOLLET;

    private final EventLoop loop;
    private final ProxyConfig config;
    private final OpenFrontend frontend;
    private final Backends backends;
    private final int first;
    private final End client;
    private final long dialEndsNanos;

    private State state = State.DIALING;
    private int tried;
    private boolean urgentClient;
    /** Whether the loop will call {@link #relayAgain}: once is enough, whatever happens in between. */
    private boolean waitsForItsTurn;

    private End backend;
    private Direction toBackend;
    private Direction toClient;
    private Deadlines.Deadline connectDeadline;

    /**
     * @param first the position of the backend to begin with; on refusal the next ones follow
     */
    Connection(EventLoop loop, ProxyConfig config, OpenFrontend frontend, Backends backends, int first, Fd client) {
        this.loop = loop;
        this.config = config;
        this.frontend = frontend;
        this.backends = backends;
        this.first = first;
        this.client = new End(client);
        this.dialEndsNanos = System.nanoTime() + config.dialTimeout().toNanos();
    }

    private enum State {
        DIALING,
        RELAYING,
        CLOSED
    }

    /** One of the two sockets, and what is known of it: readiness is remembered until it proves used up. */
    private static final class End {
        final Fd fd;
        int token = -1;
        boolean readable;
        boolean writable;
        /** Its end, or its failure, has been seen: a short read is no sign that nothing follows. */
        boolean ending;

        End(Fd fd) {
            this.fd = fd;
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

    OpenFrontend frontend() {
        return frontend;
    }

    /** Begins; to be called once, on the loop's thread. */
    void start() {
        loop.connections().add(this);
        try {
            client.token = loop.watch(client.fd, INTEREST, events -> onEvents(client, events));
        } catch (SyscallException e) {
            fail("cannot watch the client", e.errno());
            return;
        }
        dial();
    }

    private void dial() {
        while (state == State.DIALING && tried < backends.size() && System.nanoTime() - dialEndsNanos < 0) {
            Backend target = backends.at((first + tried++) % backends.size());
            try {
                if (dial(target)) {
                    return;
                }
            } catch (SyscallException ownShortage) {
                fail("cannot dial " + target, ownShortage.errno());
            }
        }
        if (state == State.DIALING) {
            fail("no backend answers", Errno.ECONNREFUSED);
        }
    }

    /** Whether the backend may still answer. */
    private boolean dial(Backend target) throws SyscallException {
        SockAddr address = loop.dialled().set(target.ip(), target.port());
        Fd fd = Linux.socket(address.family(), Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK, 0);
        backend = new End(fd);
        try {
            SocketOptions.applyTo(fd);
            int result = Linux.connect(fd, address);
            boolean ownShortage = result == -Errno.EADDRNOTAVAIL;
            if (ownShortage) {
                throw new SyscallException("connect", address.toString(), -result);
            }
            if (result != 0 && result != -Errno.EINPROGRESS) {
                log.debug("{}: backend {} refused: {}", frontend, target, Errno.describe(-result));
                fd.close();
                return false;
            }
            End dialled = backend;
            backend.token = loop.watch(fd, INTEREST, events -> onEvents(dialled, events));
        } catch (SyscallException e) {
            fd.close();
            throw e;
        }
        long deadline = System.nanoTime() + config.connectTimeout().toNanos();
        connectDeadline = loop.at(deadline - dialEndsNanos < 0 ? deadline : dialEndsNanos, () -> {
            log.debug("{}: backend {} did not answer in time", frontend, target);
            dialNext();
        });
        return true;
    }

    private void dialNext() {
        close(backend);
        dial();
    }

    private static boolean has(int events, int wanted) {
        return (events & wanted) != 0;
    }

    private void onEvents(End end, int events) {
        if (state == State.CLOSED) {
            return;
        }
        end.readable |= has(events, Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLPRI);
        end.writable |= has(events, Epoll.EPOLLOUT);
        end.ending |= has(events, Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR);
        if (state == State.DIALING) {
            whileDialing(end, events);
            return;
        }
        if (has(events, Epoll.EPOLLERR)) {
            fail("a side broke off", Errno.ECONNRESET);
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
                fail("the client broke off", Errno.ECONNRESET);
            }
            urgentClient |= has(events, Epoll.EPOLLPRI);
            return;
        }
        if (!has(events, Epoll.EPOLLOUT | Epoll.EPOLLERR | Epoll.EPOLLHUP)) {
            return;
        }
        connectDeadline.cancel();
        int error = has(events, Epoll.EPOLLERR | Epoll.EPOLLHUP) ? connectError() : 0;
        if (error != 0) {
            log.debug("{}: a backend refused: {}", frontend, Errno.describe(error));
            dialNext();
            return;
        }
        state = State.RELAYING;
        toBackend = new Direction(loop.pipes(), client, backend);
        toClient = new Direction(loop.pipes(), backend, client);
        if (urgentClient) {
            toBackend.pipe.copyFromNowOn();
        }
        relay();
    }

    private int connectError() {
        try {
            return Linux.getsockopt(backend.fd, Linux.SOL_SOCKET, Linux.SO_ERROR);
        } catch (SyscallException e) {
            return e.errno();
        }
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
        if (state != State.RELAYING) {
            return;
        }
        if (toBackend.done && toClient.done) {
            close();
        } else if (more && !waitsForItsTurn) {
            waitsForItsTurn = true;
            loop.later(this);
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
            case END_OF_STREAM, FAILED -> fail("cannot write", direction.pipe.errno());
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
            case FAILED -> fail("cannot read", direction.pipe.errno());
        }
        return false;
    }

    private void fail(String what, int errno) {
        log.debug("{}: {}: {}", frontend, what, Errno.describe(errno));
        reset();
    }

    /** Breaks off both sides, so that each knows that the stream did not end but was lost. */
    void reset() {
        resetOnClose(client);
        resetOnClose(backend);
        close();
    }

    private static void resetOnClose(End end) {
        if (end == null || !end.fd.isOpen()) {
            return;
        }
        try {
            Linux.resetOnClose(end.fd);
        } catch (SyscallException e) {
            log.debug("A connection is closed instead of reset: {}", e.getMessage());
        }
    }

    private void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (connectDeadline != null) {
            connectDeadline.cancel();
        }
        if (toBackend != null) {
            toBackend.pipe.discard();
            toClient.pipe.discard();
        }
        close(client);
        close(backend);
        loop.connections().remove(this);
        loop.load().decrementAndGet();
        frontend.connectionEnded();
    }

    private void close(End end) {
        if (end != null && end.fd.isOpen()) {
            if (end.token >= 0) {
                loop.forget(end.token);
            }
            end.fd.close();
        }
    }
}
