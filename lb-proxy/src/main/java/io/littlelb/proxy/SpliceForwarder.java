package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.port.Forwarder;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.BusyPorts;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.health.BackendChecks;
import io.littlelb.proxy.health.BackendHealth;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.tcp.ProxyHeader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forwards TCP with {@link ThreadConfig#loops} threads {@code lb-proxy-N}.
 *
 * <p>Listeners belong to the network namespace of the thread that calls {@link #set}, and so do connections to backends to the
 * one that called {@link #open}.
 */
public final class SpliceForwarder implements Forwarder {
    private static final Logger log = LoggerFactory.getLogger(SpliceForwarder.class);

    private final TcpLoops loops;
    final Frontends frontends;
    private final Listeners listeners;
    private final Roster roster;
    private final BackendHealth health;
    private final BackendChecks checks;
    private volatile Runnable listener = () -> {};
    private boolean closed;

    private SpliceForwarder(ProxyConfig config, TcpLoops loops, BusyPorts busyPorts) {
        this.loops = loops;
        this.listeners = new Listeners(config, loops, busyPorts);
        this.roster = new Roster(loops.events());
        DialConfig dial = config.dial();
        this.health =
                new BackendHealth(loops.first(), dial.connect(), ProxyHeader.LOCAL::bytes, this::isUsed, this::changed);
        this.frontends = new Frontends(health, this::forgetIfDrained);
        this.checks = new BackendChecks(loops.first(), dial.checkInterval(), frontends::used, health);
        if (!dial.checkInterval().isZero()) {
            loops.first().post(checks::start);
        }
    }

    /**
     * Starts the threads.
     *
     * @throws IOException when the system lacks what they need
     */
    public static SpliceForwarder open(ProxyConfig config) throws IOException {
        return open(config, TcpLoops.spliceWorks());
    }

    /** As {@link #open(ProxyConfig)}, but told whether splice(2) is to be used. */
    static SpliceForwarder open(ProxyConfig config, boolean canSplice) throws IOException {
        return open(config, canSplice, BusyPorts.ofThisHost());
    }

    /** The same, told of the ports that programs of the host have. */
    static SpliceForwarder open(ProxyConfig config, boolean canSplice, BusyPorts busyPorts) throws IOException {
        return new SpliceForwarder(config, TcpLoops.open(config, canSplice), busyPorts);
    }

    @Override
    public Map<Frontend, FrontendStatus> frontends() {
        return frontends.statuses();
    }

    @Override
    public Map<Counters.Subject, Counters> counters() {
        return frontends.counters();
    }

    @Override
    public List<ConnectionInfo> connections(int limit, Predicate<ConnectionInfo> filter) {
        return roster.connections(limit, filter);
    }

    @Override
    public int disconnect(Predicate<ConnectionInfo> which) {
        return roster.disconnect(which);
    }

    private boolean isUsed(Backend backend) { // by when there are frontends
        return frontends.isUsed(backend);
    }

    @Override
    public synchronized void set(Frontend frontend, FrontendConfig wanted) throws IOException {
        requireOpen();
        Frontends.Changed set = frontends.set(frontend, wanted, () -> listeners.limits(wanted));
        OpenFrontend open = set.open();
        health.forget(set.before(), wanted.backends());
        requireOpen(); // whoever was told of that may have closed it
        if (wanted.backends().isEmpty()) {
            listeners.close(open);
            return;
        }
        try {
            listeners.open(open);
            frontends.state(open, FrontendStatus.State.OPEN, Optional.empty());
        } catch (SyscallException e) {
            Problem problem = new Problem(Reason.BindFailed, e.getMessage());
            frontends.state(open, FrontendStatus.State.FAILED, Optional.of(problem));
            throw e;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the forwarder is closed");
        }
    }

    @Override
    public synchronized void remove(Frontend frontend, Duration drain) {
        frontends.drain(frontend).ifPresent(open -> {
            int drains = open.drains;
            listeners.close(open);
            health.forget(open.config.backends(), Backends.none());
            long deadline = System.nanoTime() + drain.toNanos();
            for (EventLoop loop : loops.events()) {
                loop.post(() -> loop.deadlines().at(deadline, () -> resetIfDraining(loop, open, drains)));
            }
            forgetIfDrained(open);
        });
    }

    private static void resetIfDraining(EventLoop loop, OpenFrontend open, int drains) {
        boolean calledOff = open.drains != drains; // whoever sets it again counts first
        if (!calledOff) {
            loop.breakOff(
                    resident -> resident instanceof Client client && client.frontend() == open, Ending.DRAIN_TIMEOUT);
        }
    }

    /** Called by a remover, and by a loop whenever the last connection of a frontend that drains has ended. */
    private void forgetIfDrained(OpenFrontend open) {
        if (frontends.forgetIfDrained(open)) {
            changed();
        }
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
        if (loops.isOnOne()) {
            new Thread(this::end, "lb-proxy-close").start(); // a thread does not wait for its own end
        } else {
            end();
        }
    }

    private synchronized void end() {
        if (closed) {
            return;
        }
        closed = true;
        frontends.clear().forEach(listeners::close);
        loops.close(
                () -> { // the first loop asks for all of them
                    checks.close();
                    health.close();
                });
    }
}
