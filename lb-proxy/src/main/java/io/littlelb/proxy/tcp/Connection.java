package io.littlelb.proxy.tcp;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.BackendTally;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.frontend.Place;
import io.littlelb.proxy.health.Dialler;
import io.littlelb.proxy.health.SocketOptions;
import io.littlelb.proxy.loop.Deadlines;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import io.littlelb.proxy.loop.Epoll;
import io.littlelb.proxy.loop.EventLoop;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client and one backend: dials, relays both ways, and closes as TCP asks for. Owned by one event loop.
 *
 * <p>The end of one direction is passed on as such (half-close) and the other goes on; when a side breaks off, so is the other, so that
 * neither takes a loss for an end. It is once it has all that the first one had said before: our kernel has acknowledged it, so nobody else has it any
 * more, and what tells of a reset overtakes what came before it, here as well as in the send queue of a socket that is reset.
 */
final class Connection extends Client implements Deadlines.Due {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    private static final int INTEREST =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLPRI | Epoll.EPOLLET;

    private static final byte[] NO_HEADER = {};

    /** How long one is waited for that has never answered before, while there are others. */
    private static final long IMPATIENCE_NANOS = 250_000_000;
    /** How many are not waited for: whoever takes longer for any answer is reached all the same. */
    private static final int MOST_HASTY = 3;
    /** Of more than so many, the next would be no better than any. */
    private static final int FEW_BACKENDS = 16;

    private final TcpLoop home;
    private final EventLoop loop;
    private final Timeouts timeouts;
    private final OpenFrontend frontend;
    private final Place place;
    private final Backends backends;
    private final ProxyProtocol proxyProtocol;
    private final Consumer<Backend> moved;
    private final long idleNanos;
    private final End client;
    private final long startedNanos = System.nanoTime();
    private final long lastsFromNanos;
    private final Deadline deadline = new Deadline(this);

    private State state = State.DIALING;
    private Ending ending = Ending.COMPLETE;
    private int first;
    private int tried;
    /** Whether it went to one that had answered others, out of turn. */
    private boolean turnedAway;

    /** How many were asked in haste, and whether the last one was. */
    private int hasty;

    private boolean isHasty;

    private boolean portsUsedUp;
    private boolean urgentClient;
    private boolean lasting;
    /** When bytes had last been moved as far as they went; kept where it matters. */
    private long lastMovedNanos = startedNanos;
    /** Whether the loop will call {@link #resume}: once is enough, whatever happens in between. */
    private boolean waitsForItsTurn;

    private Backend target;
    private BackendTally tally;
    private long dialledNanos;
    private End backend;
    private Direction toBackend;
    private Direction toClient;
    private Linger linger;
    private Preface preface;
    private byte[] header;

    /**
     * @param first the position of the backend to begin with; on refusal the next ones follow
     * @param header what the backend is told before anything else
     * @param moved is told on this loop's thread which backend has answered, if it is not the first
     * @param heard how many bytes a proxy before us has said of the client, and were taken
     */
    Connection(
            TcpLoop home,
            Timeouts timeouts,
            OpenFrontend frontend,
            FrontendConfig now,
            Place place,
            int first,
            byte[] header,
            Consumer<Backend> moved,
            Fd client,
            int heard) {
        this.home = home;
        this.loop = home.events();
        this.timeouts = timeouts;
        this.frontend = frontend;
        this.place = place;
        this.backends = now.backends();
        this.first = first;
        this.header = header;
        this.proxyProtocol = now.traffic().proxyProtocol();
        this.moved = moved;
        this.idleNanos = now.traffic().idleTimeout().orElse(timeouts.idle()).toNanos();
        this.lastsFromNanos = startedNanos + timeouts.lastingAfter().toNanos();
        this.client = new End(client, this, heard);
    }

    private enum State {
        DIALING,
        RELAYING,
        /** One side has broken off, or both have come to their end, and the other, or the client, has not got all of it yet. */
        LINGERING,
        CLOSED
    }

    @Override
    public OpenFrontend frontend() {
        return frontend;
    }

    /** Begins; to be called once, on the loop's thread. */
    void start() {
        loop.began(this);
        try {
            client.token = loop.watch(client.fd, INTEREST, client);
        } catch (SyscallException e) {
            shortage("cannot watch a client", e.errno());
            return;
        }
        dial();
    }

    /** Never begins: the loop that it was meant for takes nothing more. From any thread. */
    void refuse() {
        state = State.CLOSED;
        client.fd.close();
        loop.load().decrementAndGet();
        place.leave();
        frontend.connectionEnded(Ending.DRAINED);
    }

    /**
     * Tries backends until one may answer: first those that do not rest, from the chosen one on; then, rather than give up, those
     * that do.
     */
    private void dial() {
        while (state == State.DIALING && tried < 2 * backends.size()) {
            boolean lastResort = tried >= backends.size();
            target = backends.at((first + tried++) % backends.size());
            if (!isPassedOver(lastResort) && dialTarget()) {
                return;
            }
        }
        if (state == State.DIALING) {
            nobodyAnswers();
        }
    }

    /** It has waited long enough for one of which nothing was known: where most do not answer, the next would hardly be another. */
    private boolean dialOneThatAnswers() {
        Optional<Backend> known =
                frontend.answerers.next(backend -> !frontend.health.isResting(backend) && backends.contains(backend));
        known.ifPresent(backend -> target = backend);
        if (known.isEmpty() && backends.size() > FEW_BACKENDS) {
            first = frontend.answerers.elsewhere(backends.size());
        }
        turnedAway = known.isPresent();
        return known.isPresent() && dialTarget();
    }

    private boolean isPassedOver(boolean lastResort) {
        boolean rests = frontend.health.isResting(target);
        boolean asked = frontend.health.hasFailedSince(target, startedNanos) || (portsUsedUp && !rests);
        return lastResort ? asked : rests;
    }

    private void nobodyAnswers() {
        if (portsUsedUp) {
            frontend.shortages.portsUsedUp(target);
            fail(Ending.SHORTAGE, "no local port is left", Errno.EADDRNOTAVAIL);
        } else {
            fail(Ending.NO_BACKEND, "no backend answers", Errno.ECONNREFUSED);
        }
    }

    /** Whether the backend may still answer. */
    private boolean dialTarget() {
        Dialler.Attempt attempt = home.dialler().dial(target);
        if (attempt.errno() == Errno.EMFILE && home.pipes().giveUpIdle()) {
            attempt = home.dialler().dial(target); // a connection is worth more than a pipe that waits for one
        }
        switch (attempt.outcome()) {
            case UNDER_WAY -> {
                return await(attempt.socket().orElseThrow());
            }
            case UNREACHABLE -> {
                tally = frontend.tally(target);
                tally.dialled();
                targetFailed(Errno.describe(attempt.errno()));
            }
            case NO_PORT -> {
                portsUsedUp = true;
                log.debug("{}: no local port is left towards {}", frontend, target);
            }
            case SHORTAGE -> shortage("cannot dial " + target, attempt.errno());
        }
        return false;
    }

    private boolean await(Fd socket) {
        backend = new End(socket, this, 0);
        tally = frontend.tally(target);
        tally.dialled();
        dialledNanos = System.nanoTime(); // after it was asked: what it may take does not begin before
        try {
            backend.token = loop.watch(socket, INTEREST, backend);
        } catch (SyscallException e) {
            shortage("cannot watch a backend", e.errno());
            return false;
        }
        long ends = startedNanos + timeouts.dial().toNanos();
        long answers = dialledNanos + patienceNanos();
        boolean isCut = answers - ends > 0 && ends - dialledNanos > 0;
        loop.set(deadline, isCut ? ends : answers);
        return true;
    }

    private long patienceNanos() {
        long most = timeouts.connect().toNanos();
        isHasty = most > IMPATIENCE_NANOS && hasty < Math.min(MOST_HASTY, backends.size() - 1) && !tally.hasAnswered();
        hasty += isHasty ? 1 : 0;
        return isHasty ? IMPATIENCE_NANOS : most;
    }

    /** Whether it rests is found out without this client. */
    private void targetDoubted() {
        frontend.health.doubted(target, proxyProtocol);
        close(backend);
        tally.ended();
        tally = null;
    }

    private void targetFailed(String error) {
        log.debug("{}: backend {}: {}", frontend, target, error);
        frontend.health.failed(target, error, proxyProtocol);
        tally.failed();
        close(backend);
        tally.ended();
        tally = null;
    }

    /** A backend has not answered in time, a connection has lasted or rested for long, or one that has broken off is to be looked at. */
    @Override
    public void onTime() {
        switch (state) {
            case DIALING -> {
                if (isHasty) {
                    targetDoubted();
                } else {
                    targetFailed("did not answer in time");
                }
                boolean all = loop.now() - startedNanos >= timeouts.dial().toNanos();
                tried = all ? 2 * backends.size() : tried;
                if (all || !dialOneThatAnswers()) {
                    dial();
                }
            }
            case RELAYING -> whileRelaying(loop.now());
            case LINGERING -> linger();
            case CLOSED -> log.debug("{}: a deadline of one that has ended", frontend);
        }
    }

    private void whileRelaying(long now) {
        if (!lasting && now - lastsFromNanos >= 0) {
            last();
        }
        if (idleNanos > 0 && now - lastMovedNanos >= idleNanos) {
            fail(Ending.IDLE, "it rested too long", Errno.ETIMEDOUT);
        } else if (isSilent(client, now)) {
            fail(Ending.CLIENT_BROKE_OFF, "the client acknowledges nothing", Errno.ETIMEDOUT);
        } else if (isSilent(backend, now)) {
            fail(Ending.BACKEND_BROKE_OFF, "the backend acknowledges nothing", Errno.ETIMEDOUT);
        } else {
            setNextTime();
        }
    }

    private boolean isSilent(End end, long now) {
        return end.mayBeSilent && now - end.lookAtNanos >= 0 && home.silence().isSilent(end, now);
    }

    private void last() {
        lasting = true;
        long now = System.nanoTime();
        home.silence().begin(client, now);
        home.silence().begin(backend, now);
        try {
            SocketOptions.applyLastingTo(backend.fd);
        } catch (SyscallException e) {
            log.debug("{}: a backend that vanishes will be noticed later: {}", frontend, e.getMessage());
        }
    }

    private void setNextTime() {
        long now = loop.now();
        long next = Long.MAX_VALUE;
        next = lasting ? next : Math.min(next, lastsFromNanos - now);
        next = idleNanos > 0 ? Math.min(next, lastMovedNanos + idleNanos - now) : next;
        next = client.mayBeSilent ? Math.min(next, client.lookAtNanos - now) : next;
        next = backend.mayBeSilent ? Math.min(next, backend.lookAtNanos - now) : next;
        if (next < Long.MAX_VALUE) {
            loop.set(deadline, now + next);
        }
    }

    private static boolean has(int events, int wanted) {
        return (events & wanted) != 0;
    }

    /** One of the two sockets is ready for something, or has failed. What tells of that may not overtake what can still be read. */
    void onEvents(End end, int events) {
        if (state == State.CLOSED) {
            return;
        }
        end.readable |=
                has(events, Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLPRI | Epoll.EPOLLERR);
        end.writable |= has(events, Epoll.EPOLLOUT);
        end.ending |= has(events, Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR);
        if (state == State.DIALING) {
            whileDialing(end, events);
            return;
        }
        if (has(events, Epoll.EPOLLERR)) {
            end.breakOff();
        }
        if (has(events, Epoll.EPOLLPRI)) {
            (end == client ? toBackend : toClient).copyFromNowOn();
        }
        relay();
    }

    private void whileDialing(End end, int events) {
        if (end == client) {
            urgentClient |= has(events, Epoll.EPOLLPRI);
            if (has(events, Epoll.EPOLLERR)) {
                clientBrokeOffEarly();
            }
        } else if (has(events, Epoll.EPOLLOUT | Epoll.EPOLLERR | Epoll.EPOLLHUP)) {
            loop.cancel(deadline);
            int error = has(events, Epoll.EPOLLERR | Epoll.EPOLLHUP) ? Linux.socketError(backend.fd) : 0;
            if (error != 0 && hasSpoken(error)) {
                backend.breakOffWhenAsked();
                connected();
            } else if (error == 0 && home.dialler().hasMetItself(backend.fd, target)) {
                resetOnClose(backend); // or its port would be kept from the backend for a minute, in TIME_WAIT
                targetFailed(Errno.describe(Errno.ECONNREFUSED));
                dial();
            } else if (error == 0) {
                connected();
            } else {
                targetFailed(Errno.describe(error));
                dial();
            }
        }
    }

    /** What it had said before goes to the backend that answers; if it had said nothing, none is needed. */
    private void clientBrokeOffEarly() {
        client.breakOff();
        if (Linux.unread(client.fd, home.pipes().copyBuffer()) <= 0) {
            fail(Ending.CLIENT_BROKE_OFF, "the client broke off", Errno.ECONNRESET);
        }
    }

    /** Whether a backend that has failed had answered before, and even said something: to who is not connected yet, a reset is ECONNREFUSED. */
    private boolean hasSpoken(int error) {
        boolean brokeOff = error == Errno.ECONNRESET
                && Linux.unread(backend.fd, home.pipes().copyBuffer()) > 0;
        return brokeOff || error == Errno.EPIPE;
    }

    private void connected() {
        toBackend = new Direction(home.pipes(), client, backend);
        toClient = new Direction(home.pipes(), backend, client);
        preface = new Preface(header, backend);
        header = NO_HEADER;
        state = State.RELAYING; // now that there is all that is given back in this phase: whoever is told next may fail
        lastMovedNanos = System.nanoTime();
        frontend.health.answered(target);
        tally.connected(loop.now() - dialledNanos);
        frontend.answerers.answered(target);
        if (tried > 1 || turnedAway) {
            moved.accept(target);
        }
        if (urgentClient) {
            toBackend.copyFromNowOn();
        }
        setNextTime();
        relay();
    }

    @Override
    public void resume() {
        waitsForItsTurn = false;
        relay();
    }

    private void relay() {
        if (state == State.LINGERING) {
            linger();
        }
        if (state != State.RELAYING) {
            return; // it ended while it waited for its turn
        }
        boolean mayFollow = preface.isSent(home.pipes());
        boolean more = mayFollow && toBackend.pump();
        more |= toClient.pump();
        count();
        if (idleNanos > 0) {
            lastMovedNanos = System.nanoTime(); // after it was passed on: it is now that an answer is waited for
        }
        if (toBackend.hasEnded() && toClient.hasEnded()) {
            endOnceDelivered();
        } else if (client.isBroken() && !mayFollow) {
            breakOff(
                    Ending.CLIENT_BROKE_OFF); // a backend that was not told all of who it is for can make nothing of it
        } else if (client.isBroken() || backend.isBroken()) {
            beginToLinger();
        } else {
            toBackend.passEndOn();
            toClient.passEndOn();
            goOnLaterIf(more);
        }
    }

    /**
     * Closes both, which says the same to them as to shut them down. But what the client's host has not acknowledged yet would be lost if its Service went now, and
     * the address with it: so long it counts as a connection, which keeps the address.
     */
    private void endOnceDelivered() {
        if (Linux.unacknowledged(client.fd, home.pipes().copyBuffer()) <= 0) {
            close();
            return;
        }
        toBackend.passEndOn();
        toClient.passEndOn();
        state = State.LINGERING;
        linger = new Linger(toClient, client, timeouts.linger());
        linger();
    }

    private void goOnLaterIf(boolean more) {
        if (more && !waitsForItsTurn) {
            waitsForItsTurn = true;
            loop.later(this);
        }
    }

    private void count() {
        long there = toBackend.takenSinceLastAsked();
        long back = toClient.takenSinceLastAsked();
        if ((there | back) == 0) {
            return;
        }
        tally.moved(there, back);
        boolean watchBegins = lasting && ((there > 0 && !backend.mayBeSilent) || (back > 0 && !client.mayBeSilent));
        if (watchBegins && state == State.RELAYING) {
            home.silence().begin(there > 0 && !backend.mayBeSilent ? backend : client, System.nanoTime());
            setNextTime();
        }
    }

    /** Broken off by one side: from now on, all that matters is that the other gets what that one has said. */
    private void beginToLinger() {
        state = State.LINGERING;
        boolean byClient = client.isBroken();
        ending = byClient ? Ending.CLIENT_BROKE_OFF : Ending.BACKEND_BROKE_OFF;
        linger = byClient
                ? new Linger(toBackend, backend, timeouts.linger())
                : new Linger(toClient, client, timeouts.linger());
        log.debug("{}: {}", frontend, ending);
        linger();
    }

    private void linger() {
        long now = System.nanoTime(); // before it is looked, so that no time counts of which nothing is known
        boolean more = linger.pump();
        if (!linger.isOver(now, home.pipes().copyBuffer())) {
            loop.set(deadline, now + linger.untilNextLook());
            goOnLaterIf(more);
        } else if (ending == Ending.COMPLETE) {
            close();
        } else {
            breakOff(ending);
        }
    }

    private void shortage(String what, int errno) {
        frontend.shortages.of(what, errno);
        fail(Ending.SHORTAGE, what, errno);
    }

    private void fail(Ending why, String what, int errno) {
        log.debug("{}: {}: {}", frontend, what, Errno.describe(errno));
        breakOff(why);
    }

    /** Breaks off both sides, so that each knows that the stream did not end but was lost. */
    @Override
    public void breakOff(Ending why) {
        ending = why;
        resetOnClose(client);
        resetOnClose(backend);
        close();
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

    private void close() {
        if (state == State.CLOSED) {
            return;
        }
        State before = state;
        state = State.CLOSED;
        loop.cancel(deadline);
        if (before != State.DIALING) {
            count();
            toBackend.discard();
            toClient.discard();
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

    @Override
    public String toString() {
        return "a connection of " + frontend;
    }
}
