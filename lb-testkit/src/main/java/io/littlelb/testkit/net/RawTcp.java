package io.littlelb.testkit.net;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.Memory;
import io.littlelb.linux.SockAddr;
import io.littlelb.linux.SocketState;
import io.littlelb.linux.SyscallException;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jnr.ffi.Pointer;

/** One end of a TCP connection by system calls: knows how much of what it sent its peer's kernel has acknowledged, and breaks off when it is told to. */
public final class RawTcp implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MOST = 1 << 18;

    private final Fd socket;
    private final Pointer memory = Memory.allocate(MOST);
    private long sent;

    private RawTcp(Fd socket) {
        this.socket = socket;
    }

    /** Connects, and waits for it. */
    public static RawTcp connect(InetAddress ip, int port) throws IOException {
        SockAddr address = SockAddr.of(ip, port);
        Fd socket = Linux.socket(address.family(), Linux.SOCK_STREAM, 0);
        int result = Linux.connect(socket, address);
        if (result != 0) {
            socket.close();
            throw new SyscallException("connect", address.toString(), -result);
        }
        return new RawTcp(socket);
    }

    /** Waits for connections. */
    public static final class Listener implements AutoCloseable {
        private final Fd socket;

        /** On a free port. */
        public Listener(InetAddress ip) throws IOException {
            SockAddr address = SockAddr.of(ip, 0);
            socket = Linux.socket(address.family(), Linux.SOCK_STREAM | Linux.SOCK_NONBLOCK, 0);
            Linux.bind(socket, address);
            Linux.listen(socket, 4096);
        }

        public int port() throws IOException {
            return Linux.getsockname(socket).inet().getPort();
        }

        /** The next who comes. */
        public RawTcp accept() throws IOException {
            while (Linux.pollIn(100, socket) == 0) {
                if (!socket.isOpen()) {
                    throw new IOException("closed");
                }
            }
            int accepted = Linux.accept(socket, SockAddr.empty());
            if (accepted < 0) {
                throw new SyscallException("accept", "", -accepted);
            }
            return new RawTcp(new Fd(accepted));
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** Sends all of it, however long the peer takes for it. */
    public void send(byte[] bytes) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (int at = 0; at < bytes.length; ) {
            int moved = sendSome(bytes, at);
            at += moved;
            if (moved > 0) {
                deadline = System.nanoTime() + PATIENCE.toNanos();
            } else {
                pause(deadline, "sending");
            }
        }
    }

    /** Sends as much as there is room for now; returns how much. */
    public int sendSome(byte[] bytes, int from) throws IOException {
        int length = Math.min(bytes.length - from, MOST);
        memory.put(0, bytes, from, length);
        long result = Linux.send(socket, memory, length, Linux.MSG_DONTWAIT);
        if (result < 0 && result != -Errno.EAGAIN) {
            throw new SyscallException("send", "", (int) -result);
        }
        sent += Math.max(0, result);
        return (int) Math.max(0, result);
    }

    /** Receives so many bytes. */
    public byte[] receive(int length) throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; ) {
            long result = Linux.recv(socket, memory, Math.min(length - at, MOST), Linux.MSG_DONTWAIT);
            if (result > 0) {
                memory.get(0, bytes, at, (int) result);
                at += (int) result;
            } else if (result == -Errno.EAGAIN) {
                pause(deadline, "receiving");
            } else {
                throw new IOException("it ended after " + at + " bytes: " + Errno.describe((int) -result));
            }
        }
        return bytes;
    }

    /** How much of what was sent so far the peer's kernel has acknowledged. */
    public long acknowledged() {
        return sent - Math.max(0, SocketState.unacknowledged(socket, memory));
    }

    /** Waits until the peer's kernel has acknowledged all that was sent. */
    public void awaitAcknowledgement() throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (acknowledged() < sent) {
            pause(deadline, "waiting for acknowledgements");
        }
    }

    private static void pause(long deadline, String what) throws IOException {
        if (System.nanoTime() - deadline > 0) {
            throw new IOException("nothing has moved for " + PATIENCE + " while " + what);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    /** Sends no more. */
    public void shutdownOutput() {
        Linux.shutdown(socket, Linux.SHUT_WR);
    }

    /** Breaks off: the peer is sent a reset. */
    public void reset() throws IOException {
        Linux.resetOnClose(socket);
        socket.close();
    }

    @Override
    public void close() {
        socket.close();
    }
}
