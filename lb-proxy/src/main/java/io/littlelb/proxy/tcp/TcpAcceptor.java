package io.littlelb.proxy.tcp;

import com.google.common.collect.Sets;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.Acceptor;
import io.littlelb.proxy.frontend.ConnectionLimit;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.frontend.Place;
import io.littlelb.proxy.frontend.ServiceLimits;
import io.littlelb.proxy.health.Dialler;
import io.littlelb.proxy.health.SocketOptions;
import io.littlelb.proxy.loop.Epoll;
import io.littlelb.proxy.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts the clients of one frontend, as far as there are places for them; a {@link Reception} sees to them. Owned by its loop. */
public final class TcpAcceptor implements Acceptor, ConnectionLimit.Waiter {
    private static final Logger log = LoggerFactory.getLogger(TcpAcceptor.class);
    private static final int BACKLOG = 4096;
    /** How many to accept before others have their turn. */
    private static final int BATCH = 64;

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Fd socket;
    private final EventLoop home;
    private final int mostOfProcess;
    private final Reception reception;
    private final ConnectionLimit ofProcess;
    private final OpenFrontend frontend;
    /** Who is being accepted. */
    private final SockAddr client = SockAddr.empty();

    /** Where it waits for its turn. */
    private final Set<ConnectionLimit> awaited = Sets.newIdentityHashSet();

    private int token = EventLoop.NOT_WATCHED;
    private boolean paused;
    /** Whether it has paused for what the process lacks, and not because its Service has as many connections as it may. */
    private volatile boolean heldUp;
    /** Whether it has been said that accepting pauses, since nobody was left waiting. */
    private boolean told;

    public TcpAcceptor(
            Fd socket,
            TcpLoop home,
            List<TcpLoop> loops,
            TcpConfig config,
            ConnectionLimit ofProcess,
            OpenFrontend frontend) {
        this.ofProcess = ofProcess;
        this.socket = socket;
        this.home = home.events();
        this.mostOfProcess = config.maxConnections();
        this.frontend = frontend;
        this.reception = new Reception(home, loops, config, frontend, client);
    }

    /** A listening socket, on the caller's thread, so that the caller gets to know why there is none. */
    public static Fd listen(Frontend frontend) throws SyscallException {
        SockAddr address = SockAddr.of(frontend.ip(), frontend.port());
        Fd socket = Linux.socket(address.family(), Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK, 0);
        try {
            Linux.setsockopt(socket, Linux.SOL_SOCKET, Linux.SO_REUSEADDR, 1); // connections may be left in TIME_WAIT
            SocketOptions.applyTo(socket); // accepted sockets inherit them
            SocketOptions.applyLastingTo(socket);
            if (Family.of(frontend.ip()) == Family.IPV6) {
                Linux.setsockopt(socket, Linux.IPPROTO_IPV6, Linux.IPV6_V6ONLY, 1);
            }
            Linux.bind(socket, address);
            Linux.listen(socket, BACKLOG);
            return socket;
        } catch (SyscallException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public EventLoop home() {
        return home;
    }

    @Override
    public void start() {
        try {
            token = home.watch(socket, Epoll.EPOLLIN, events -> accept(BATCH));
            paused = false;
            heldUp = false;
        } catch (SyscallException e) {
            log.error("{}: cannot accept: {}; trying again", frontend, e.getMessage());
            paused = true;
            retryLater();
        }
    }

    private void accept(int most) {
        boolean goOn = true;
        for (int i = 0; goOn && i < most; i++) {
            Optional<Place> place = place(frontend.ofService);
            goOn = place.isPresent() && accept(place.get());
        }
    }

    /** Accepts one; whether there may be another. */
    private boolean accept(Place place) {
        int accepted = Linux.accept(socket, client);
        if (accepted >= 0) {
            Fd fd = new Fd(accepted);
            reception.receive(fd, place);
            return true;
        }
        place.leave();
        if (accepted == -Errno.EAGAIN) {
            told = false;
            return false;
        }
        if (Dialler.isShortage(-accepted)) {
            pause(Errno.describe(-accepted), true);
            retryLater();
            return false;
        } // anything else is that client's trouble, accept(2)
        return true;
    }

    /** Takes a place for one more connection; without one, accepting pauses until there is. */
    private Optional<Place> place(ServiceLimits ofService) {
        ConnectionLimit own = ofService.connections();
        if (!own.enter()) {
            boolean hasAll = own.most() >= mostOfProcess;
            pause("Service " + frontend.config.service() + " has its " + own.most() + " connections", hasAll);
            await(own);
            return Optional.empty();
        }
        return placeOfProcess(ofService);
    }

    /** Its Service has a place for it. */
    private Optional<Place> placeOfProcess(ServiceLimits ofService) {
        if (ofService.reserved().enter()) {
            return Optional.of(new Place(ofService, ofService.reserved()));
        }
        if (ofProcess.enter()) {
            return Optional.of(new Place(ofService, ofProcess));
        }
        ofService.connections().leave();
        pause("the process has its " + mostOfProcess + " connections", true);
        await(ofProcess);
        await(ofService.reserved());
        return Optional.empty();
    }

    private void await(ConnectionLimit limit) {
        if (awaited.add(limit)) {
            limit.await(this);
        }
    }

    /** It is this one's turn; from any thread. */
    @Override
    public boolean entered(ConnectionLimit limit) {
        return home.post(() -> {
            awaited.remove(limit);
            if (paused) {
                acceptIn(limit);
            } else {
                limit.leave();
            }
        });
    }

    /** Accepts one, if there is one, and waits for its next turn then. */
    private void acceptIn(ConnectionLimit limit) {
        ServiceLimits ofService = frontend.ofService;
        Optional<Place> place = Optional.empty();
        if (limit == ofService.connections()) {
            place = placeOfProcess(ofService);
        } else if (ofService.connections().enter()) {
            place = Optional.of(new Place(ofService, limit));
        } else {
            limit.leave();
            await(ofService.connections());
        }
        if (place.isPresent()) {
            boolean more = accept(place.get());
            if (more) {
                await(limit);
            } else if (!told) {
                resume();
            }
        }
    }

    /** Accepts again, if it has paused. */
    private void resume() {
        home.post(() -> {
            if (paused) {
                start();
            }
        });
    }

    @Override
    public boolean isHeldUp() {
        return heldUp;
    }

    /** Established connections go on; the clients that wait stay in the kernel's queue until there is room for them. */
    private void pause(String why, boolean ofProcess) {
        heldUp = ofProcess;
        if (!told) {
            log.warn("{}: accepting pauses: {}", frontend, why);
        }
        told = true;
        paused = true;
        if (token == EventLoop.NOT_WATCHED) {
            return;
        }
        try {
            home.unwatch(socket, token);
        } catch (SyscallException e) {
            log.error("{}: cannot pause: {}", frontend, e.getMessage());
        }
        token = EventLoop.NOT_WATCHED;
    }

    private void retryLater() {
        home.deadlines().at(home.clock() + PAUSE.toNanos(), this::resume);
    }

    /** The kernel refuses everybody else. */
    @Override
    public void close() {
        accept(BACKLOG);
        paused = false;
        heldUp = false;
        home.close(socket, token);
    }
}
