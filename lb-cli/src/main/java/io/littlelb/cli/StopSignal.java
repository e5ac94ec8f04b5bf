package io.littlelb.cli;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for SIGTERM or SIGINT. A JVM that is left to handle them itself ends with 143; this one is to end with 0 once it has
 * cleaned up. A second signal ends it at once, unless it comes so soon that it is the first one told twice: timeout(1) and service managers signal a process, and
 * then its group.
 *
 * <p>SIGHUP has two meanings. From a person it asks to read again what can be; from a terminal that is gone it is the end of what was started there, and
 * a clean one. Whoever started the program with nohup(1) wants it to stay.
 */
public final class StopSignal {
    private static final Logger log = LoggerFactory.getLogger(StopSignal.class);
    private static final int STOPPED_BY_FORCE = 1;
    private static final Path TERMINAL = Path.of("/dev/tty");
    /** The kernel sends the signal a moment before it takes the terminal away. */
    private static final Duration TERMINAL_GOES = Duration.ofSeconds(1);

    /** No person presses a key twice in that time. */
    private static final Duration TOLD_TWICE = Duration.ofMillis(200);

    private static final Pattern IGNORED = Pattern.compile("SigIgn:\\s*[0-9a-f]*[13579bdf]\\s"); // bit 0 is SIGHUP

    private final CountDownLatch first = new CountDownLatch(1);
    private long firstAt;
    private volatile Runnable reload = () -> log.info("SIGHUP: there is nothing to read again");

    private StopSignal() {}

    /** Listens from now on. */
    public static StopSignal listen() throws IOException {
        StopSignal stop = new StopSignal();
        boolean endsWithTheTerminal = hasTerminal()
                && !IGNORED.matcher(Files.readString(Path.of("/proc/self/status")))
                        .find();
        stop.handle("TERM", () -> stop.stop("TERM"));
        stop.handle("INT", () -> stop.stop("INT"));
        stop.handle("HUP", () -> stop.hangUp(endsWithTheTerminal));
        return stop;
    }

    /** What is to be done when a person asks to read again what can be. */
    void onReload(Runnable action) {
        reload = action;
    }

    /**
     * {@code sun.misc.Signal.handle(new Signal(name), signal -> action.run())}, the only way to a signal there is; by
     * reflection because javac has a warning for it that nothing switches off.
     */
    private void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object onSignal = Proxy.newProxyInstance(
                    StopSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        action.run();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this JVM cannot handle SIG" + name, e);
        }
    }

    private synchronized void stop(String name) { // a thread for each signal
        boolean second = first.getCount() == 0;
        if (second && System.nanoTime() - firstAt < TOLD_TWICE.toNanos()) {
            return;
        }
        if (second) {
            Runtime.getRuntime().halt(STOPPED_BY_FORCE);
        }
        firstAt = System.nanoTime();
        log.info("SIG{}: stopping; once more stops at once", name);
        first.countDown();
    }

    private void hangUp(boolean endsWithTheTerminal) {
        try {
            long deadline = System.nanoTime() + TERMINAL_GOES.toNanos();
            while (endsWithTheTerminal && hasTerminal() && System.nanoTime() - deadline < 0) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
            if (!endsWithTheTerminal || hasTerminal()) {
                reload.run();
            } else if (first.getCount() > 0) { // a shell may say so once more
                stop("HUP");
            }
        } catch (InterruptedException nobodyDoes) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this process has a controlling terminal, tty(4). */
    private static boolean hasTerminal() {
        try {
            Files.newInputStream(TERMINAL).close();
            return true;
        } catch (IOException none) {
            return false;
        }
    }

    /** Returns when the first signal to stop has come. */
    public void await() throws InterruptedException {
        first.await();
    }
}
