package io.littlelb.proxy;

import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A frontend as long as it is of any concern: open, refusing, failed, or draining. The forwarder's callers change it, under the
 * forwarder's lock; loops read the configuration and count connections.
 */
final class OpenFrontend {
    final Frontend frontend;
    private final Runnable onLastConnection;
    private final AtomicInteger connections = new AtomicInteger();

    volatile FrontendConfig config;
    FrontendStatus.State state = FrontendStatus.State.REFUSING;
    String detail = "";
    Listener listener;
    /** Counts how often draining began or was called off: a deadline of an earlier time has no effect. */
    int drains;

    OpenFrontend(Frontend frontend, FrontendConfig config, Runnable onLastConnection) {
        this.frontend = frontend;
        this.config = config;
        this.onLastConnection = onLastConnection;
    }

    FrontendStatus status() {
        return new FrontendStatus(config, state, detail);
    }

    void connectionStarted() {
        connections.incrementAndGet();
    }

    void connectionEnded() {
        if (connections.decrementAndGet() == 0) {
            onLastConnection.run();
        }
    }

    boolean hasConnections() {
        return connections.get() > 0;
    }

    @Override
    public String toString() {
        return frontend.toString();
    }
}
