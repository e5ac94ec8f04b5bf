package io.littlelb.proxy.tcp;

import static io.littlelb.proxy.loop.Epoll.has;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.ConnectionInfo.Failed;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SocketState;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.health.Dialler;
import io.littlelb.proxy.loop.Epoll;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The first phase of a connection: asks one backend after another until one answers, and leaves what the client says meanwhile where it is. */
final class Dial implements Phase {
    private static final Logger log = LoggerFactory.getLogger(Dial.class);

    /** How long one is waited for that has never answered before, while there are others. */
    private static final long IMPATIENCE_NANOS = 250_000_000;
    /** How many are not waited for: whoever takes longer for any answer is reached all the same. */
    private static final int MOST_HASTY = 3;
    /** Of more than so many, the next would be no better than any. */
    private static final int FEW_BACKENDS = 16;
    /** How many failures are told to who wants to know. */
    private static final int MOST_TOLD = 16;

    private final Connection connection;
    private final OpenFrontend frontend;
    private final Backends backends;
    private final ProxyProtocol proxyProtocol;
    private final long idleNanos;
    private final byte[] header;
    private final Consumer<Backend> moved;
    private final long startedNanos;

    private int first;
    private int tried;
    private int attempts;
    private final List<Failed> failed = new ArrayList<>(0);
    /** Whether it went to one that had answered others, out of turn. */
    private boolean turnedAway;

    /** How many were asked in haste, and whether the last one was. */
    private int hasty;

    private boolean isHasty;

    private boolean portsUsedUp;
    private boolean urgent;
    private Optional<Asked> asked = Optional.empty();

    /**
     * @param first the position of the backend to begin with; on refusal the next ones follow
     * @param header what the backend is told before anything else
     * @param moved is told on this loop's thread which backend has answered, if it is not the first
     */
    Dial(Connection connection, FrontendConfig now, int first, byte[] header, Consumer<Backend> moved) {
        this.connection = connection;
        this.frontend = connection.frontend();
        this.backends = now.backends();
        this.proxyProtocol = now.traffic().proxyProtocol();
        this.idleNanos =
                now.traffic().idleTimeout().orElse(connection.timeouts.idle()).toNanos();
        this.first = first;
        this.header = header;
        this.moved = moved;
        this.startedNanos = connection.loop.clock();
    }

    /**
     * Asks until there is one that may answer: first those that are not ejected, from the chosen one on; then, rather than give up, those
     * that are.
     */
    void next() {
        while (connection.isIn(this) && tried < 2 * backends.size()) {
            boolean lastResort = tried >= backends.size();
            Backend backend = backends.at((first + tried++) % backends.size());
            if (!isPassedOver(backend, lastResort) && ask(backend)) {
                return;
            }
        }
        if (connection.isIn(this)) {
            nobodyAnswers();
        }
    }

    /** It has waited long enough for one of which nothing was known: where most do not answer, the next would hardly be another. */
    private boolean askOneThatAnswers() {
        Optional<Backend> known =
                frontend.answerers.next(backend -> !frontend.health.isEjected(backend) && backends.contains(backend));
        if (known.isEmpty() && backends.size() > FEW_BACKENDS) {
            first = frontend.answerers.elsewhere(backends.size());
        }
        turnedAway = known.isPresent();
        return known.isPresent() && ask(known.get());
    }

    private boolean isPassedOver(Backend backend, boolean lastResort) {
        boolean ejected = frontend.health.isEjected(backend);
        boolean wasAsked = frontend.health.hasFailedSince(backend, startedNanos) || (portsUsedUp && !ejected);
        return lastResort ? wasAsked : ejected;
    }

    private void nobodyAnswers() {
        if (portsUsedUp) {
            frontend.shortages.portsUsedUp(backends.at((first + tried - 1) % backends.size()));
            connection.fail(Ending.SHORTAGE, "no local port is left towards any backend", Errno.EADDRNOTAVAIL);
        } else {
            connection.fail(Ending.NO_BACKEND, "every backend has just failed for other clients", Errno.ECONNREFUSED);
        }
    }

    /** Whether the backend may still answer. */
    private boolean ask(Backend backend) {
        Dialler.Attempt attempt = connection.home.dialler().dial(backend);
        if (attempt.errno() == Errno.EMFILE && connection.home.pipes().giveUpIdle()) {
            attempt = connection
                    .home
                    .dialler()
                    .dial(backend); // a connection is worth more than a pipe that waits for one
        }
        switch (attempt.outcome()) {
            case UNDER_WAY -> {
                return await(backend, attempt.socket().orElseThrow());
            }
            case UNREACHABLE -> {
                attempts++;
                frontend.tally(backend).failed();
                hasFailed(backend, Errno.describe(attempt.errno()));
            }
            case NO_PORT -> {
                portsUsedUp = true;
                log.debug("{}: no local port is left towards {}", frontend, backend);
            }
            case SHORTAGE -> connection.shortage("cannot dial " + backend, attempt.errno());
        }
        return false;
    }

    private boolean await(Backend backend, Fd socket) {
        attempts++;
        Asked one = Asked.of(connection, backend, socket);
        asked = Optional.of(one);
        try {
            one.watch();
        } catch (SyscallException e) {
            connection.shortage("cannot watch a backend", e.errno());
            return false;
        }
        long ends = startedNanos + connection.timeouts.dial().toNanos();
        long answers = one.nanos + patienceNanos(one);
        boolean isCut = answers - ends > 0 && ends - one.nanos > 0;
        connection.wakeAt(isCut ? ends : answers);
        return true;
    }

    private long patienceNanos(Asked one) {
        long most = connection.timeouts.connect().toNanos();
        isHasty = most > IMPATIENCE_NANOS
                && hasty < Math.min(MOST_HASTY, backends.size() - 1)
                && !one.tally.hasAnswered();
        hasty += isHasty ? 1 : 0;
        return isHasty ? IMPATIENCE_NANOS : most;
    }

    /** Whether it is ejected is found out without this client. */
    private void doubt(Asked one) {
        frontend.health.doubted(one.backend, proxyProtocol);
        remember(one.backend, "did not answer soon");
        giveBack(false);
    }

    private void failed(Asked one, String error) {
        one.tally.failed();
        hasFailed(one.backend, error);
        giveBack(false);
    }

    private void hasFailed(Backend backend, String error) {
        log.debug("{}: backend {}: {}", frontend, backend, error);
        remember(backend, error);
        frontend.health.failed(backend, error, proxyProtocol);
    }

    private void remember(Backend backend, String what) {
        if (failed.size() == MOST_TOLD) {
            failed.remove(0);
        }
        failed.add(new Failed(backend, what));
    }

    /** A backend has not answered in time. */
    @Override
    public void onTime() {
        Asked one = asked.orElseThrow();
        if (isHasty) {
            doubt(one);
        } else {
            failed(one, "did not answer in time");
        }
        boolean all = connection.loop.now() - startedNanos
                >= connection.timeouts.dial().toNanos();
        tried = all ? 2 * backends.size() : tried;
        if (all || !askOneThatAnswers()) {
            next();
        }
    }

    @Override
    public void on(End end, int events) {
        if (end == connection.client) {
            urgent |= has(events, Epoll.EPOLLPRI);
            if (has(events, Epoll.EPOLLERR)) {
                clientBrokeOff();
            }
        } else if (has(events, Epoll.EPOLLOUT | Epoll.EPOLLERR | Epoll.EPOLLHUP)) {
            connection.doNotWake();
            outcome(asked.orElseThrow(), events);
        }
    }

    private void outcome(Asked one, int events) {
        int error = has(events, Epoll.EPOLLERR | Epoll.EPOLLHUP) ? SocketState.socketError(one.end.fd) : 0;
        if (error != 0 && hasSpoken(one, error)) {
            one.end.breakOffWhenAsked();
            connected(one);
        } else if (error == 0 && connection.home.dialler().hasMetItself(one.end.fd, one.backend)) {
            one.end.resetOnClose(); // or its port would be kept from the backend for a minute, in TIME_WAIT
            failed(one, Errno.describe(Errno.ECONNREFUSED));
            next();
        } else if (error == 0) {
            connected(one);
        } else {
            failed(one, Errno.describe(error));
            next();
        }
    }

    /** What it had said before goes to the backend that answers; if it had said nothing, none is needed. */
    private void clientBrokeOff() {
        connection.client.breakOff();
        if (SocketState.unread(connection.client.fd, connection.home.pipes().copyBuffer()) <= 0) {
            connection.fail(Ending.CLIENT_RESET, "the client broke off", Errno.ECONNRESET);
        }
    }

    /** Whether a backend that has failed had answered before, and even said something: to who is not connected yet, a reset is ECONNREFUSED. */
    private boolean hasSpoken(Asked one, int error) {
        boolean brokeOff = error == Errno.ECONNRESET
                && SocketState.unread(one.end.fd, connection.home.pipes().copyBuffer()) > 0;
        return brokeOff || error == Errno.EPIPE;
    }

    private void connected(Asked one) {
        Relay relay = new Relay(connection, one, new Preface(header, one.end), idleNanos, attempts);
        connection.become(relay); // and what was asked is its own: whoever is told next may fail
        asked = Optional.empty();
        frontend.health.answered(one.backend);
        one.tally.connected(connection.loop.now() - one.nanos);
        frontend.answerers.answered(one.backend);
        if (tried > 1 || turnedAway) {
            moved.accept(one.backend);
        }
        relay.begin(urgent);
    }

    @Override
    public void resume() {}

    @Override
    public void giveBack(boolean broken) {
        if (broken) {
            asked.ifPresent(one -> one.end.resetOnClose());
        }
        asked.ifPresent(Asked::close);
        asked = Optional.empty();
    }

    @Override
    public Seen seen() {
        return new Seen(ConnectionInfo.State.DIALLING, asked.map(one -> one.backend), attempts, failed, 0, 0, 0);
    }
}
