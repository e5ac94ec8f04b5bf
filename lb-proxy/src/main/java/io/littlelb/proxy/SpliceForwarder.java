package io.littlelb.proxy;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.model.ForwarderLoad;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.port.Forwarder;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.BusyPorts;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.health.BackendChecks;
import io.littlelb.proxy.health.BackendHealth;
import io.littlelb.proxy.tcp.ProxyHeader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Forwards TCP with {@link ThreadConfig#loops} threads {@code lb-proxy-N}.
 *
 * <p>Listeners belong to the network namespace of the thread that calls {@link #set}, and so do connections to backends to the
 * one that called {@link #open}.
 */
public final class SpliceForwarder implements Forwarder {
    private final TcpLoops loops;
    final Frontends frontends;
    private final Listeners listeners;
    private final Roster roster;
    private final BackendHealth health;
    private final BackendChecks checks;
    private final Listener listener = new Listener();
    private boolean closed;

    private SpliceForwarder(ProxyConfig config, TcpLoops loops, BusyPorts busyPorts) {
        this.loops = loops;
        this.listeners = new Listeners(config, loops, busyPorts);
        this.roster = new Roster(loops.events());
        DialConfig dial = config.dial();
        this.health = new BackendHealth(
                loops.first(), dial.connect(), ProxyHeader.LOCAL::bytes, this::isUsed, listener::changed);
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
        return frontends.counters(OpenFrontend::counters);
    }

    @Override
    public Map<Counters.Subject, Counters> totals() {
        return frontends.counters(OpenFrontend::totals);
    }

    @Override
    public List<ConnectionInfo> connections(int limit, Predicate<ConnectionInfo> filter) {
        return roster.connections(limit, filter);
    }

    @Override
    public int disconnect(Predicate<ConnectionInfo> which) {
        return roster.disconnect(which);
    }

    @Override
    public ForwarderLoad load() {
        return new ForwarderLoad(
                loops.work(),
                frontends.connections(),
                listeners.mostConnections(),
                frontends.areHeldUp(),
                loops.pipesLent());
    }

    @Override
    public void onEnd(Consumer<EndedConnection> newListener) {
        loops.ended().tell(newListener);
    }

    @Override
    public boolean isTurning(Duration within) {
        return loops.areTurning(within);
    }

    private boolean isUsed(Backend backend) { // by when there are frontends
        return frontends.isUsed(backend);
    }

    @Override
    public void set(Frontend frontend, FrontendConfig wanted) throws IOException {
        boolean forgotten = false;
        try {
            synchronized (this) {
                requireOpen();
                Frontends.Changed set = frontends.set(frontend, wanted, () -> listeners.limits(wanted));
                forgotten = health.forget(set.before(), wanted.backends());
                listen(set.open());
            }
        } finally {
            listener.changedIf(forgotten); // without the lock, that whoever is told may wait for those who do
        }
    }

    private void listen(OpenFrontend open) throws SyscallException {
        if (open.config.backends().isEmpty()) {
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
    public void remove(Frontend frontend, Duration drain) {
        boolean changed;
        synchronized (this) {
            changed =
                    frontends.drain(frontend).filter(open -> drain(open, drain)).isPresent();
        }
        listener.changedIf(changed);
    }

    /** Whether what is shown has changed beyond that. */
    private boolean drain(OpenFrontend open, Duration drain) {
        listeners.close(open);
        boolean forgotten = health.forget(open.config.backends(), Backends.none());
        loops.breakOffAt(System.nanoTime() + drain.toNanos(), open);
        return frontends.forgetIfDrained(open) || forgotten;
    }

    /** Called by a loop whenever the last connection of a frontend that drains has ended. */
    private void forgetIfDrained(OpenFrontend open) {
        listener.changedIf(frontends.forgetIfDrained(open));
    }

    @Override
    public void onChange(Runnable newListener) {
        listener.set(newListener);
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
        try {
            frontends.clear().forEach(listeners::close);
        } finally {
            loops.close(
                    () -> { // the first loop asks for all of them
                        checks.close();
                        health.close();
                    });
        }
    }
}
