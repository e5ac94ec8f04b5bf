package io.littlelb.core.worker;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that has one turn after another, and the only kind there is here of those that last.
 *
 * <p>It survives its turns: one that throws is logged and followed, after a pause that grows, by another; an {@link Error} is told to the handler
 * that was handed in. So a thread ends because its task says so, or because it is closed and its time is up, and never unnoticed.
 *
 * <p>And it knows what time it is. <b>What is due is judged on fresh knowledge only:</b> the clock is read, then all that has come is taken
 * in, and only then may be judged what was due when the clock was read. A process that was stopped for seconds (SIGSTOP, a paused virtual
 * machine, a processor that others had) finds the clock far ahead when it goes on, and the answers that came meanwhile still unread: this
 * order has it read them first. The other half of the rule is the task's: what begins to wait for something reads the clock after it has asked
 * for it, not before.
 *
 * <p>A test that wants no thread calls {@link #turn} by hand.
 */
public final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /** How long the end is waited for beyond the grace, in which there may be one more turn under way. */
    private static final Duration LAST_TURN = Duration.ofSeconds(2);
    /** Half of all that the clock can tell apart. */
    private static final long FOR_EVER = Long.MAX_VALUE / 2;

    private final Waiting waiting;
    private final Task task;
    private final ErrorHandler errors;
    private final Thread thread;
    /** Released to end a pause. */
    private final Semaphore interruptions = new Semaphore(0);

    private volatile boolean closing;
    /** When an orderly end is not waited for any longer; says something once {@link #closing} is set. */
    private volatile long endsAt;

    // Of the thread alone.
    private final Pauses pauses = new Pauses(FIRST_PAUSE, LONGEST_PAUSE);
    private long due = System.nanoTime();
    private boolean done;

    /** @param name what the thread is called, such as {@code lb-link} */
    public Worker(String name, Waiting waiting, Task task, ErrorHandler errors) {
        this.waiting = requireNonNull(waiting, "waiting");
        this.task = requireNonNull(task, "task");
        this.errors = requireNonNull(errors, "errors");
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Starts the thread; the first turn comes at once. */
    public void start() {
        thread.start();
    }

    /** Something may have changed: have a turn. From any thread; returns at once. */
    public void wake() {
        waiting.wake();
    }

    /** Whether it was asked to end: the task then does its last work, and answers {@link Task#DONE} when that is done. */
    public boolean isClosing() {
        return closing;
    }

    /** Whether it has been started, and has not ended. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Whether the caller has a turn of this worker. */
    public boolean isOnItsThread() {
        return Thread.currentThread() == thread;
    }

    /**
     * Asks the task to come to its end, waits for that, and gives it no more turns when the grace is over. From any other thread, and more than once;
     * a worker that was not started has ended.
     *
     * @return whether the thread has ended: one that is held up in a turn by the world goes on alone
     */
    public boolean close(Duration grace) {
        return closeAll(List.of(this), grace);
    }

    /** As {@link #close}, of many workers at the same time: they share the grace. Returns whether all threads have ended. */
    public static boolean closeAll(List<Worker> workers, Duration grace) {
        workers.forEach(worker -> worker.askToEnd(grace));
        long latest = System.nanoTime() + grace.plus(LAST_TURN).toNanos();
        for (Worker worker : workers) { // at once where it was not started
            long left = Math.max(0, latest - System.nanoTime());
            Uninterruptibles.joinUninterruptibly(worker.thread, left, TimeUnit.NANOSECONDS);
        }
        return workers.stream().noneMatch(worker -> worker.thread.isAlive());
    }

    private void askToEnd(Duration grace) {
        synchronized (this) {
            if (!closing) {
                endsAt = System.nanoTime() + grace.toNanos();
                closing = true;
            }
        }
        interruptions.release();
        wake();
    }

    private void run() {
        while (!done) {
            turn();
        }
    }

    /** Waits, and has one turn: on its thread, or by hand in a test. Never throws. */
    public void turn() {
        try {
            long known = waiting.await(patience());
            long wait = task.turn(known);
            done = wait == Task.DONE;
            due = known + Math.min(wait, FOR_EVER);
            pauses.reset();
        } catch (IOException | RuntimeException failure) {
            Duration pause = pauses.next();
            log.error("A turn of {} was abandoned; the next one follows in {}", thread.getName(), pause, failure);
            rest(pause);
        } catch (Error error) {
            errors.onError(thread.getName(), error);
            rest(pauses.next());
        }
        done |= closing && System.nanoTime() - endsAt >= 0;
    }

    private long patience() {
        long latest = closing && endsAt - due < 0 ? endsAt : due;
        return Math.max(0, latest - System.nanoTime());
    }

    private void rest(Duration pause) {
        due = System.nanoTime(); // after the pause, whatever the last good turn said
        long nanos = closing ? Math.min(pause.toNanos(), endsAt - due) : pause.toNanos();
        if (Uninterruptibles.tryAcquireUninterruptibly(interruptions, nanos, TimeUnit.NANOSECONDS)) {
            log.debug("{} is to end, and does not wait for the end of its pause", thread.getName());
        }
    }
}
