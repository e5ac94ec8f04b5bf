package io.littlelb.proxy;

import io.littlelb.core.model.Ending;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.tcp.PipePool;
import io.littlelb.proxy.tcp.TcpLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The threads that move bytes. From any thread but theirs. */
final class TcpLoops {
    private static final Logger log = LoggerFactory.getLogger(TcpLoops.class);

    private final List<TcpLoop> all;
    private final List<EventLoop> events;
    private int next;

    private TcpLoops(List<TcpLoop> all) {
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
        try {
            for (int i = 0; i < config.threads().loops(); i++) {
                loops.add(loop(i, config, canSplice));
            }
        } catch (SyscallException e) {
            loops.forEach(loop -> loop.events().close());
            throw e;
        }
        loops.forEach(loop -> loop.events().start());
        return new TcpLoops(loops);
    }

    private static TcpLoop loop(int number, ProxyConfig config, boolean canSplice) throws SyscallException {
        PipeConfig pipes = config.pipes();
        return new TcpLoop(
                number,
                new EventLoop(
                        number, config.threads().busyPoll(), config.threads().errors()),
                new PipePool(pipes.bytes(), pipes.pooled(), pipes.most(), canSplice),
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
