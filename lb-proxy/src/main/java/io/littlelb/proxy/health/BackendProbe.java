package io.littlelb.proxy.health;

import io.littlelb.core.model.Backend;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.Memory;
import io.littlelb.linux.SocketState;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.loop.Deadlines;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import io.littlelb.proxy.loop.Epoll;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.loop.Ready;
import java.time.Duration;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * Asks a backend whether it answers: by a connection that is closed as soon as it is established. One that expects the PROXY protocol is told in it that nobody
 * speaks but we ourselves; an empty connection would be a fault to it. Owned by one loop.
 */
final class BackendProbe implements Ready, Deadlines.Due {
    private final EventLoop loop;
    private final Dialler dialler;
    private final Duration timeout;
    private final Backend backend;
    private final byte[] words;
    private final Asker asker;
    private final Deadline deadline = new Deadline(this);

    private Optional<Fd> asked = Optional.empty();
    private int token;

    BackendProbe(EventLoop loop, Dialler dialler, Duration timeout, Backend backend, byte[] words, Asker asker) {
        this.dialler = dialler;
        this.loop = loop;
        this.timeout = timeout;
        this.backend = backend;
        this.words = words;
        this.asker = asker;
    }

    /** Gets the answer, on the loop; one of these is called for each time that it asks. */
    interface Asker {
        void answered();

        void failed(String error);

        /** This process had no descriptor, port or memory to ask: nothing is known of the backend. */
        void notAsked();
    }

    /** Asks, unless it is asking already. */
    void ask() {
        if (asked.isPresent()) {
            return;
        }
        Dialler.Attempt attempt = dialler.dial(backend);
        switch (attempt.outcome()) {
            case UNDER_WAY -> await(attempt.socket().orElseThrow());
            case UNREACHABLE -> failed(Errno.describe(attempt.errno()));
            case NO_PORT, SHORTAGE -> asker.notAsked();
        }
    }

    private void await(Fd socket) {
        asked = Optional.of(socket);
        token = EventLoop.NOT_WATCHED;
        try {
            token = loop.watch(socket, Epoll.EPOLLOUT, this);
            loop.deadlines().set(deadline, System.nanoTime() + timeout.toNanos());
        } catch (SyscallException shortage) {
            notAsked();
        }
    }

    private void notAsked() {
        cancel();
        asker.notAsked();
    }

    @Override
    public void onTime() {
        failed("did not answer in time");
    }

    @Override
    public void broke() {
        notAsked();
    }

    @Override
    public void on(int events) {
        outcome(SocketState.socketError(asked.orElseThrow()));
    }

    private void outcome(int errno) {
        boolean answeredAndEnded = errno == Errno.EPIPE;
        if (errno == 0 && dialler.hasMetItself(asked.orElseThrow(), backend)) {
            resetOnClose();
            failed(Errno.describe(Errno.ECONNREFUSED));
        } else if (errno == 0 || answeredAndEnded) {
            speakForOurselves();
            cancel();
            asker.answered();
        } else {
            failed(Errno.describe(errno));
        }
    }

    private void speakForOurselves() {
        if (words.length > 0) {
            Pointer buffer = Memory.allocate(words.length);
            buffer.put(0, words, 0, words.length);
            Linux.send(asked.orElseThrow(), buffer, words.length, 0); // whatever comes of it, it has answered
        }
    }

    private void resetOnClose() {
        try {
            Linux.resetOnClose(asked.orElseThrow());
        } catch (SyscallException e) {
            return; // its port stays in TIME_WAIT for a minute
        }
    }

    private void failed(String error) {
        cancel();
        asker.failed(error);
    }

    /** Does not want to know any more. */
    void cancel() {
        loop.deadlines().cancel(deadline);
        asked.ifPresent(fd -> loop.close(fd, token));
        asked = Optional.empty();
    }
}
