package io.littlelb.testkit.memory;

import com.google.common.collect.Maps;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.port.Forwarder;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Frontends in memory. One with connections stays draining until {@link #settle}. */
public final class InMemoryForwarder implements Forwarder {
    private PersistentMap<Frontend, FrontendStatus> frontends = PersistentMap.of();
    private final Set<Frontend> connected = new HashSet<>();
    private Gate gate = Gate.OPEN;
    private Runnable listener = () -> {};
    private boolean closed;

    @Override
    public synchronized Map<Frontend, FrontendStatus> frontends() {
        return frontends;
    }

    @Override
    public synchronized void set(Frontend frontend, FrontendConfig config) throws IOException {
        if (closed) {
            throw new IllegalStateException("the forwarder is closed");
        }
        FrontendStatus there = frontends.get(frontend);
        boolean isOfAnother = there != null
                && there.state() != FrontendStatus.State.DRAINING
                && !there.config().service().equals(config.service());
        if (isOfAnother) {
            throw new IllegalArgumentException(
                    frontend + " is Service " + there.config().service() + "'s");
        }
        try {
            gate.pass("set " + frontend);
        } catch (IOException refused) {
            String detail = String.valueOf(refused.getMessage());
            frontends = frontends.with(frontend, FrontendStatus.failed(config, detail));
            throw refused;
        }
        FrontendStatus.State state =
                config.backends().isEmpty() ? FrontendStatus.State.REFUSING : FrontendStatus.State.OPEN;
        frontends = frontends.with(frontend, FrontendStatus.of(config, state));
    }

    @Override
    public void remove(Frontend frontend, Duration drain) {
        synchronized (this) {
            FrontendStatus there = frontends.get(frontend);
            if (there == null) {
                return;
            }
            frontends = connected.contains(frontend)
                    ? frontends.with(frontend, FrontendStatus.of(there.config(), FrontendStatus.State.DRAINING))
                    : frontends.without(frontend);
        }
        changed();
    }

    @Override
    public synchronized boolean isTurning(Duration within) {
        return !closed;
    }

    @Override
    public synchronized void onChange(Runnable newListener) {
        listener = newListener;
    }

    @Override
    public synchronized void close() {
        closed = true;
        frontends = PersistentMap.of();
        connected.clear();
    }

    /** A client connects to a frontend and stays. */
    public synchronized void connect(Frontend frontend) {
        connected.add(frontend);
    }

    /** Every client leaves: whatever was draining is gone. */
    public void settle() {
        synchronized (this) {
            connected.clear();
            frontends = frontends.with(Map.of(), draining());
        }
        changed();
    }

    /** Whether a frontend is draining. */
    public synchronized boolean isPending() {
        return !draining().isEmpty();
    }

    private Set<Frontend> draining() {
        return Maps.filterValues(frontends, status -> status.state() == FrontendStatus.State.DRAINING)
                .keySet();
    }

    /** What decides from now on whether an operation goes through. */
    public synchronized void gate(Gate newGate) {
        gate = newGate;
    }

    private void changed() {
        Runnable told;
        synchronized (this) {
            told = listener;
        }
        told.run(); // outside the lock: the listener may call back
    }
}
