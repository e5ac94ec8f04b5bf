package io.littlelb.cli;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for SIGTERM or SIGINT. A JVM that is left to handle them itself ends with 143; this one is to end with 0 once it has
 * cleaned up. A second signal ends it at once.
 */
final class StopSignal {
    private static final Logger log = LoggerFactory.getLogger(StopSignal.class);
    private static final int STOPPED_BY_FORCE = 1;

    private final CountDownLatch first = new CountDownLatch(1);

    private StopSignal() {}

    /** Listens from now on. */
    static StopSignal listen() {
        StopSignal stop = new StopSignal();
        stop.handle("TERM");
        stop.handle("INT");
        return stop;
    }

    /**
     * {@code sun.misc.Signal.handle(new Signal(name), signal -> onSignal(name))}, the only way to a signal there is; by
     * reflection because javac has a warning for it that nothing switches off.
     */
    private void handle(String name) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object onSignal = Proxy.newProxyInstance(
                    StopSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        onSignal(name);
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM cannot handle SIG" + name, e);
        }
    }

    private void onSignal(String name) {
        boolean second = first.getCount() == 0;
        if (second) {
            Runtime.getRuntime().halt(STOPPED_BY_FORCE);
        }
        log.info("SIG{}: stopping; once more stops at once", name);
        first.countDown();
    }

    /** Returns when the first signal has come. */
    void await() throws InterruptedException {
        first.await();
    }
}
