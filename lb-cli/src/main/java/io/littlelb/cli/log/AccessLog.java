package io.littlelb.cli.log;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * The access log: a line a connection that has ended. Whoever moves bytes only leaves a note in a queue, and wakes nobody; the thread {@code lb-access} writes what
 * there is ten times a second, while there is anything to tell of. Of more than a thousand lines in a second the rest is left out, and how many it were is said.
 */
public final class AccessLog implements Consumer<EndedConnection>, AutoCloseable {
    /** The name under which the lines are logged. */
    static final String LOGGER = "access";

    static final int LINES_A_SECOND = 1_000;
    static final int QUEUED = 8_192;

    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long LOOK = Duration.ofMillis(100).toNanos();
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final Consumer<LogRecord> lines;
    private final BlockingQueue<EndedConnection> queue = new ArrayBlockingQueue<>(QUEUED);
    private final AtomicLong dropped = new AtomicLong();
    private final Worker worker;
    private volatile AccessMode mode = AccessMode.OFF;

    /** Guarded by this object. */
    private boolean started;

    // Of the thread alone.
    private long second = System.nanoTime();
    private int written;
    private long leftOut;

    /** @param lines where records go, on the thread of this */
    AccessLog(Consumer<LogRecord> lines, ErrorHandler errors) {
        this.lines = requireNonNull(lines, "lines");
        this.worker = new Worker("lb-access", Waiting.forWakeUps(), this::turn, errors);
    }

    /** What is taken note of from now on; whoever asks for it has the turns. */
    void noteOnly(AccessMode connections) {
        mode = connections;
    }

    /** What is told of from now on; from any thread. There is a thread from the first time on that anything is. */
    public synchronized void tellOf(AccessMode connections) {
        mode = connections;
        if (!started && connections != AccessMode.OFF) {
            started = true;
            worker.start();
        }
        worker.wake();
    }

    /** Takes note of one, and waits for nobody; from any thread. */
    @Override
    public void accept(EndedConnection connection) {
        if (mode.tellsOf(connection.ending()) && !queue.offer(connection)) {
            dropped.incrementAndGet();
        }
    }

    /** One turn, of its thread or of a test. */
    long turn(long now) {
        if (now - second >= SECOND) {
            tellWhatIsLeftOut();
            second = now;
            written = 0;
        }
        for (int most = queue.size(); most > 0; most--) {
            write(queue.poll());
        }
        if (worker.isClosing()) {
            tellWhatIsLeftOut();
            return Task.DONE;
        }
        return mode == AccessMode.OFF && leftOut == 0 && dropped.get() == 0 ? Task.UNTIL_WOKEN : LOOK;
    }

    private void write(EndedConnection connection) {
        if (written < LINES_A_SECOND) {
            written++;
            lines.accept(new AccessRecord(connection));
        } else {
            leftOut++;
        }
    }

    private void tellWhatIsLeftOut() {
        long many = leftOut + dropped.getAndSet(0);
        leftOut = 0;
        if (many > 0) {
            LogRecord line = new LogRecord(
                    Level.INFO,
                    many + " more connections ended within a second, and are left out: " + LINES_A_SECOND
                            + " are told of at most");
            line.setLoggerName(LOGGER);
            lines.accept(line);
        }
    }

    /** Writes what is left, and ends the thread. */
    @Override
    public void close() {
        worker.close(GRACE);
    }
}
