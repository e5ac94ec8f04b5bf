package io.littlelb.admin.http;

import com.google.common.base.Suppliers;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place where requests come in: a unix socket, or an address and port.
 *
 * <p>The thread that is named for it accepts. Each connection has one of a few threads to itself until it is answered, or its time is up;
 * one at a time makes its answer, so that however many ask, they take no more than one processor from who moves bytes, and no memory that grows with them. A place that is taken
 * is tried again until it is free: what is served does not depend on who may ask about it.
 */
public final class Door implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Door.class);
    /** How many are inside that have not asked yet. */
    static final int ROOM = 16;
    /** The most there are at the same time; they go when they have nothing to do. */
    private static final int THREADS = 4 * ROOM;
    /** From accepting a connection to the last byte of the answer. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final Duration AGAIN = Duration.ofSeconds(5);
    private static final Duration MOMENT = Duration.ofMillis(200);
    private static final int BACKLOG = 64;

    private final Place place;
    /** Which has the whole of HTTP behind it, and is not loaded before somebody comes. */
    private final Supplier<Exchange> exchange;

    private final Duration patience;
    private final Guests guests = new Guests(ROOM);
    private final ExecutorService threads;
    private final ScheduledThreadPoolExecutor clock;
    private final Thread acceptor;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile ServerSocketChannel listener;
    private String hindrance = "";

    private Door(Place place, Answering answering, Predicate<String> hosts, Duration patience) {
        this.place = place;
        this.exchange = Suppliers.memoize(() -> new Exchange(answering, hosts));
        this.patience = patience;
        String name = "lb-admin-" + place.kind();
        this.threads = new ThreadPoolExecutor( // some for those whose guest has made way, and who have yet to end
                0, THREADS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), named(name + "-%d"));
        this.clock = new ScheduledThreadPoolExecutor(1, named(name + "-clock"));
        clock.setRemoveOnCancelPolicy(true);
        clock.setRejectedExecutionHandler(
                new ThreadPoolExecutor.DiscardPolicy()); // once it is closed nobody is inside for long
        this.acceptor = named(name).newThread(this::run);
    }

    private static ThreadFactory named(String format) {
        return new ThreadFactoryBuilder().setNameFormat(format).setDaemon(true).build();
    }

    /** Where requests come in, and who may ask there. */
    interface Place {
        /** {@code unix} or {@code tcp}. */
        String kind();

        /**
         * Listens there.
         *
         * @throws IOException when that is not possible now
         */
        ServerSocketChannel open(int backlog) throws IOException;

        /** Whether this peer may ask. */
        boolean admits(SocketChannel peer) throws IOException;

        /** What to do when it cannot be opened. */
        String remedy();

        /** Takes away what listening has left behind. */
        default void leave() {}
    }

    /** Opens a unix socket; returns at once, whether or not it is free. */
    public static Door unix(UnixPlace place, Answering answering) {
        return open(place, answering, host -> true, PATIENCE);
    }

    /**
     * Opens an address and port; returns at once, whether or not it is free. A web page of others cannot have a browser ask there: only requests for an address or for
     * {@code localhost} are answered, not for a name that somebody may have pointed here.
     */
    public static Door tcp(InetAddress ip, int port, Answering answering) {
        return open(new TcpPlace(new InetSocketAddress(ip, port)), answering, TcpPlace::isNoName, PATIENCE);
    }

    static Door open(Place place, Answering answering, Predicate<String> hosts, Duration patience) {
        Door door = new Door(place, answering, hosts, patience);
        door.acceptor.start();
        return door;
    }

    /** Where it listens; nowhere while the place is not to be had. */
    public Optional<SocketAddress> listening() {
        ServerSocketChannel open = listener;
        try {
            return open == null || !open.isOpen() ? Optional.empty() : Optional.of(open.getLocalAddress());
        } catch (IOException closed) {
            return Optional.empty();
        }
    }

    private void run() {
        boolean closed = false;
        while (!closed) {
            try (ServerSocketChannel open = place.open(BACKLOG)) {
                listener = open;
                if (!hindrance.isEmpty()) {
                    log.info("{} can be asked now", place);
                    hindrance = "";
                }
                acceptAll(open);
            } catch (ClosedChannelException ended) {
                log.debug("{} is closed", place);
            } catch (IOException e) {
                tellOnce(e);
            } catch (RuntimeException bug) {
                log.error("{} failed; it is opened again", place, bug);
            }
            closed = Uninterruptibles.awaitUninterruptibly(closing, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void tellOnce(IOException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(hindrance)) {
            hindrance = why;
            log.warn(
                    "{} cannot be had for questions and orders: {}; it is tried again, and Services are served all the same; {}",
                    place,
                    why,
                    place.remedy());
        }
    }

    private void acceptAll(ServerSocketChannel open) throws IOException {
        while (closing.getCount() > 0) {
            Optional<SocketChannel> peer = accept(open);
            peer.ifPresent(this::admit);
        }
    }

    /** Empty when none can be had now, for want of descriptors: who has connected waits a moment. */
    private Optional<SocketChannel> accept(ServerSocketChannel open) throws IOException {
        try {
            return Optional.of(open.accept());
        } catch (ClosedChannelException closed) {
            throw closed;
        } catch (IOException shortage) {
            log.debug("{} cannot take a connection now: {}", place, shortage.getMessage());
            if (Uninterruptibles.awaitUninterruptibly(closing, MOMENT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new ClosedChannelException();
            }
            return Optional.empty();
        }
    }

    private void admit(SocketChannel peer) {
        try {
            if (place.admits(peer)) {
                receive(peer);
            } else {
                Guests.showOut(peer);
            }
        } catch (IOException | RuntimeException e) {
            log.debug("A connection to {} was not taken: {}", place, e.toString());
            guests.leave(peer);
            Guests.showOut(peer);
        }
    }

    private void receive(SocketChannel peer) {
        guests.enter(peer);
        threads.execute(() -> {
            Future<?> end = clock.schedule(() -> Guests.showOut(peer), patience.toMillis(), TimeUnit.MILLISECONDS);
            try (Socket socket = new ChannelSocket(peer)) {
                exchange.get().serve(socket, () -> guests.hasAsked(peer));
            } catch (IOException gone) {
                log.debug("{} was gone before it was answered", peer);
            } finally {
                end.cancel(false);
                guests.leave(peer);
            }
        });
    }

    @Override
    public void close() {
        closing.countDown();
        ServerSocketChannel open = listener;
        if (open != null) {
            Guests.showOut(open);
            place.leave();
        }
        guests.close();
        clock.shutdownNow();
        threads.shutdown();
        Uninterruptibles.joinUninterruptibly(acceptor, 1, TimeUnit.SECONDS);
    }
}
