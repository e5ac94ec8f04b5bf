package io.littlelb.proxy.tcp;

import static io.littlelb.proxy.loop.Epoll.has;

import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SocketState;
import io.littlelb.linux.SyscallException;
import io.littlelb.proxy.loop.Epoll;
import io.littlelb.proxy.loop.EventLoop;
import io.littlelb.proxy.loop.Ready;
import jnr.ffi.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One of the two sockets of a connection, and what is known of it: readiness is remembered until it proves used up. Owned by one event loop. */
final class End implements Ready {
    private static final Logger log = LoggerFactory.getLogger(End.class);

    private static final int INTEREST =
            Epoll.EPOLLIN | Epoll.EPOLLOUT | Epoll.EPOLLRDHUP | Epoll.EPOLLPRI | Epoll.EPOLLET;

    final Fd fd;
    private final Connection connection;
    private int token = EventLoop.NOT_WATCHED;
    boolean readable;
    boolean writable;
    /** Its end, or its failure, has been seen: a short read is no sign that nothing follows. */
    boolean ending;

    private boolean broken;
    /**
     * Something else than reading may have been answered with its error: the kernel tells it once, and what it reads as afterwards is an end. A splice(2)
     * that has moved some bytes already keeps the error to itself, {@code splice_to_socket} of the kernel's fs/splice.c.
     */
    private boolean mayHaveTold;

    private final int takenBefore;

    /** Whether it was sent something after it was last seen to have acknowledged all; since when, and when it is looked at again. */
    boolean mayBeSilent;

    long sentSinceNanos;
    long lookAtNanos;

    /** @param takenBefore how many bytes were read of it before there was a {@link Direction} for them */
    End(Fd fd, Connection connection, int takenBefore) {
        this.fd = fd;
        this.connection = connection;
        this.takenBefore = takenBefore;
    }

    /** Whether it takes nothing any more. What it had said before can still be read. */
    boolean isBroken() {
        return broken;
    }

    /** It has failed, by a reset or otherwise. */
    void breakOff() {
        broken = true;
    }

    /** It has failed, as was seen when it was sent something or asked for its error: nothing more will come, and whatever has come can be read now. */
    void breakOffWhenAsked() {
        broken = true;
        mayHaveTold = true;
        readable = true;
        ending = true;
    }

    /** It has taken less than it was given, which may be for want of room or for a failure that nobody is told of any more. */
    void tookPart() {
        mayHaveTold = true;
    }

    /**
     * Whether a stream of which nothing is left to read has come to its end, and was not broken off.
     *
     * @param taken how many bytes have been read of it
     * @param scratch as {@link SocketState#bytesReceived} asks for
     */
    boolean hasEnded(long taken, Pointer scratch) {
        return !mayHaveTold
                || SocketState.bytesReceived(fd, scratch) != takenBefore + taken; // an end counts as one more
    }

    void watch() throws SyscallException {
        token = connection.loop.watch(fd, INTEREST, this);
    }

    /** Whoever is at the other end will know that the stream did not end but was lost. */
    void resetOnClose() {
        if (!fd.isOpen()) {
            return;
        }
        try {
            Linux.resetOnClose(fd);
        } catch (SyscallException e) {
            log.debug("A connection is closed instead of reset: {}", e.getMessage());
        }
    }

    /** Does nothing to one that is closed. */
    void close() {
        if (fd.isOpen()) {
            connection.loop.close(fd, token);
        }
    }

    @Override
    public void on(int events) {
        readable |= has(events, Epoll.EPOLLIN | Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLPRI | Epoll.EPOLLERR);
        writable |= has(events, Epoll.EPOLLOUT);
        ending |= has(events, Epoll.EPOLLRDHUP | Epoll.EPOLLHUP | Epoll.EPOLLERR);
        connection.on(this, events);
    }

    @Override
    public void broke() {
        connection.broke();
    }

    @Override
    public String toString() {
        return connection.toString();
    }
}
