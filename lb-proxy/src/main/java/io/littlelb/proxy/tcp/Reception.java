package io.littlelb.proxy.tcp;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.frontend.Place;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.loop.Isolated;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to those who have been accepted at one frontend: hears what a proxy says of its client, turns away whom it is not for, chooses a backend to begin with, and
 * hands the connection to the least loaded loop. Owned by the loop that accepts.
 */
final class Reception {
    private static final Logger log = LoggerFactory.getLogger(Reception.class);

    private static final byte[] NO_HEADER = {};

    private final TcpLoop tcpHome;
    private final EventLoop home;
    private final List<TcpLoop> loops;
    private final TcpConfig config;
    private final OpenFrontend frontend;
    /** Who has just been accepted, or on whose behalf. */
    private final SockAddr client;

    /** Whether it has been said that a proxy does not speak as one, since one did. */
    private boolean toldOfProxy;

    /** @param client who has just been accepted, whenever something is received */
    Reception(TcpLoop home, List<TcpLoop> loops, TcpConfig config, OpenFrontend frontend, SockAddr client) {
        this.tcpHome = home;
        this.home = home.events();
        this.loops = loops;
        this.config = config;
        this.frontend = frontend;
        this.client = client;
    }

    /** Both are given back when whoever has come is gone. */
    void receive(Fd accepted, Place place) {
        alone(accepted, place, () -> received(accepted, place));
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

    private void received(Fd accepted, Place place) {
        Arrival arrival = new Arrival(tcpHome.number, tcpHome.next(), client, home.now());
        if (!config.proxies().isEmpty() && config.isProxy(client.ip())) {
            new Greeting(tcpHome, frontend, accepted, arrival, greeted(place))
                    .start(config.timeouts().connect());
        } else {
            serve(accepted, place, arrival, Greeting.Heard.NOTHING);
        }
    }

    private Greeting.Receiver greeted(Place place) {
        return new Greeting.Receiver() {
            @Override
            public void greeted(Fd accepted, Arrival proxy, Greeting.Heard heard) {
                toldOfProxy = false;
                Arrival arrival = heard.header()
                        .route()
                        .map(route -> proxy.onBehalfOf(route.client()))
                        .orElse(proxy);
                InetSocketAddress onBehalfOf = arrival.client();
                client.set(onBehalfOf.getAddress(), onBehalfOf.getPort());
                alone(accepted, place, () -> serve(accepted, place, arrival, heard));
            }

            @Override
            public void notGreeted(Arrival proxy, Ending ending, String why) {
                if (ending == Ending.PROXY_HEADER_INVALID) { // anything else is not the proxy's doing
                    tellOfProxy(proxy, why);
                }
                place.leave();
                frontend.clientRefused(ending);
                tcpHome.ended().turnedAway(proxy, frontend, ending, why);
            }
        };
    }

    /** Who it is may be told only to those who may know of clients: where a client is taken for a proxy, it is its address. */
    private void tellOfProxy(Arrival proxy, String why) {
        if (!toldOfProxy) {
            log.warn("{}: no PROXY header from one of the proxies: {}; the access log tells from which", frontend, why);
        }
        toldOfProxy = true;
        log.debug("{}: no PROXY header from {}: {}", frontend, proxy.client(), why);
    }

    /** @param heard what a proxy before us has said */
    private void serve(Fd accepted, Place free, Arrival arrival, Greeting.Heard heard) {
        FrontendConfig now = frontend.config;
        TrafficPolicy traffic = now.traffic();
        OptionalInt mostOfSource = mostOfSource(traffic);
        Place place = mostOfSource.isPresent() ? free.of(client.ip()) : free;
        Optional<Ending> refusal = refusal(now, mostOfSource, place);
        if (refusal.isPresent()) {
            frontend.clientRefused(refusal.get()); // before the client can know
            tcpHome.ended().turnedAway(arrival, frontend, refusal.get(), "the Service has none any more");
            accepted.close();
            free.leave();
            return;
        }
        begin(accepted, place, arrival, heard, now);
    }

    private void begin(Fd accepted, Place place, Arrival arrival, Greeting.Heard heard, FrontendConfig now) {
        TcpLoop its = leastLoaded();
        Connection connection;
        Dial dial;
        try {
            connection = new Connection(its, config.timeouts(), frontend, place, arrival, accepted, heard.bytes());
            dial = dial(connection, accepted, heard, now);
        } catch (RuntimeException | Error fault) {
            accepted.close();
            place.leave();
            throw fault;
        }
        its.events().load().incrementAndGet();
        frontend.connectionStarted();
        if (its == tcpHome) {
            start(connection, dial);
        } else if (!its.events().post(() -> start(connection, dial))) {
            connection.refuse();
        }
    }

    private Dial dial(Connection connection, Fd accepted, Greeting.Heard heard, FrontendConfig now) {
        TrafficPolicy traffic = now.traffic();
        int first = frontend.chooser.choose(now.backends(), traffic, client);
        byte[] header = header(traffic.proxyProtocol(), accepted, heard.header());
        Consumer<Backend> moved = traffic.affinity().isPresent() ? remembering(client.ip()) : Reception::forget;
        return new Dial(connection, now, first, header, moved);
    }

    private static void start(Connection connection, Dial dial) {
        try {
            connection.start(dial);
        } catch (RuntimeException | Error fault) {
            Isolated.end(connection, fault);
        }
    }

    private static void forget(Backend answered) {}

    private Consumer<Backend> remembering(InetAddress ip) {
        return answered -> home.post(() -> frontend.chooser.moved(ip, answered));
    }

    /**
     * Why the client is not served, if it is not; else it has its own place, where there is a limit for each. One that has as many connections as it may would not
     * wait for its turn, but keep others from theirs: it is turned away.
     */
    private Optional<Ending> refusal(FrontendConfig now, OptionalInt mostOfSource, Place place) {
        TrafficPolicy traffic = now.traffic();
        if (now.backends().isEmpty()) {
            return Optional.of(Ending.NO_BACKEND); // they have gone since the listener was told to close
        }
        if (!traffic.sourceRanges().isEmpty() && !traffic.allows(client.ip())) {
            return Optional.of(Ending.SOURCE_REFUSED);
        }
        boolean fits = place.source().isEmpty()
                || place.ofService().enter(place.source().get(), mostOfSource.getAsInt());
        return fits ? Optional.empty() : Optional.of(Ending.LIMIT_SOURCE);
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
}
