package io.littlelb.proxy;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.Deadlines.Deadline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.Optional;
import jnr.ffi.Pointer;

/**
 * A client that is a proxy: waits for the header in which it says on whose behalf it speaks. What follows the header stays in the socket.
 *
 * <p>Owned by the loop that accepts.
 */
final class Greeting extends EventLoop.Client implements EventLoop.Ready, Deadlines.Due {
    private static final int INTEREST = Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLET;

    private final EventLoop loop;
    private final OpenFrontend frontend;
    private final Fd socket;
    private final InetSocketAddress proxy;
    private final Receiver receiver;
    private final Deadline deadline = new Deadline(this);
    private int token = EventLoop.NOT_WATCHED;
    private boolean over;

    Greeting(EventLoop loop, OpenFrontend frontend, Fd socket, InetSocketAddress proxy, Receiver receiver) {
        this.loop = loop;
        this.frontend = frontend;
        this.socket = socket;
        this.proxy = proxy;
        this.receiver = receiver;
    }

    /** Is told how it ended, once. */
    interface Receiver {
        /** The socket is the receiver's again. */
        void greeted(Fd socket, InetSocketAddress client);

        /** The socket is about to be closed. */
        void notGreeted(InetSocketAddress proxy, String why);
    }

    @Override
    OpenFrontend frontend() {
        return frontend;
    }

    void start(Duration timeout) {
        loop.load().incrementAndGet();
        loop.began(this);
        frontend.clientArrived();
        try {
            token = loop.watch(socket, INTEREST, this);
            loop.set(deadline, System.nanoTime() + timeout.toNanos());
        } catch (SyscallException e) {
            failed(e.getMessage());
        }
    }

    @Override
    public void on(int events) {
        Pointer buffer = loop.pipes().copyBuffer();
        long peeked = Linux.recv(socket, buffer, ProxyHeader.MOST, Linux.MSG_PEEK);
        if (peeked == -Errno.EAGAIN) {
            return;
        }
        try {
            Optional<ProxyHeader.Received> header =
                    peeked > 0 ? ProxyHeader.read(bytes(buffer, peeked)) : Optional.empty();
            if (header.isPresent()) {
                take(header.get());
            } else if (peeked < 0) {
                failed(Errno.describe((int) -peeked));
            } else if (peeked == 0 || (events & Epoll.EPOLLRDHUP) != 0) {
                failed("the connection ended before it did");
            }
        } catch (IOException e) {
            failed(e.getMessage());
        }
    }

    @Override
    public void onTime() {
        failed("it did not come in time");
    }

    private static byte[] bytes(Pointer buffer, long length) {
        byte[] bytes = new byte[(int) length];
        buffer.get(0, bytes, 0, bytes.length);
        return bytes;
    }

    private void take(ProxyHeader.Received header) throws IOException {
        long taken = Linux.recv(socket, loop.pipes().copyBuffer(), header.length(), 0);
        if (taken != header.length()) { // all of it was seen to be there
            throw new ProtocolException("urgent data in the midst of it");
        }
        loop.unwatch(socket, token);
        loop.cancel(deadline);
        receiver.greeted(socket, header.client().orElse(proxy));
        left();
    }

    private void failed(String why) {
        if (over) {
            return;
        }
        receiver.notGreeted(proxy, why);
        close();
        left();
    }

    @Override
    void breakOff(Ending ending) {
        failed("nobody waits for it any more");
    }

    private void close() {
        loop.cancel(deadline);
        loop.close(socket, token);
    }

    private void left() {
        over = true;
        loop.ended(this);
        frontend.clientLeft();
    }
}
