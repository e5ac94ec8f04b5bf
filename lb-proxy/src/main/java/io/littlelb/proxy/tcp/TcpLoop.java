package io.littlelb.proxy.tcp;

import io.littlelb.proxy.health.Dialler;
import io.littlelb.proxy.loop.EventLoop;
import java.time.Duration;

/** An event loop and what the TCP connections that live on it share. Owned by that loop, but for {@link #events}. */
public final class TcpLoop {
    final int number;
    private final EventLoop events;
    private final PipePool pipes;
    private final Dialler dialler = new Dialler();
    private final SilenceWatch silence;
    private final EndedConnections ended;
    private long accepted;

    /**
     * The pool is closed together with the loop.
     *
     * @param number no other loop's
     * @param ended is told of those that have ended here
     * @param silenceTimeout how long a peer may leave what it is sent without any answer
     */
    public TcpLoop(int number, EventLoop events, PipePool pipes, EndedConnections ended, Duration silenceTimeout) {
        this.number = number;
        this.events = events;
        this.pipes = pipes;
        this.ended = ended;
        this.silence = new SilenceWatch(silenceTimeout, pipes.copyBuffer());
        events.whenClosed(pipes::close);
    }

    /** The loop itself; from any thread. */
    public EventLoop events() {
        return events;
    }

    /** A number for one more that is accepted here. */
    long next() {
        return ++accepted;
    }

    /** How many of its pipes are lent now; from any thread. */
    public int pipesLent() {
        return pipes.lent();
    }

    EndedConnections ended() {
        return ended;
    }

    PipePool pipes() {
        return pipes;
    }

    Dialler dialler() {
        return dialler;
    }

    SilenceWatch silence() {
        return silence;
    }
}
