package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.port.Forwarder;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    private final ProxyConfig config;
    private final List<EventLoop> loops = new ArrayList<>();
    /** Guarded by itself: callers change it, and the loops take drained frontends out of it. */
    private final Map<Frontend, OpenFrontend> frontends = new HashMap<>();

    private volatile Runnable listener = () -> {};
    private int nextHome;

    private SpliceForwarder(ProxyConfig config) {
        this.config = config;
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
        SpliceForwarder forwarder = new SpliceForwarder(config);
        for (int i = 0; i < config.loops(); i++) {
            forwarder.loops.add(new EventLoop(i, config, canSplice));
        }
        forwarder.loops.forEach(EventLoop::start);
        return forwarder;
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
        synchronized (frontends) {
            Map<Frontend, FrontendStatus> statuses = new HashMap<>();
            frontends.forEach((frontend, open) -> statuses.put(frontend, open.status()));
            return Map.copyOf(statuses);
        }
    }

    @Override
    public void set(Frontend frontend, FrontendConfig wanted) throws IOException {
        OpenFrontend open;
        synchronized (frontends) {
            open = frontends.computeIfAbsent(
                    frontend, key -> new OpenFrontend(key, wanted, () -> forgetIfDrained(key)));
            open.config = wanted;
            open.drains++;
            open.state = FrontendStatus.State.REFUSING;
            open.detail = "";
        }
        if (wanted.backends().isEmpty()) {
            closeListener(open);
            return;
        }
        try {
            openListener(open);
            state(open, FrontendStatus.State.OPEN, "");
        } catch (SyscallException e) {
            state(open, FrontendStatus.State.FAILED, e.getMessage());
            throw e;
        }
    }

    private void state(OpenFrontend open, FrontendStatus.State state, String detail) {
        synchronized (frontends) {
            open.state = state;
            open.detail = detail;
        }
    }

    private void openListener(OpenFrontend open) throws SyscallException {
        if (open.listener == null) {
            Fd socket = Listener.listen(open.frontend);
            EventLoop home = loops.get(nextHome++ % loops.size());
            open.listener = new Listener(socket, home, loops, config, open);
            home.call(open.listener::start);
        }
    }

    /** Waits for the loop, which takes microseconds: when it returns, the kernel refuses. */
    private static void closeListener(OpenFrontend open) {
        if (open.listener != null) {
            open.listener.home().call(open.listener::close);
            open.listener = null;
        }
    }

    @Override
    public void remove(Frontend frontend, Duration drain) {
        OpenFrontend open;
        int drains;
        synchronized (frontends) {
            open = frontends.get(frontend);
            if (open == null || open.state == FrontendStatus.State.DRAINING) {
                return;
            }
            open.state = FrontendStatus.State.DRAINING;
            open.detail = "";
            drains = ++open.drains;
        }
        closeListener(open);
        long deadline = System.nanoTime() + drain.toNanos();
        for (EventLoop loop : loops) {
            loop.post(() -> loop.at(deadline, () -> resetIfDraining(loop, open, drains)));
        }
        forgetIfDrained(frontend);
    }

    private void resetIfDraining(EventLoop loop, OpenFrontend open, int drains) {
        synchronized (frontends) {
            boolean calledOff = open.state != FrontendStatus.State.DRAINING || open.drains != drains;
            if (calledOff) {
                return;
            }
        }
        List.copyOf(loop.connections()).stream()
                .filter(connection -> connection.frontend() == open)
                .forEach(Connection::reset);
    }

    /** Called by a remover, and by a loop whenever a frontend's last connection has ended. */
    private void forgetIfDrained(Frontend frontend) {
        synchronized (frontends) {
            OpenFrontend open = frontends.get(frontend);
            boolean drained = open != null && open.state == FrontendStatus.State.DRAINING && !open.hasConnections();
            if (!drained) {
                return;
            }
            frontends.remove(frontend);
        }
        listener.run(); // outside the lock: the listener may call back
    }

    @Override
    public void onChange(Runnable newListener) {
        listener = requireNonNull(newListener, "newListener");
    }

    @Override
    public void close() {
        List<OpenFrontend> open;
        synchronized (frontends) {
            open = List.copyOf(frontends.values());
            frontends.clear();
        }
        open.forEach(SpliceForwarder::closeListener);
        loops.forEach(EventLoop::close);
        loops.clear();
    }
}
