package io.littlelb.proxy;

import com.google.common.util.concurrent.Uninterruptibles;
import io.littlelb.linux.Fd;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.Deadlines.Deadline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread {@code lb-proxy-N} and everything that happens on it: waits for what is ready, and lets its owner go on.
 *
 * <p>All methods are for that thread, except those that say otherwise.
 */
final class EventLoop implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

    /** The token of what is not watched. */
    static final int NOT_WATCHED = -1;

    private final Epoll epoll = new Epoll();
    private final Mailbox mailbox = new Mailbox();
    private final Deadlines deadlines = new Deadlines();
    private final PipePool pipes;
    private final Thread thread;

    private final List<Ready> handlers = new ArrayList<>();
    private final Queue<Integer> freeTokens = new ArrayDeque<>();
    /** Freed since the last wait: their events may still be among those at hand, so nobody else may have them yet. */
    private final List<Integer> freedTokens = new ArrayList<>();

    private final Queue<Connection> unfinished = new ArrayDeque<>();
    private final SockAddr dialled = SockAddr.empty();
    private final List<Client> clients = new ArrayList<>();
    private final AtomicInteger load = new AtomicInteger();
    private final long busyNanos;
    /** Whether the last wait was so short that it could have been a busy one. */
    private boolean eventsComeSoon;

    private boolean stopped;
    private long now = System.nanoTime();

    EventLoop(int number, ProxyConfig config, boolean canSplice) throws SyscallException {
        pipes = new PipePool(config.pipeBytes(), config.pooledPipes(), PipePool.MOST, canSplice);
        busyNanos = config.busyPoll().toNanos();
        thread = new Thread(this::run, "lb-proxy-" + number);
        watch(mailbox.fd(), Epoll.EPOLLIN, events -> mailbox.empty());
    }

    /** Is told what a descriptor is ready for, {@code EPOLL*}. */
    @FunctionalInterface
    interface Ready {
        /** Stands where nobody does: an event that comes too late has no effect. */
        Ready NOBODY = events -> {};

        void on(int events);
    }

    /** A client that lives on a loop until it ends. */
    abstract static class Client {
        /** Its place among the clients of its loop, which keeps it. */
        private int position;

        abstract OpenFrontend frontend();

        /** Lets it know that it did not end but was lost. */
        abstract void breakOff(Ending ending);
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        while (!stopped) {
            try {
                turn(unfinished.isEmpty() ? deadlines.millisToNext(System.nanoTime()) : 0);
            } catch (SyscallException | RuntimeException e) {
                log.error("One turn of {} was abandoned", thread.getName(), e);
            }
        }
    }

    /** One turn: what is ready, what was left unfinished, what is due. */
    void turn(int timeoutMillis) throws SyscallException {
        int ready = await(timeoutMillis);
        now = System.nanoTime();
        for (int i = 0; i < ready; i++) {
            handlers.get((int) epoll.token(i)).on(epoll.events(i));
        }
        for (int i = unfinished.size(); i > 0; i--) {
            unfinished.remove().relayAgain();
        }
        now = System.nanoTime(); // no deadline is due that has not come by this
        deadlines.expire(now);
        if (!freedTokens.isEmpty()) { // else adding none would make an object
            freeTokens.addAll(freedTokens);
            freedTokens.clear();
        }
    }

    /** Waits for events; where that is wanted and the last ones came soon, at first by asking again and again: to sleep and be woken takes longer. */
    private int await(int timeoutMillis) throws SyscallException {
        if (busyNanos == 0 || timeoutMillis == 0) {
            return epoll.await(timeoutMillis);
        }
        long began = System.nanoTime();
        int ready = 0;
        while (ready == 0 && eventsComeSoon && System.nanoTime() - began < busyNanos) {
            Thread.onSpinWait();
            ready = epoll.await(0);
        }
        if (ready == 0) {
            ready = epoll.await(timeoutMillis);
        }
        eventsComeSoon = System.nanoTime() - began < busyNanos;
        return ready;
    }

    /** Has the handler told whenever the descriptor is ready; the token is for {@link #forget}. */
    int watch(Fd fd, int interest, Ready handler) throws SyscallException {
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

    /** Closes a descriptor, watched or not. */
    void close(Fd fd, int token) {
        if (token != NOT_WATCHED) {
            forget(token);
        }
        fd.close();
    }

    /** Stops watching a descriptor that stays open. */
    void unwatch(Fd fd, int token) throws SyscallException {
        epoll.remove(fd);
        forget(token);
    }

    /** Goes on with this one after everybody else had a turn. */
    void later(Connection connection) {
        unfinished.add(connection);
    }

    /** Where an address stands for the time of one call. */
    SockAddr dialled() {
        return dialled;
    }

    /** {@link System#nanoTime} when what is being done now became known. */
    long now() {
        return now;
    }

    /** Has a deadline's action done at a time of {@link System#nanoTime}, and at no other. */
    void set(Deadline deadline, long nanos) {
        deadlines.set(deadline, nanos);
    }

    /** Does it at no time. */
    void cancel(Deadline deadline) {
        deadlines.cancel(deadline);
    }

    /** Has something done once. */
    void at(long nanos, Runnable action) {
        deadlines.set(new Deadline(action), nanos);
    }

    PipePool pipes() {
        return pipes;
    }

    /** How many clients live here or are on their way; from any thread. */
    AtomicInteger load() {
        return load;
    }

    void began(Client client) {
        client.position = clients.size();
        clients.add(client);
    }

    void ended(Client client) {
        Client last = clients.remove(clients.size() - 1);
        if (last != client) {
            clients.set(client.position, last);
            last.position = client.position;
        }
        load.decrementAndGet();
    }

    /** Those that live here now. */
    List<Client> clients() {
        return List.copyOf(clients);
    }

    /** Has something done on the loop's thread, soon; from any thread. */
    void post(Runnable work) {
        mailbox.post(work);
    }

    /** Has something done on the loop's thread and waits until it is done; from any other thread. */
    void call(Runnable work) {
        CountDownLatch done = new CountDownLatch(1);
        post(() -> {
            try {
                work.run();
            } finally {
                done.countDown();
            }
        });
        Uninterruptibles.awaitUninterruptibly(done);
    }

    /** Resets every connection and ends the thread; from any other thread. */
    @Override
    public void close() {
        call(() -> {
            clients().forEach(client -> client.breakOff(Ending.DRAINED));
            stopped = true;
        });
        Uninterruptibles.joinUninterruptibly(thread);
        pipes.close();
        mailbox.close();
        epoll.close();
    }
}
