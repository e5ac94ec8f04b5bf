package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whoever is told that frontends have changed by themselves, if there is anybody. From any thread, and with no lock that others wait for. */
final class Listener {
    private static final Logger log = LoggerFactory.getLogger(Listener.class);

    private volatile Runnable told = () -> {};

    void set(Runnable listener) {
        told = requireNonNull(listener, "listener");
    }

    /** A fault of whoever is told is not one of the connection that has just ended. */
    void changed() {
        try {
            told.run();
        } catch (RuntimeException fault) {
            log.error("Whoever is told that frontends have changed has failed", fault);
        }
    }

    void changedIf(boolean really) {
        if (really) {
            changed();
        }
    }
}
