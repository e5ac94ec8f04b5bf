package io.littlelb.proxy;

import io.littlelb.core.model.Ending;
import io.littlelb.core.model.ForwarderLoad;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.tcp.EndedConnections;
import io.littlelb.proxy.tcp.PipePool;
import io.littlelb.proxy.tcp.TcpLoop;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that move bytes. From any thread but theirs. */
final class TcpLoops {
    private static final Logger log = LoggerFactory.getLogger(TcpLoops.class);

    private final List<TcpLoop> all;
    private final List<EventLoop> events;
    private final EndedConnections ended;
    private int next;

    private TcpLoops(List<TcpLoop> all, EndedConnections ended) {
        this.ended = ended;
        this.all = List.copyOf(all);
        this.events = all.stream().map(TcpLoop::events).toList();
    }

    /**
     * Starts them.
     *
     * @param canSplice whether splice(2) is to be used
     */
    static TcpLoops open(ProxyConfig config, boolean canSplice) throws IOException {
        List<TcpLoop> loops = new ArrayList<>();
        EndedConnections ended = new EndedConnections(InstantSource.system());
        try {
            for (int i = 0; i < config.threads().loops(); i++) {
                loops.add(loop(i, config, canSplice, ended));
            }
        } catch (SyscallException e) {
            loops.forEach(loop -> loop.events().close());
            throw e;
        }
        loops.forEach(loop -> loop.events().start());
        return new TcpLoops(loops, ended);
    }

    private static TcpLoop loop(int number, ProxyConfig config, boolean canSplice, EndedConnections ended)
            throws SyscallException {
        PipeConfig pipes = config.pipes();
        return new TcpLoop(
                number,
                new EventLoop(
                        number, config.threads().busyPoll(), config.threads().errors()),
                new PipePool(pipes.bytes(), pipes.pooled(), pipes.most(), canSplice),
                ended,
                config.lasting().silence());
    }

    /** A stub that passes splice(2)'s sixth argument wrongly gives EINVAL here; better to know now than to lose data. */
    static boolean spliceWorks() throws IOException {
        try (Linux.Pipe from = Linux.pipe();
                Linux.Pipe to = Linux.pipe()) {
            long result = Linux.splice(from.readEnd(), to.writeEnd(), 1, Linux.SPLICE_F_NONBLOCK);
            if (result != -Errno.EAGAIN) {
                log.warn("Streams are copied, which costs more: splice says {}", Errno.describe((int) -result));
            }
            return result == -Errno.EAGAIN;
        }
    }

    List<TcpLoop> all() {
        return all;
    }

    List<EventLoop> events() {
        return events;
    }

    EventLoop first() {
        return events.get(0);
    }

    /** Whoever is told of connections that have ended. */
    EndedConnections ended() {
        return ended;
    }

    /** What each has had to do so far. */
    List<ForwarderLoad.OfThread> work() {
        return events.stream().map(EventLoop::work).toList();
    }

    /** How many pipes have bytes in them now. */
    long pipesLent() {
        return all.stream().mapToLong(TcpLoop::pipesLent).sum();
    }

    /** Whether each of them takes up work within that time; one that asks is turning. None is, once they are being closed. */
    boolean areTurning(Duration within) {
        CountDownLatch answers = new CountDownLatch(events.size());
        for (EventLoop loop : events) {
            if (loop.isOnItsThread()) {
                answers.countDown();
            } else if (!loop.post(answers::countDown)) {
                return false;
            }
        }
        try {
            return answers.await(within.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Each in turn; for one caller at a time. */
    TcpLoop next() {
        return all.get(next++ % all.size());
    }

    /** Breaks off at a time of {@link System#nanoTime} who is left of a frontend that drains, unless that was called off meanwhile. */
    void breakOffAt(long nanos, OpenFrontend draining) {
        int drains = draining.drains;
        for (EventLoop loop : events) {
            loop.post(() -> loop.deadlines().at(nanos, () -> breakOffIfDraining(loop, draining, drains)));
        }
    }

    private static void breakOffIfDraining(EventLoop loop, OpenFrontend open, int drains) {
        boolean calledOff = open.drains != drains; // whoever sets it again counts first
        if (!calledOff) {
            loop.breakOff(
                    resident -> resident instanceof Client client && client.frontend() == open, Ending.DRAIN_TIMEOUT);
        }
    }

    /** Whether the caller is one of these threads. */
    boolean isOnOne() {
        return events.stream().anyMatch(EventLoop::isOnItsThread);
    }

    /**
     * Ends them and every connection.
     *
     * @param last is still done on the first one, when the others have ended
     */
    void close(Runnable last) {
        events.subList(1, events.size()).forEach(EventLoop::close);
        first().call(last);
        first().close();
    }
}
