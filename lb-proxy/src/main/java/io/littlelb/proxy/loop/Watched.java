package io.littlelb.proxy.loop;

import io.littlelb.linux.Fd;
import io.littlelb.linux.SyscallException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/** The descriptors that a loop watches, and what has come for them in the last answer of {@link Epoll}. For the loop's thread. */
final class Watched implements AutoCloseable {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int LONGEST_WAIT_MILLIS = 60_000;

    private final Epoll epoll = new Epoll();
    private final List<Ready> handlers = new ArrayList<>();
    private final Queue<Integer> freeTokens = new ArrayDeque<>();
    /** Freed since the last wait: their events may still be among those at hand, so nobody else may have them yet. */
    private final List<Integer> freedTokens = new ArrayList<>();

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

    /** @param busyPoll how long to ask again and again before it sleeps */
    Watched(Duration busyPoll) throws SyscallException {
        busyNanos = busyPoll.toNanos();
    }

    /** Waits until something has come, or for so long; 0 only looks. */
    void await(long nanos) throws SyscallException {
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
        known = knownBy(asked);
    }

    /** A time by which all that had come is among what was answered. */
    long known() {
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

    /** Tells those for whom something has come, and who have not been told yet. */
    void handOut() {
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

    /** Has the handler told whenever the descriptor is ready; returns a token. */
    int add(Fd fd, int interest, Ready handler) throws SyscallException {
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
    void forget(int token) {
        handlers.set(token, Ready.NOBODY);
        freedTokens.add(token);
    }

    /** Stops watching a descriptor that stays open. */
    void remove(Fd fd, int token) throws SyscallException {
        epoll.remove(fd);
        forget(token);
    }

    /** All that had come has been handed out: what was given back meanwhile may be given away. */
    void turnIsOver() {
        if (!freedTokens.isEmpty()) { // else adding none would make an object
            freeTokens.addAll(freedTokens);
            freedTokens.clear();
        }
    }

    @Override
    public void close() {
        epoll.close();
    }
}
