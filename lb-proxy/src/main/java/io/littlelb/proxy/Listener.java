package io.littlelb.proxy;

import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts the clients of one frontend, chooses a backend for each by turns, and hands them to the least loaded loop. */
final class Listener {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);
    private static final int BACKLOG = 4096;
    /** How many to accept before others have their turn. */
    private static final int BATCH = 64;

    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Fd socket;
    private final EventLoop home;
    private final List<EventLoop> loops;
    private final ProxyConfig config;
    private final OpenFrontend frontend;
    private final SockAddr peer = SockAddr.empty();
    private int token = -1;
    private int turn;
    private boolean paused;

    Listener(Fd socket, EventLoop home, List<EventLoop> loops, ProxyConfig config, OpenFrontend frontend) {
        this.socket = socket;
        this.home = home;
        this.loops = loops;
        this.config = config;
        this.frontend = frontend;
    }

    /** A listening socket, on the caller's thread, so that the caller gets to know why there is none. */
    static Fd listen(Frontend frontend) throws SyscallException {
        SockAddr address = SockAddr.of(frontend.ip(), frontend.port());
        Fd socket = Linux.socket(address.family(), Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK, 0);
        try {
            Linux.setsockopt(socket, Linux.SOL_SOCKET, Linux.SO_REUSEADDR, 1); // connections may be left in TIME_WAIT
            SocketOptions.applyTo(socket); // accepted sockets inherit them
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

    EventLoop home() {
        return home;
    }

    /** Begins to accept; on the home loop's thread. */
    void start() {
        try {
            token = home.watch(socket, Epoll.EPOLLIN, events -> accept(BATCH));
            paused = false;
        } catch (SyscallException e) {
            log.error("{}: cannot accept: {}; trying again", frontend, e.getMessage());
            retryLater();
        }
    }

    private void accept(int most) {
        for (int i = 0; i < most; i++) {
            int accepted = Linux.accept(socket, peer);
            if (accepted >= 0) {
                accepted(new Fd(accepted));
            } else if (accepted == -Errno.EAGAIN) {
                return;
            } else if (isShortage(-accepted)) {
                pause(-accepted);
                return;
            } // anything else is that client's trouble, accept(2)
        }
    }

    private static boolean isShortage(int errno) {
        return errno == Errno.EMFILE || errno == Errno.ENFILE || errno == Errno.ENOBUFS || errno == Errno.ENOMEM;
    }

    private void accepted(Fd client) {
        FrontendConfig now = frontend.config;
        Backends backends = now.backends();
        boolean served = !backends.isEmpty() && now.traffic().allows(peer.ip());
        if (!served) {
            client.close();
            return;
        }
        int first = Math.floorMod(turn++, backends.size());
        EventLoop loop = leastLoaded();
        loop.load().incrementAndGet();
        frontend.connectionStarted();
        Connection connection = new Connection(loop, config, frontend, backends, first, client);
        if (loop == home) {
            connection.start();
        } else {
            loop.post(connection::start);
        }
    }

    private EventLoop leastLoaded() {
        EventLoop least = home;
        for (EventLoop loop : loops) {
            if (loop.load().get() < least.load().get()) {
                least = loop;
            }
        }
        return least;
    }

    /** Established connections go on; the clients that wait stay in the kernel's queue until descriptors are free again. */
    private void pause(int errno) {
        log.warn("{}: accepting pauses: {}", frontend, Errno.describe(errno));
        try {
            home.unwatch(socket, token);
        } catch (SyscallException e) {
            log.error("{}: cannot pause: {}", frontend, e.getMessage());
        }
        token = -1;
        retryLater();
    }

    private void retryLater() {
        paused = true;
        home.at(System.nanoTime() + PAUSE.toNanos(), () -> {
            if (paused) {
                start();
            }
        });
    }

    /** Accepts who is waiting already, then no more: the kernel refuses everybody else. On the home loop's thread. */
    void close() {
        accept(BACKLOG);
        paused = false;
        if (token >= 0) {
            home.forget(token);
        }
        socket.close();
    }
}
