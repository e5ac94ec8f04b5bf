package io.littlelb.proxy;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.ProxyProtocol;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.Deadlines.Deadline;
import java.time.Duration;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * Asks a backend whether it answers: by a connection that is closed as soon as it is established. One that expects the PROXY protocol is told in it that nobody
 * speaks but we ourselves; an empty connection would be a fault to it. Owned by one loop.
 */
final class BackendProbe implements EventLoop.Ready, Deadlines.Due {
    private final EventLoop loop;
    private final Duration timeout;
    private final Backend backend;
    private final ProxyProtocol expects;
    private final Asker asker;
    private final Deadline deadline = new Deadline(this);

    private Optional<Fd> asked = Optional.empty();
    private int token;

    BackendProbe(EventLoop loop, Duration timeout, Backend backend, ProxyProtocol expects, Asker asker) {
        this.loop = loop;
        this.timeout = timeout;
        this.backend = backend;
        this.expects = expects;
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
        Dialler.Attempt attempt = loop.dialler().dial(backend);
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
            loop.set(deadline, System.nanoTime() + timeout.toNanos());
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
        outcome(Linux.socketError(asked.orElseThrow()));
    }

    private void outcome(int errno) {
        boolean answeredAndEnded = errno == Errno.EPIPE;
        if (errno == 0 && loop.dialler().hasMetItself(asked.orElseThrow(), backend)) {
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
        byte[] header = ProxyHeader.LOCAL.bytes(expects);
        if (header.length > 0) {
            Pointer buffer = loop.pipes().copyBuffer();
            buffer.put(0, header, 0, header.length);
            Linux.send(asked.orElseThrow(), buffer, header.length, 0); // whatever comes of it, it has answered
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
        loop.cancel(deadline);
        asked.ifPresent(fd -> loop.close(fd, token));
        asked = Optional.empty();
    }
}
