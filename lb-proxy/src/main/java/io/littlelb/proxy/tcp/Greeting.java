package io.littlelb.proxy.tcp;

import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Ending;
import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.loop.Deadlines;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import io.littlelb.proxy.loop.Epoll;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.loop.Ready;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import jnr.ffi.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that is a proxy: waits for the header in which it says on whose behalf it speaks. What follows the header stays in the socket.
 *
 * <p>Owned by the loop that accepts.
 */
final class Greeting extends Client implements Ready, Deadlines.Due {
    private static final Logger log = LoggerFactory.getLogger(Greeting.class);

    private static final int INTEREST = Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLET;

    private final TcpLoop home;
    private final EventLoop loop;
    private final OpenFrontend frontend;
    private final Fd socket;
    private final Arrival proxy;
    private final Receiver receiver;
    private final Deadline deadline = new Deadline(this);
    private int token = EventLoop.NOT_WATCHED;
    private boolean over;
    /** Room for the header, once it is known how long it is; and how much of it has come. */
    private byte[] whole = {};

    private int taken;

    Greeting(TcpLoop home, OpenFrontend frontend, Fd socket, Arrival proxy, Receiver receiver) {
        this.home = home;
        this.loop = home.events();
        this.frontend = frontend;
        this.socket = socket;
        this.proxy = proxy;
        this.receiver = receiver;
    }

    /** Is told how it ended, by one of these, and once. */
    interface Receiver {
        /** The socket is the receiver's again. */
        void greeted(Fd socket, Arrival proxy, Heard heard);

        /** The socket is about to be closed. */
        void notGreeted(Arrival proxy, Ending ending, String why);
    }

    /**
     * What a proxy before us has said of a connection.
     *
     * @param bytes how many it took to say so
     */
    record Heard(ProxyHeader header, int bytes) {
        /** There is no proxy. */
        static final Heard NOTHING = new Heard(ProxyHeader.LOCAL, 0);
    }

    @Override
    public OpenFrontend frontend() {
        return frontend;
    }

    @Override
    public String id() {
        return proxy.id();
    }

    @Override
    public ConnectionInfo info(long now) {
        Phase.Seen seen = new Phase.Seen(ConnectionInfo.State.GREETING, Optional.empty(), 0, List.of(), 0, 0, 0);
        return seen.info(proxy, frontend, now);
    }

    void start(Duration timeout) {
        loop.load().incrementAndGet();
        frontend.clientArrived();
        try {
            loop.began(this);
            token = loop.watch(socket, INTEREST, this);
            loop.deadlines().set(deadline, loop.clock() + timeout.toNanos());
        } catch (SyscallException e) {
            frontend.shortages.of("cannot watch a proxy", e.errno());
            failed(Ending.SHORTAGE, e.getMessage());
        } catch (RuntimeException | Error fault) {
            breakOff(Ending.ERROR);
            throw fault;
        }
    }

    @Override
    public void on(int events) {
        try {
            if (whole.length == 0) {
                look((events & Epoll.EPOLLRDHUP) != 0);
            }
            if (whole.length > 0) {
                take();
            }
        } catch (IOException e) {
            failed(e.getMessage());
        }
    }

    @Override
    public void onTime() {
        failed("it did not come in time");
    }

    /** Looks how long it will be, and leaves it where it is: of the client's first bytes nothing may be taken. */
    private void look(boolean ended) throws IOException {
        Pointer buffer = home.pipes().copyBuffer();
        long peeked = Linux.recv(socket, buffer, ProxyHeader.TELLING, Linux.MSG_PEEK);
        if (peeked == -Errno.EAGAIN) {
            return;
        }
        check(peeked);
        OptionalInt length = ProxyHeader.length(bytes(buffer, peeked));
        if (length.isEmpty() && ended) {
            check(0);
        }
        whole = new byte[length.orElse(0)];
    }

    private static void check(long received) throws IOException {
        if (received <= 0) {
            throw new ProtocolException(
                    received == 0 ? "the connection ended before it did" : Errno.describe((int) -received));
        }
    }

    private static byte[] bytes(Pointer buffer, long length) {
        byte[] bytes = new byte[(int) length];
        buffer.get(0, bytes, 0, bytes.length);
        return bytes;
    }

    /** Takes what has come of it, and no more. One may be longer than what a socket holds. */
    private void take() throws IOException {
        Pointer buffer = home.pipes().copyBuffer();
        while (taken < whole.length) {
            long received = Linux.recv(socket, buffer, Math.min(whole.length - taken, PipePool.COPY_BYTES), 0);
            if (received == -Errno.EAGAIN) {
                return;
            }
            check(received);
            buffer.get(0, whole, taken, (int) received);
            taken += (int) received;
        }
        ProxyHeader header = ProxyHeader.read(whole);
        loop.unwatch(socket, token);
        loop.deadlines().cancel(deadline);
        left(receiver, new Heard(header, whole.length));
    }

    /** The socket is the receiver's, whatever becomes of it there: nothing of it is given back here. */
    private void left(Receiver to, Heard heard) {
        over = true;
        try {
            to.greeted(socket, proxy, heard);
        } finally {
            left();
        }
    }

    private void failed(String why) {
        failed(Ending.PROXY_HEADER_INVALID, why);
    }

    private void failed(Ending ending, String why) {
        if (over) {
            return;
        }
        receiver.notGreeted(proxy, ending, why);
        close();
        left();
    }

    @Override
    public void breakOff(Ending ending) {
        // one that outlives its frontend has said nothing that would be lost
        if (!over && ending != Ending.DRAIN_TIMEOUT) {
            resetOnClose();
        }
        failed(ending, "nobody waits for it any more");
    }

    private void resetOnClose() {
        try {
            Linux.resetOnClose(socket);
        } catch (SyscallException e) {
            log.debug("A proxy's connection is closed instead of reset: {}", e.getMessage());
        }
    }

    private void close() {
        loop.deadlines().cancel(deadline);
        loop.close(socket, token);
    }

    private void left() {
        over = true;
        loop.ended(this);
        frontend.clientLeft();
    }
}
