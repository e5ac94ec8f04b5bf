package io.littlelb.testkit.memory;

import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.port.Forwarder;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Frontends in memory. One with connections stays draining until {@link #settle}. */
public final class InMemoryForwarder implements Forwarder {
    private final Map<Frontend, FrontendStatus> frontends = new HashMap<>();
    private final Set<Frontend> connected = new HashSet<>();
    private Gate gate = Gate.OPEN;
    private Runnable listener = () -> {};

    @Override
    public synchronized Map<Frontend, FrontendStatus> frontends() {
        return ImmutableMap.copyOf(frontends);
    }

    @Override
    public synchronized void set(Frontend frontend, FrontendConfig config) throws IOException {
        try {
            gate.pass("set " + frontend);
        } catch (IOException refused) {
            String detail = String.valueOf(refused.getMessage());
            frontends.put(frontend, new FrontendStatus(config, FrontendStatus.State.FAILED, detail));
            throw refused;
        }
        FrontendStatus.State state =
                config.backends().isEmpty() ? FrontendStatus.State.REFUSING : FrontendStatus.State.OPEN;
        frontends.put(frontend, FrontendStatus.of(config, state));
    }

    @Override
    public void remove(Frontend frontend, Duration drain) {
        synchronized (this) {
            FrontendStatus there = frontends.get(frontend);
            if (there == null) {
                return;
            }
            if (connected.contains(frontend)) {
                frontends.put(frontend, FrontendStatus.of(there.config(), FrontendStatus.State.DRAINING));
            } else {
                frontends.remove(frontend);
            }
        }
        changed();
    }

    @Override
    public synchronized void onChange(Runnable newListener) {
        listener = newListener;
    }

    @Override
    public synchronized void close() {
        frontends.clear();
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
            frontends.values().removeIf(status -> status.state() == FrontendStatus.State.DRAINING);
        }
        changed();
    }

    /** Whether a frontend is draining. */
    public synchronized boolean isPending() {
        return frontends.values().stream().anyMatch(status -> status.state() == FrontendStatus.State.DRAINING);
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
