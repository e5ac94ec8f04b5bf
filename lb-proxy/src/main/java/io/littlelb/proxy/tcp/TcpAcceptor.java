package io.littlelb.proxy.tcp;

import com.google.common.collect.Sets;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.core.model.TrafficPolicy;
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
import io.littlelb.proxy.loop.Isolated;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Accepts the clients of one frontend, chooses a backend for each, and hands them to the least loaded loop. */
public final class TcpAcceptor implements Acceptor, ConnectionLimit.Waiter {
    private static final Logger log = LoggerFactory.getLogger(TcpAcceptor.class);
    private static final int BACKLOG = 4096;
    /** How many to accept before others have their turn. */
    private static final int BATCH = 64;

    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final byte[] NO_HEADER = {};

    private final Fd socket;
    private final TcpLoop tcpHome;
    private final EventLoop home;
    private final List<TcpLoop> loops;
    private final TcpConfig config;
    private final ConnectionLimit ofProcess;
    private final OpenFrontend frontend;
    /** Who is being accepted, or on whose behalf. */
    private final SockAddr client = SockAddr.empty();

    /** Where it waits for its turn. */
    private final Set<ConnectionLimit> awaited = Sets.newIdentityHashSet();

    private int token = EventLoop.NOT_WATCHED;
    private boolean paused;
    /** Whether it has been said that accepting pauses, since nobody was left waiting. */
    private boolean told;
    /** Whether it has been said that a proxy does not speak as one, since one did. */
    private boolean toldOfProxy;

    public TcpAcceptor(
            Fd socket,
            TcpLoop home,
            List<TcpLoop> loops,
            TcpConfig config,
            ConnectionLimit ofProcess,
            OpenFrontend frontend) {
        this.ofProcess = ofProcess;
        this.socket = socket;
        this.tcpHome = home;
        this.home = home.events();
        this.loops = loops;
        this.config = config;
        this.frontend = frontend;
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
            alone(fd, place, () -> accepted(fd, place));
            return true;
        }
        place.leave();
        if (accepted == -Errno.EAGAIN) {
            told = false;
            return false;
        }
        if (Dialler.isShortage(-accepted)) {
            pause(Errno.describe(-accepted));
            retryLater();
            return false;
        } // anything else is that client's trouble, accept(2)
        return true;
    }

    /** Takes a place for one more connection; without one, accepting pauses until there is. */
    private Optional<Place> place(ServiceLimits ofService) {
        ConnectionLimit own = ofService.connections();
        if (!own.enter()) {
            pause("Service " + frontend.config.service() + " has its " + own.most() + " connections");
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
        pause("the process has its " + config.maxConnections() + " connections");
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
        } else if (limit != ofProcess && limit != ofService.reserved()) {
            limit.leave(); // that of a Service whose this frontend was
            resume();
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

    /** Accepts again, if it has paused; from any thread. */
    void resume() {
        home.post(() -> {
            if (paused) {
                start();
            }
        });
    }

    /** A fault in it is that client's end, and not that of those who wait behind it. */
    private static void alone(Fd accepted, Place place, Runnable served) {
        try {
            served.run();
        } catch (RuntimeException | Error fault) {
            Isolated.end(
                    new Isolated() {
                        @Override
                        public void broke() {
                            if (accepted.isOpen()) { // else it was given back already
                                accepted.close();
                                place.leave();
                            }
                        }
                    },
                    fault);
        }
    }

    private void accepted(Fd accepted, Place place) {
        if (!config.proxies().isEmpty() && config.isProxy(client.ip())) {
            new Greeting(tcpHome, frontend, accepted, client.inet(), greeted(place))
                    .start(config.timeouts().connect());
        } else {
            serve(accepted, place, Greeting.Heard.NOTHING);
        }
    }

    private Greeting.Receiver greeted(Place place) {
        return new Greeting.Receiver() {
            @Override
            public void greeted(Fd accepted, InetSocketAddress proxy, Greeting.Heard heard) {
                toldOfProxy = false;
                InetSocketAddress onBehalfOf =
                        heard.header().route().map(ProxyHeader.Route::client).orElse(proxy);
                client.set(onBehalfOf.getAddress(), onBehalfOf.getPort());
                alone(accepted, place, () -> serve(accepted, place, heard));
            }

            @Override
            public void notGreeted(InetSocketAddress proxy, String why) {
                if (!toldOfProxy) {
                    log.warn("{}: no PROXY header from {}: {}", frontend, Addresses.print(proxy.getAddress()), why);
                }
                toldOfProxy = true;
                place.leave();
                frontend.clientRefused();
            }
        };
    }

    /** @param heard what a proxy before us has said */
    private void serve(Fd accepted, Place free, Greeting.Heard heard) {
        FrontendConfig now = frontend.config;
        TrafficPolicy traffic = now.traffic();
        OptionalInt mostOfSource = mostOfSource(traffic);
        Place place = mostOfSource.isPresent() ? free.of(client.ip()) : free;
        if (now.backends().isEmpty() || !admits(traffic, mostOfSource, place)) {
            frontend.clientRefused(); // before the client can know
            accepted.close();
            free.leave();
            return;
        }
        TcpLoop loop = leastLoaded();
        Connection connection = connection(loop, now, place, accepted, heard);
        loop.events().load().incrementAndGet();
        frontend.connectionStarted();
        begin(connection, loop.events());
    }

    private Connection connection(TcpLoop loop, FrontendConfig now, Place place, Fd accepted, Greeting.Heard heard) {
        TrafficPolicy traffic = now.traffic();
        try {
            int first = frontend.chooser.choose(now.backends(), traffic, client);
            byte[] header = header(traffic.proxyProtocol(), accepted, heard.header());
            Consumer<Backend> moved = traffic.affinity().isPresent() ? remembering(client.ip()) : TcpAcceptor::forget;
            return new Connection(
                    loop, config.timeouts(), frontend, now, place, first, header, moved, accepted, heard.bytes());
        } catch (RuntimeException | Error fault) {
            accepted.close();
            place.leave();
            throw fault;
        }
    }

    private void begin(Connection connection, EventLoop loop) {
        if (loop == home) {
            start(connection);
        } else if (!loop.post(() -> start(connection))) {
            connection.refuse();
        }
    }

    private static void start(Connection connection) {
        try {
            connection.start();
        } catch (RuntimeException | Error fault) {
            Isolated.end(connection, fault);
        }
    }

    private static void forget(Backend answered) {}

    private Consumer<Backend> remembering(InetAddress ip) {
        return answered -> home.post(() -> frontend.chooser.moved(ip, answered));
    }

    /**
     * Whether the client is served; takes its own place, where there is a limit for each. One that has as many connections as it may would not wait for its
     * turn, but keep others from theirs: it is turned away.
     */
    private boolean admits(TrafficPolicy traffic, OptionalInt mostOfSource, Place place) {
        return (traffic.sourceRanges().isEmpty() || traffic.allows(client.ip()))
                && (place.source().isEmpty()
                        || place.ofService().enter(place.source().get(), mostOfSource.getAsInt()));
    }

    private OptionalInt mostOfSource(TrafficPolicy traffic) {
        return traffic.maxConnectionsPerSource().isPresent()
                ? traffic.maxConnectionsPerSource()
                : config.maxConnectionsPerSource();
    }

    private byte[] header(ProxyProtocol protocol, Fd accepted, ProxyHeader heard) {
        if (protocol == ProxyProtocol.OFF) {
            return NO_HEADER;
        }
        ProxyHeader told = heard.route().isPresent() ? heard : ProxyHeader.of(client.inet(), destination(accepted));
        return told.bytes(protocol);
    }

    /** Where the client has connected to; only one that listens on all addresses has to ask the kernel which it was. */
    private InetSocketAddress destination(Fd accepted) {
        InetSocketAddress configured = new InetSocketAddress(frontend.frontend.ip(), frontend.frontend.port());
        if (!configured.getAddress().isAnyLocalAddress()) {
            return configured;
        }
        try {
            return Linux.getsockname(accepted).inet();
        } catch (SyscallException e) {
            log.debug("{}: {}", frontend, e.getMessage());
            return configured;
        }
    }

    private TcpLoop leastLoaded() {
        TcpLoop least = tcpHome;
        for (TcpLoop loop : loops) {
            if (loop.events().load().get() < least.events().load().get()) {
                least = loop;
            }
        }
        return least;
    }

    /** Established connections go on; the clients that wait stay in the kernel's queue until there is room for them. */
    private void pause(String why) {
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
        home.at(System.nanoTime() + PAUSE.toNanos(), this::resume);
    }

    /** The kernel refuses everybody else. */
    @Override
    public void close() {
        accept(BACKLOG);
        paused = false;
        home.close(socket, token);
    }
}
