package io.littlelb.proxy.loop;

import com.google.common.base.Throwables;
import io.littlelb.core.model.Ending;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * One thread {@code lb-proxy-N} and everything that happens on it: waits for what is ready, and lets its owner go on.
 *
 * <p>All methods are for that thread, except those that say otherwise.
 */
public final class EventLoop implements Waiting, AutoCloseable {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int LONGEST_WAIT_MILLIS = 60_000;
    /** How long it may take to break off every resident. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** The token of what is not watched. */
    public static final int NOT_WATCHED = -1;

    private final Epoll epoll = new Epoll();
    private final Mailbox mailbox = new Mailbox();
    private final Deadlines deadlines = new Deadlines();
    private final Worker worker;

    private final List<Ready> handlers = new ArrayList<>();
    private final Queue<Integer> freeTokens = new ArrayDeque<>();
    /** Freed since the last wait: their events may still be among those at hand, so nobody else may have them yet. */
    private final List<Integer> freedTokens = new ArrayList<>();

    private final Queue<Resident> unfinished = new ArrayDeque<>();
    private final List<Resident> residents = new ArrayList<>();
    private final List<Runnable> atEnd = new ArrayList<>();
    private final AtomicInteger load = new AtomicInteger();
    private final long busyNanos;
    /** Whether the last wait was so short that it could have been a busy one. */
    private boolean eventsComeSoon;

    /** Of the last answer: how many events there are, and the first that was not handed out. */
    private int ready;

    private int next;
    /** What {@link #knownBy} says, and what it goes by while answers are full. */
    private long known = System.nanoTime();

    private long fullSince;
    private int stillToCome;

    private long now = known;
    private boolean closed;

    public EventLoop(int number, Duration busyPoll, ErrorHandler errors) throws SyscallException {
        busyNanos = busyPoll.toNanos();
        worker = new Worker("lb-proxy-" + number, this, this::turn, errors);
        watch(mailbox.fd(), Epoll.EPOLLIN, events -> mailbox.empty());
    }

    /** Is told what a descriptor is ready for, {@code EPOLL*}. */
    @FunctionalInterface
    public interface Ready extends Isolated {
        /** Stands where nobody does: an event that comes too late has no effect. */
        Ready NOBODY = events -> {};

        void on(int events);
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
        handOut(); // the rest, if an Error has come between
        boolean waits = nanos > 0;
        long asked = System.nanoTime();
        ready = waits ? waitFor(nanos, asked) : epoll.await(0);
        boolean inVain =
                waits && ready == 0; // the time is over, or a signal came: what that leaves to be known is seen now
        if (inVain) {
            asked = System.nanoTime();
            ready = epoll.await(0);
        }
        next = 0;
        now = System.nanoTime();
        known = knownBy(asked);
        handOut();
        return known;
    }

    /**
     * By when everything that had come is among what has been answered. After a full answer there may be more; but epoll gives each descriptor its
     * turn (a queue, {@code ep_send_events} of the kernel's {@code fs/eventpoll.c}), so that after as many events as there are descriptors all that were ready
     * when the first of these answers was asked for have been there.
     */
    private long knownBy(long asked) {
        if (ready < Epoll.BATCH) {
            stillToCome = 0;
            return asked;
        }
        if (stillToCome <= 0) {
            stillToCome = handlers.size();
            fullSince = asked;
        }
        stillToCome -= ready;
        return stillToCome <= 0 ? fullSince : known;
    }

    private void handOut() {
        while (next < ready) {
            int event = next++;
            Ready handler = handlers.get((int) epoll.token(event));
            try {
                handler.on(epoll.events(event));
            } catch (RuntimeException | Error fault) {
                Isolated.end(handler, fault);
            }
        }
    }

    /** Waits for events; where that is wanted and the last ones came soon, at first by asking again and again: to sleep and be woken takes longer. */
    private int waitFor(long nanos, long began) throws SyscallException {
        int millis = (int) Math.min((nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI, LONGEST_WAIT_MILLIS);
        if (busyNanos == 0) {
            return epoll.await(millis);
        }
        int events = 0;
        while (events == 0 && eventsComeSoon && System.nanoTime() - began < busyNanos) {
            Thread.onSpinWait();
            events = epoll.await(0);
        }
        if (events == 0) {
            events = epoll.await(millis);
        }
        eventsComeSoon = System.nanoTime() - began < busyNanos;
        return events;
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
            resume(unfinished.remove());
        }
        now = knownNow; // what is due is judged by what is known, and not by the clock
        deadlines.expire(knownNow);
        if (!freedTokens.isEmpty()) { // else adding none would make an object
            freeTokens.addAll(freedTokens);
            freedTokens.clear();
        }
        return unfinished.isEmpty() ? deadlines.nanosToNext(knownNow) : 0;
    }

    private static void resume(Resident resident) {
        try {
            resident.resume();
        } catch (RuntimeException | Error fault) {
            Isolated.end(resident, fault);
        }
    }

    /** Has the handler told whenever the descriptor is ready; the token is for {@link #forget}. */
    public int watch(Fd fd, int interest, Ready handler) throws SyscallException {
        int token = freeTokens.isEmpty() ? handlers.size() : freeTokens.remove();
        if (token == handlers.size()) {
            handlers.add(handler);
        } else {
            handlers.set(token, handler);
        }
        try {
            epoll.add(fd, interest, token);
            return token;
        } catch (SyscallException e) {
            forget(token);
            throw e;
        }
    }

    /** The handler is told nothing any more. Closing its descriptor ends the registration, epoll(7) question 6. */
    public void forget(int token) {
        handlers.set(token, Ready.NOBODY);
        freedTokens.add(token);
    }

    /** Closes a descriptor, watched or not. */
    public void close(Fd fd, int token) {
        if (token != NOT_WATCHED) {
            forget(token);
        }
        fd.close();
    }

    /** Stops watching a descriptor that stays open. */
    public void unwatch(Fd fd, int token) throws SyscallException {
        epoll.remove(fd);
        forget(token);
    }

    /** Goes on with this one after everybody else had a turn. */
    public void later(Resident resident) {
        unfinished.add(resident);
    }

    /** {@link System#nanoTime} when what is being done now became known; when something is due, by when everything was. */
    public long now() {
        return now;
    }

    /** Has a deadline's action done at a time of {@link System#nanoTime}, and at no other. */
    public void set(Deadline deadline, long nanos) {
        deadlines.set(deadline, nanos);
    }

    /** Does it at no time. */
    public void cancel(Deadline deadline) {
        deadlines.cancel(deadline);
    }

    /** Has something done once. */
    public void at(long nanos, Deadlines.Due action) {
        deadlines.set(new Deadline(action), nanos);
    }

    /** How many residents there are or are on their way; from any thread. */
    public AtomicInteger load() {
        return load;
    }

    public void began(Resident resident) {
        resident.position = residents.size();
        residents.add(resident);
    }

    public void ended(Resident resident) {
        Resident last = residents.remove(residents.size() - 1);
        if (last != resident) {
            residents.set(resident.position, last);
            last.position = resident.position;
        }
        load.decrementAndGet();
    }

    /** Breaks off those of a kind that live here now. */
    public void breakOff(Predicate<Resident> which, Ending ending) {
        for (Resident resident : List.copyOf(residents)) {
            try {
                if (which.test(resident)) {
                    resident.breakOff(ending);
                }
            } catch (RuntimeException | Error fault) {
                Isolated.end(resident, fault);
            }
        }
    }

    /** Has something done on the loop's thread, soon; from any thread. Returns whether it will be: a loop that is closing takes nothing more. */
    public boolean post(Runnable work) {
        return mailbox.post(work);
    }

    /**
     * Has something done on the loop's thread and waits until it is done; from any other thread. What it throws is thrown here.
     *
     * @return whether it was done: a loop that is closing takes nothing more
     */
    public boolean call(Runnable work) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        boolean taken = post(() -> {
            try {
                work.run();
                done.complete(true);
            } catch (RuntimeException | Error fault) {
                done.completeExceptionally(fault);
            }
        });
        try {
            return taken && done.join();
        } catch (CompletionException failed) {
            Throwables.throwIfUnchecked(failed.getCause());
            throw failed;
        }
    }

    /** Does what was left to be done, takes nothing more, and breaks off every resident. */
    private void finish() {
        mailbox.refuse();
        mailbox.empty();
        breakOff(resident -> true, Ending.DRAINED);
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
            epoll.close();
            atEnd.forEach(Runnable::run);
        }
    }
}
