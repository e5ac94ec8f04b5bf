package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import com.google.common.cache.LoadingCache;
import com.google.common.collect.HashMultimap;
import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import com.google.common.collect.SetMultimap;
import com.google.common.collect.Sets;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.port.Forwarder;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.BusyPorts;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.frontend.ConnectionLimit;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.frontend.ServiceLimits;
import io.littlelb.proxy.frontend.Shares;
import io.littlelb.proxy.health.BackendChecks;
import io.littlelb.proxy.health.BackendHealth;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.tcp.PipePool;
import io.littlelb.proxy.tcp.ProxyHeader;
import io.littlelb.proxy.tcp.TcpAcceptor;
import io.littlelb.proxy.tcp.TcpLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards TCP with {@link ProxyConfig#loops} threads {@code lb-proxy-N}.
 *
 * <p>Listeners belong to the network namespace of the thread that calls {@link #set}, and so do connections to backends to the
 * one that called {@link #open}.
 */
public final class SpliceForwarder implements Forwarder {
    private static final Logger log = LoggerFactory.getLogger(SpliceForwarder.class);

    private static final int LISTENERS_A_STEP = 128;

    private final ProxyConfig config;
    private final List<TcpLoop> tcpLoops;
    private final List<EventLoop> loops;
    /** Held to change what is set, by callers and where the last connection of a frontend that drains has ended; never for a connection. */
    private final Object lock = new Object();
    /** Changed under the lock; the loops look without it. */
    private final Map<Frontend, OpenFrontend> frontends = new ConcurrentHashMap<>();
    /** Of these, guarded as they are: what was last told of each, those that have changed since, and when all were last looked at. */
    private PersistentMap<Frontend, FrontendStatus> statuses = PersistentMap.of();

    private final Set<Frontend> stale = new HashSet<>();
    /** Those that drain while another Service has their place; guarded as the others are. */
    private final SetMultimap<Frontend, OpenFrontend> succeeded = HashMultimap.create();

    private long healthSeen;

    private final ConnectionLimit ofProcess;
    /** Of each Service as long as a frontend or a connection of it has need of it. */
    private final LoadingCache<ServiceKey, ServiceLimits> ofServices =
            CacheBuilder.newBuilder().weakValues().build(CacheLoader.from(ServiceLimits::new));

    /** The Services with clients, once for each open listener; and what each may have. Guarded as the frontends are. */
    private final Multiset<ServiceKey> serving = HashMultiset.create();

    private Shares shares;

    private final BusyPorts busyPorts;
    private final BackendHealth health;
    private final BackendChecks checks;

    private volatile Runnable listener = () -> {};
    private int nextHome;
    private boolean closed;

    private SpliceForwarder(ProxyConfig config, List<TcpLoop> tcpLoops, BusyPorts busyPorts) {
        this.config = config;
        this.tcpLoops = tcpLoops;
        this.busyPorts = busyPorts;
        this.loops = tcpLoops.stream().map(TcpLoop::events).toList();
        this.shares = Shares.of(config.maxConnections(), 0, config.maxConnectionsPerService());
        this.ofProcess = new ConnectionLimit(config.maxConnections());
        this.health = new BackendHealth(
                loops.get(0), config.connectTimeout(), ProxyHeader.LOCAL::bytes, this::isUsed, this::changed);
        this.checks = new BackendChecks(loops.get(0), config.checkInterval(), this::used, health);
        if (config.checkInterval().compareTo(Duration.ZERO) > 0) {
            loops.get(0).post(checks::start);
        }
    }

    /**
     * Starts the threads.
     *
     * @throws IOException when the system lacks what they need
     */
    public static SpliceForwarder open(ProxyConfig config) throws IOException {
        return open(config, spliceWorks());
    }

    /** As {@link #open(ProxyConfig)}, but told whether splice(2) is to be used. */
    static SpliceForwarder open(ProxyConfig config, boolean canSplice) throws IOException {
        return open(config, canSplice, BusyPorts.ofThisHost());
    }

    /** The same, told of the ports that programs of the host have. */
    static SpliceForwarder open(ProxyConfig config, boolean canSplice, BusyPorts busyPorts) throws IOException {
        List<TcpLoop> loops = new ArrayList<>();
        try {
            for (int i = 0; i < config.loops(); i++) {
                loops.add(tcpLoop(i, config, canSplice));
            }
        } catch (SyscallException e) {
            loops.forEach(loop -> loop.events().close());
            throw e;
        }
        loops.forEach(loop -> loop.events().start());
        return new SpliceForwarder(config, loops, busyPorts);
    }

    private static TcpLoop tcpLoop(int number, ProxyConfig config, boolean canSplice) throws SyscallException {
        return new TcpLoop(
                new EventLoop(number, config.busyPoll(), config.errors()),
                new PipePool(config.pipeBytes(), config.pooledPipes(), config.mostPipes(), canSplice),
                config.silenceTimeout());
    }

    /** A stub that passes splice(2)'s sixth argument wrongly gives EINVAL here; better to know now than to lose data. */
    private static boolean spliceWorks() throws IOException {
        try (Linux.Pipe from = Linux.pipe();
                Linux.Pipe to = Linux.pipe()) {
            long result = Linux.splice(from.readEnd(), to.writeEnd(), 1, Linux.SPLICE_F_NONBLOCK);
            if (result != -Errno.EAGAIN) {
                log.warn("Streams are copied, which costs more: splice says {}", Errno.describe((int) -result));
            }
            return result == -Errno.EAGAIN;
        }
    }

    @Override
    public Map<Frontend, FrontendStatus> frontends() {
        synchronized (lock) {
            long healthNow = health.changes(); // before it is looked at: what changes meanwhile is seen the next time
            if (healthNow != healthSeen) {
                stale.addAll(frontends.keySet());
                healthSeen = healthNow;
            }
            Map<Frontend, FrontendStatus> changed = new HashMap<>();
            for (Frontend each : stale) {
                Optional.ofNullable(frontends.get(each))
                        .map(OpenFrontend::status)
                        .filter(status -> !status.equals(statuses.get(each)))
                        .ifPresent(status -> changed.put(each, status));
            }
            statuses = statuses.with(changed, Sets.difference(stale, frontends.keySet()));
            stale.clear();
            return statuses;
        }
    }

    /** What has been counted for each frontend that is set or draining, of each Service that it is or was. */
    public Map<Counters.Subject, Counters> counters() {
        synchronized (lock) {
            return Stream.concat(frontends.values().stream(), succeeded.values().stream())
                    .collect(toMap(
                            open -> new Counters.Subject(open.frontend, open.config.service()),
                            OpenFrontend::counters));
        }
    }

    private Set<BackendChecks.Use> used() {
        return frontends.values().stream()
                .filter(OpenFrontend::takesClients)
                .map(open -> open.config)
                .map(config -> new BackendChecks.Use(
                        config.backends(), config.traffic().proxyProtocol()))
                .collect(toSet());
    }

    private boolean isUsed(Backend backend) {
        return frontends.values().stream()
                .anyMatch(open -> open.takesClients() && open.config.backends().contains(backend));
    }

    @Override
    public void set(Frontend frontend, FrontendConfig wanted) throws IOException {
        OpenFrontend open;
        Backends before;
        synchronized (lock) {
            open = of(frontend, wanted);
            before = open.takesClients() ? open.config.backends() : Backends.none();
            frontends.put(frontend, open);
            open.ofService = ofServices.getUnchecked(wanted.service());
            open.ofService.share(shares);
            open.ofService.ask(wanted.traffic().maxConnections());
            open.config = wanted;
            open.forgetBackends();
            open.drains++;
            open.state = FrontendStatus.State.REFUSING;
            open.problem = Optional.empty();
            stale.add(frontend);
        }
        health.forget(before, wanted.backends());
        if (wanted.backends().isEmpty()) {
            closeListener(open);
            return;
        }
        try {
            openListener(open);
            state(open, FrontendStatus.State.OPEN, Optional.empty());
        } catch (SyscallException e) {
            state(open, FrontendStatus.State.FAILED, Optional.of(new Problem(Reason.BindFailed, e.getMessage())));
            throw e;
        }
    }

    /** Another Service's is another frontend: what drains there keeps its own deadline and its own counts. */
    private OpenFrontend of(Frontend frontend, FrontendConfig wanted) {
        OpenFrontend there = frontends.get(frontend);
        if (there == null) {
            return new OpenFrontend(frontend, wanted, health, this::forgetIfDrained);
        }
        if (there.isOf(wanted.service())) {
            return there;
        }
        if (there.state != FrontendStatus.State.DRAINING) {
            throw new IllegalArgumentException(frontend + " is Service " + there.config.service()
                    + "'s: to be removed before it is set for Service " + wanted.service());
        }
        Optional<OpenFrontend> earlier = succeeded.get(frontend).stream()
                .filter(each -> each.isOf(wanted.service()))
                .findFirst();
        earlier.ifPresent(each -> succeeded.remove(frontend, each));
        succeeded.put(frontend, there);
        return earlier.orElseGet(() -> new OpenFrontend(frontend, wanted, health, this::forgetIfDrained));
    }

    private void state(OpenFrontend open, FrontendStatus.State state, Optional<Problem> problem) {
        synchronized (lock) {
            open.state = state;
            open.problem = problem;
            stale.add(open.frontend);
        }
    }

    private void openListener(OpenFrontend open) throws SyscallException {
        if (open.acceptor == null) {
            requireRoomForAListener();
            Fd socket = listen(open.frontend);
            TcpLoop home = tcpLoops.get(nextHome++ % loops.size());
            open.acceptor = new TcpAcceptor(socket, home, tcpLoops, config.tcp(), ofProcess, open);
            if (!home.events().call(open.acceptor::start)) {
                socket.close();
                throw new IllegalStateException("the forwarder is closed");
            }
            synchronized (lock) {
                serving.add(open.config.service());
                share();
            }
        }
    }

    private Fd listen(Frontend frontend) throws SyscallException {
        busyPorts.check(frontend);
        try {
            return TcpAcceptor.listen(frontend);
        } catch (SyscallException e) {
            throw e.errno() == Errno.EADDRINUSE ? busyPorts.refused(frontend, e) : e;
        }
    }

    private void requireRoomForAListener() throws SyscallException {
        synchronized (lock) {
            if (serving.size() >= config.maxListeners()) {
                throw new SyscallException(
                        "listen",
                        "on one more port than " + serving.size()
                                + ", half of what there are descriptors for; the others are for connections. Allow more (ulimit -n, LimitNOFILE"
                                + " of systemd), or fewer ports a Service (--max-ports-per-service)",
                        Errno.EMFILE);
            }
        }
    }

    /** Divides anew, when Services have come or gone; what listeners take goes off in steps, for each is told to every Service. */
    private void share() {
        int listeners = (serving.size() + LISTENERS_A_STEP - 1) / LISTENERS_A_STEP * LISTENERS_A_STEP;
        Shares now = Shares.of(
                config.maxConnectionsBeside(listeners), serving.elementSet().size(), config.maxConnectionsPerService());
        boolean same = now.mostOfService() == shares.mostOfService() && now.reserved() == shares.reserved();
        shares = now;
        ofProcess.most(now.common());
        if (!same) {
            ofServices.asMap().values().forEach(limits -> limits.share(now));
        }
    }

    /** Waits for the loop, which takes microseconds: when it returns, the kernel refuses. */
    private void closeListener(OpenFrontend open) {
        if (open.acceptor != null) {
            open.acceptor.home().call(open.acceptor::close);
            open.acceptor = null;
            synchronized (lock) {
                serving.remove(open.config.service());
                share();
            }
        }
    }

    @Override
    public void remove(Frontend frontend, Duration drain) {
        OpenFrontend open;
        int drains;
        synchronized (lock) {
            open = frontends.get(frontend);
            if (open == null || open.state == FrontendStatus.State.DRAINING) {
                return;
            }
            open.state = FrontendStatus.State.DRAINING;
            open.problem = Optional.empty();
            drains = ++open.drains;
            stale.add(frontend);
        }
        closeListener(open);
        health.forget(open.config.backends(), Backends.none());
        long deadline = System.nanoTime() + drain.toNanos();
        for (EventLoop loop : loops) {
            loop.post(() -> loop.at(deadline, () -> resetIfDraining(loop, open, drains)));
        }
        forgetIfDrained(open);
    }

    private void resetIfDraining(EventLoop loop, OpenFrontend open, int drains) {
        boolean calledOff = open.drains != drains; // whoever sets it again counts first
        if (!calledOff) {
            loop.breakOff(resident -> resident instanceof Client client && client.frontend() == open, Ending.DRAINED);
        }
    }

    /** Called by a remover, and by a loop whenever a frontend's last connection has ended. */
    private void forgetIfDrained(OpenFrontend open) {
        synchronized (lock) {
            boolean drained = open.state == FrontendStatus.State.DRAINING && !open.hasConnections();
            if (!drained) {
                return;
            }
            if (!succeeded.remove(open.frontend, open) && frontends.remove(open.frontend, open)) {
                showAnyThatStillDrains(open.frontend);
            }
            stale.add(open.frontend);
        }
        changed(); // outside the lock: the listener may call back
    }

    private void showAnyThatStillDrains(Frontend frontend) {
        succeeded.get(frontend).stream().findFirst().ifPresent(draining -> {
            succeeded.remove(frontend, draining);
            frontends.put(frontend, draining);
        });
    }

    /** A fault of whoever is told is not one of the connection that has just ended. */
    private void changed() {
        try {
            listener.run();
        } catch (RuntimeException fault) {
            log.error("Whoever is told that frontends have changed has failed", fault);
        }
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = requireNonNull(newListener, "newListener");
    }

    @Override
    public void close() {
        List<OpenFrontend> open;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            open = List.copyOf(frontends.values());
            stale.addAll(frontends.keySet());
            frontends.clear();
            succeeded.clear();
        }
        open.forEach(this::closeListener);
        loops.subList(1, loops.size()).forEach(EventLoop::close);
        loops.get(0).call(checks::close); // the first loop asks for all of them
        loops.get(0).call(health::close);
        loops.get(0).close();
    }
}
