package io.littlelb.proxy;

import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.Acceptor;
import io.littlelb.proxy.frontend.BusyPorts;
import io.littlelb.proxy.frontend.ConnectionLimit;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.frontend.ServiceLimits;
import io.littlelb.proxy.frontend.Shares;
import io.littlelb.proxy.tcp.TcpAcceptor;
import io.littlelb.proxy.tcp.TcpLoop;

/** Opens and closes the listeners of frontends, and divides the connections of the process among the Services that have any. For one caller at a time. */
final class Listeners {
    private static final int A_STEP = 128;

    private final ProxyConfig config;
    private final TcpLoops loops;
    private final BusyPorts busyPorts;
    private final ConnectionLimit ofProcess;
    /** Of each Service as long as a frontend or a connection of it has need of it. */
    private final LoadingCache<ServiceKey, ServiceLimits> ofServices =
            CacheBuilder.newBuilder().weakValues().build(CacheLoader.from(ServiceLimits::new));

    /** Where each frontend lives as long as it is of any concern, however often its listener is opened: its chooser is for one thread. */
    private final LoadingCache<OpenFrontend, TcpLoop> homes;

    /** The Services with clients, once for each open listener; and what each may have. */
    private final Multiset<ServiceKey> serving = HashMultiset.create();

    private Shares shares;
    /** Of the process now; for any thread. */
    private volatile int most;

    Listeners(ProxyConfig config, TcpLoops loops, BusyPorts busyPorts) {
        this.config = config;
        this.loops = loops;
        this.busyPorts = busyPorts;
        this.homes = CacheBuilder.newBuilder().weakKeys().build(CacheLoader.from(loops::next));
        this.most = config.limits().connections();
        this.ofProcess = new ConnectionLimit(config.limits().connections());
        this.shares =
                Shares.of(config.limits().connections(), 0, config.limits().ofService());
    }

    /** What its Service may have. */
    ServiceLimits limits(FrontendConfig wanted) {
        ServiceLimits limits = ofServices.getUnchecked(wanted.service());
        limits.share(shares);
        limits.ask(wanted.traffic().maxConnections());
        return limits;
    }

    /** How many connections there may be in all, beside the listeners that are open; from any thread. */
    int mostConnections() {
        return most;
    }

    /** Does nothing to one that is open. */
    void open(OpenFrontend open) throws SyscallException {
        if (open.acceptor != null) {
            return;
        }
        requireRoom();
        open.acceptor = start(open, listen(open.frontend));
        serving.add(open.config.service());
        share();
    }

    private Acceptor start(OpenFrontend open, Fd socket) {
        boolean begun = false;
        try {
            TcpLoop home = homes.getUnchecked(open);
            Acceptor acceptor = new TcpAcceptor(socket, home, loops.all(), config.tcp(), ofProcess, open);
            begun = home.events().call(acceptor::start);
            if (!begun) {
                throw new IllegalStateException("the forwarder is closed");
            }
            return acceptor;
        } finally {
            if (!begun) {
                socket.close();
            }
        }
    }

    private Fd listen(Frontend frontend) throws SyscallException {
        busyPorts.check(frontend);
        Fd socket = bind(frontend);
        try {
            busyPorts.bound(frontend);
            return socket;
        } catch (SyscallException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private Fd bind(Frontend frontend) throws SyscallException {
        try {
            return TcpAcceptor.listen(frontend);
        } catch (SyscallException e) {
            throw e.errno() == Errno.EADDRINUSE ? busyPorts.refused(frontend, e) : e;
        }
    }

    private void requireRoom() throws SyscallException {
        if (serving.size() >= config.maxListeners()) {
            throw new SyscallException(
                    "listen",
                    "on one more port than " + serving.size()
                            + ", half of what there are descriptors for; the others are for connections. Allow more (ulimit -n, LimitNOFILE"
                            + " of systemd), or fewer ports a Service (--max-ports-per-service)",
                    Errno.EMFILE);
        }
    }

    /** Waits for the loop, which takes microseconds: when it returns, the kernel refuses. */
    void close(OpenFrontend open) {
        if (open.acceptor != null) {
            open.acceptor.home().call(open.acceptor::close);
            open.acceptor = null;
            serving.remove(open.config.service());
            share();
        }
    }

    /** Divides anew, when Services have come or gone; what listeners take goes off in steps, for each is told to every Service. */
    private void share() {
        int listeners = (serving.size() + A_STEP - 1) / A_STEP * A_STEP;
        most = config.maxConnectionsBeside(listeners);
        Shares now =
                Shares.of(most, serving.elementSet().size(), config.limits().ofService());
        boolean same = now.mostOfService() == shares.mostOfService() && now.reserved() == shares.reserved();
        shares = now;
        ofProcess.most(now.common());
        if (!same) {
            ofServices.asMap().values().forEach(limits -> limits.share(now));
        }
    }
}
