package io.littlelb.proxy.loop;

import io.littlelb.core.model.Ending;
import io.littlelb.core.model.ForwarderLoad;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * One thread {@code lb-proxy-N} and everything that happens on it: waits for what is ready, and lets its owner go on.
 *
 * <p>All methods are for that thread, except those that say otherwise.
 */
public final class EventLoop implements Waiting, AutoCloseable {
    /** How long it may take to break off every resident. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** The token of what is not watched. */
    public static final int NOT_WATCHED = -1;

    private final Watched watched;
    private final Mailbox mailbox = new Mailbox();
    private final Deadlines deadlines = new Deadlines();
    private final Worker worker;

    private final Queue<Unfinished> unfinished = new ArrayDeque<>();
    private final Residents residents = new Residents();
    private final List<Runnable> atEnd = new ArrayList<>();
    private final AtomicInteger load = new AtomicInteger();
    private final String name;
    private final long startedNanos = clock();
    /** How long it has had something to do, in nanoseconds; written by its thread alone, once a turn. */
    private final AtomicLong busy = new AtomicLong();
    /** Since when it has. */
    private long busySince = startedNanos;

    private long now = startedNanos;
    private boolean closed;

    public EventLoop(int number, Duration busyPoll, ErrorHandler errors) throws SyscallException {
        this.watched = new Watched(busyPoll);
        this.name = "lb-proxy-" + number;
        this.worker = new Worker(name, this, this::turn, errors);
        watch(mailbox.fd(), Epoll.EPOLLIN, events -> mailbox.empty());
    }

    /** Whether the caller is it. */
    public boolean isOnItsThread() {
        return worker.isOnItsThread();
    }

    /** Has something given back once the thread has ended for good; before {@link #start}. */
    public void whenClosed(Runnable giveBack) {
        atEnd.add(giveBack);
    }

    public void start() {
        worker.start();
    }

    /**
     * Waits for events, and lets their owners go on. What has come by the time that is returned has been handed out, for it was asked for later
     * than that; what is due is judged by that time, and none is asked for again unless something is due.
     */
    @Override
    public long await(long nanos) throws SyscallException {
        watched.handOut(); // the rest, if an Error has come between
        busy.setOpaque(busy.getPlain() + clock() - busySince); // by its only writer, which needs no locked instruction
        watched.await(nanos);
        now = clock();
        busySince = now;
        watched.handOut();
        return watched.known();
    }

    /** Ends the wait; from any thread. */
    @Override
    public void wake() {
        mailbox.wake();
    }

    /** One turn after {@link #await}: what was left unfinished, what is due. */
    public long turn(long knownNow) {
        if (worker.isClosing()) {
            finish();
            return Task.DONE;
        }
        for (int i = unfinished.size(); i > 0; i--) {
            Unfinished.goOn(unfinished.remove());
        }
        now = knownNow; // what is due is judged by what is known, and not by the clock
        deadlines.expire(knownNow);
        watched.turnIsOver();
        return unfinished.isEmpty() ? deadlines.nanosToNext(knownNow) : 0;
    }

    /** Has the handler told whenever the descriptor is ready; the token is for {@link #close} and {@link #unwatch}. */
    public int watch(Fd fd, int interest, Ready handler) throws SyscallException {
        return watched.add(fd, interest, handler);
    }

    /** Closes a descriptor, watched or not. */
    public void close(Fd fd, int token) {
        if (token != NOT_WATCHED) {
            watched.forget(token);
        }
        fd.close();
    }

    /** Stops watching a descriptor that stays open. */
    public void unwatch(Fd fd, int token) throws SyscallException {
        watched.remove(fd, token);
    }

    /** Goes on with this one after everybody else had a turn. */
    public void later(Unfinished who) {
        unfinished.add(who);
    }

    /** {@link System#nanoTime} when what is being done now became known; when something is due, by when everything was. */
    public long now() {
        return now;
    }

    /** {@link System#nanoTime}, read anew: for what begins once something has been done, and may not count the time before. */
    public long clock() {
        return System.nanoTime();
    }

    /** What is to be done here at certain times. */
    public Deadlines deadlines() {
        return deadlines;
    }

    /** What it has had to do so far, up to its last wait; from any thread. A wait that only looks, or asks again and again, is one too. */
    public ForwarderLoad.OfThread work() {
        return new ForwarderLoad.OfThread(
                name, Duration.ofNanos(busy.getOpaque()), Duration.ofNanos(clock() - startedNanos));
    }

    /** How many residents there are or are on their way; from any thread. */
    public AtomicInteger load() {
        return load;
    }

    /** It lives here from now on. */
    public void began(Resident resident) {
        residents.add(resident);
    }

    /** It does not live here any more; or it never will, but was on its way. */
    public void ended(Resident resident) {
        residents.remove(resident);
        load.decrementAndGet();
    }

    /** Breaks off those of a kind that live here now. */
    public void breakOff(Predicate<Resident> which, Ending ending) {
        residents.breakOff(which, ending);
    }

    /**
     * Shows all who live here now to a visitor, a few a turn; from any thread.
     *
     * @param visitor returns whether it wants to see more. It may end whom it is shown, and may be shown the same one twice
     * @param whenOver called when it has seen enough, or all; both on this loop's thread
     * @return whether it will be shown any: a loop that is closing takes nothing more
     */
    public boolean visit(Predicate<Resident> visitor, Runnable whenOver) {
        return post(() -> later(new Visit(this, residents, visitor, whenOver)));
    }

    /** Has something done on the loop's thread, soon; from any thread. Returns whether it will be: a loop that is closing takes nothing more. */
    public boolean post(Runnable work) {
        return mailbox.post(work);
    }

    /** As {@link #post}, and waits until it is done; from any other thread. What it throws is thrown here. */
    public boolean call(Runnable work) {
        return mailbox.call(work);
    }

    /** Does what was left to be done, takes nothing more, and breaks off every resident. */
    private void finish() {
        mailbox.refuse();
        mailbox.empty();
        residents.breakOff(resident -> true, Ending.SHUTDOWN);
        for (Unfinished who = unfinished.poll(); who != null; who = unfinished.poll()) {
            who.broke(); // there is no other turn, and somebody may wait for it
        }
    }

    /** Breaks off every resident and ends the thread; from any other thread, and more than once. */
    @Override
    public void close() {
        if (!worker.close(GRACE)) {
            return; // it still uses what would be given back
        }
        if (!closed) {
            closed = true;
            finish(); // what no thread, or one without time, has done
            mailbox.close();
            watched.close();
            atEnd.forEach(Runnable::run);
        }
    }
}
