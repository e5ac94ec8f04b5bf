package io.littlelb.linux;

import static io.littlelb.linux.Answer.checked;
import static io.littlelb.linux.Answer.checkedResult;
import static io.littlelb.linux.Answer.result;

import jnr.ffi.Pointer;

/**
 * System calls by the names of their man pages (sections 2 and 7).
 *
 * <p>Calls that return a {@code long} or {@code int} count return a negated errno instead of throwing: on a data path, "try
 * again" and "reset by peer" are ordinary answers. All others throw {@link SyscallException}. None is interrupted by signals.
 */
public final class Linux {
    // sys/socket.h
    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_NONBLOCK = 0x800;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int SHUT_WR = 1;
    public static final int SOL_SOCKET = 1;
    public static final int SO_REUSEADDR = 2;
    public static final int SO_ERROR = 4;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_KEEPALIVE = 9;
    public static final int SO_LINGER = 13;
    public static final int SO_RCVLOWAT = 18;
    public static final int SO_BUF_LOCK = 72;
    public static final int SOCK_RCVBUF_LOCK = 2;
    public static final int MSG_PEEK = 0x2;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;
    // netinet/in.h, netinet/tcp.h
    public static final int IPPROTO_TCP = 6;
    public static final int IPPROTO_IPV6 = 41;
    public static final int IPV6_V6ONLY = 26;
    public static final int TCP_NODELAY = 1;
    public static final int TCP_KEEPIDLE = 4;
    public static final int TCP_KEEPINTVL = 5;
    public static final int TCP_KEEPCNT = 6;
    public static final int TCP_INFO = 11;
    public static final int TCP_NOTSENT_LOWAT = 25;
    public static final int TCP_RTO_MAX_MS = 44;
    // fcntl.h
    public static final int O_NONBLOCK = 0x800;
    public static final int O_CLOEXEC = 0x80000;
    public static final int F_SETPIPE_SZ = 1031;
    public static final int F_GETPIPE_SZ = 1032;
    public static final int SPLICE_F_MOVE = 1;
    public static final int SPLICE_F_NONBLOCK = 2;
    // poll.h
    public static final short POLLIN = 1;

    private static final LibC C = LibC.INSTANCE;
    /** An argument that never changes, so that a reset makes no objects. {@code struct linger { int l_onoff; int l_linger; }}. */
    private static final Pointer LINGER_NOT = ints(1, 0);

    private Linux() {}

    /** socket(2); {@code SOCK_CLOEXEC} is always added. */
    public static Fd socket(int domain, int type, int protocol) throws SyscallException {
        return new Fd(checked("socket", "", C.socket(domain, type | SOCK_CLOEXEC, protocol)));
    }

    /** bind(2). */
    public static void bind(Fd fd, SockAddr address) throws SyscallException {
        checked("bind", address, C.bind(fd.number(), address.memory(), address.length()));
    }

    /** listen(2). */
    public static void listen(Fd fd, int backlog) throws SyscallException {
        checked("listen", fd, C.listen(fd.number(), backlog));
    }

    /**
     * accept4(2) with {@code SOCK_NONBLOCK | SOCK_CLOEXEC}.
     *
     * @param peer filled in with the client's address
     * @return the descriptor, or a negated errno
     */
    public static int accept(Fd listener, SockAddr peer) {
        int result;
        do {
            result = result(
                    C.accept4(listener.number(), peer.memory(), peer.lengthForFilling(), SOCK_NONBLOCK | SOCK_CLOEXEC));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** connect(2): 0, or a negated errno; {@code -EINPROGRESS} is what a non-blocking socket answers. */
    public static int connect(Fd fd, SockAddr address) {
        // Not repeated on EINTR: the connection goes on in the background, which is what EINPROGRESS says too.
        int result = result(C.connect(fd.number(), address.memory(), address.length()));
        return result == -Errno.EINTR ? -Errno.EINPROGRESS : result;
    }

    /** shutdown(2): 0, or a negated errno. */
    public static int shutdown(Fd fd, int how) {
        return result(C.shutdown(fd.number(), how));
    }

    /** setsockopt(2) of an int. */
    public static void setsockopt(Fd fd, int level, int name, int value) throws SyscallException {
        Pointer memory = Memory.allocate(Integer.BYTES);
        memory.putInt(0, value);
        checked("setsockopt", fd, C.setsockopt(fd.number(), level, name, memory, Integer.BYTES));
    }

    /** setsockopt(2) of an option that was prepared. */
    public static void setsockopt(Fd fd, SocketOption option) throws SyscallException {
        checked("setsockopt", fd, C.setsockopt(fd.number(), option.level, option.name, option.value, Integer.BYTES));
    }

    /** {@code SO_LINGER} with no time to linger: closing the socket then resets the connection, socket(7). */
    public static void resetOnClose(Fd fd) throws SyscallException {
        int length = 2 * Integer.BYTES;
        checked("setsockopt", fd, C.setsockopt(fd.number(), SOL_SOCKET, SO_LINGER, LINGER_NOT, length));
    }

    private static Pointer ints(int... values) {
        Pointer memory = Memory.allocate(values.length * Integer.BYTES);
        memory.put(0, values, 0, values.length);
        return memory;
    }

    /** getsockopt(2) of an int. */
    public static int getsockopt(Fd fd, int level, int name) throws SyscallException {
        Pointer value = Memory.allocate(Integer.BYTES);
        Pointer length = Memory.allocate(Integer.BYTES);
        length.putInt(0, Integer.BYTES);
        checked("getsockopt", fd, C.getsockopt(fd.number(), level, name, value, length));
        return value.getInt(0);
    }

    /** getsockopt(2) of any option: 0, or a negated errno. */
    static int getsockopt(Fd fd, int level, int name, Pointer value, Pointer length) {
        return result(C.getsockopt(fd.number(), level, name, value, length));
    }

    /** getsockname(2): the address the socket is bound to. */
    public static SockAddr getsockname(Fd fd) throws SyscallException {
        SockAddr address = SockAddr.empty();
        getsockname(fd, address);
        return address;
    }

    /** getsockname(2) into an {@link SockAddr#empty} one, where it is asked for often. */
    public static void getsockname(Fd fd, SockAddr address) throws SyscallException {
        checked("getsockname", fd, C.getsockname(fd.number(), address.memory(), address.lengthForFilling()));
    }

    /** read(2): the bytes read, 0 at the end, or a negated errno. */
    public static long read(Fd fd, Pointer buffer, long count) {
        long result;
        do {
            result = result(C.read(fd.number(), buffer, count));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** write(2): the bytes written, or a negated errno. */
    public static long write(Fd fd, Pointer buffer, long count) {
        long result;
        do {
            result = result(C.write(fd.number(), buffer, count));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** send(2): the bytes taken, or a negated errno; {@code MSG_NOSIGNAL} is always added. */
    public static long send(Fd fd, Pointer buffer, long count, int flags) {
        long result;
        do {
            result = result(C.send(fd.number(), buffer, count, flags | MSG_NOSIGNAL));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** recv(2): the bytes received, 0 at the end, or a negated errno. */
    public static long recv(Fd fd, Pointer buffer, long count, int flags) {
        long result;
        do {
            result = result(C.recv(fd.number(), buffer, count, flags));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** sendto(2): the bytes taken, or a negated errno. */
    public static long sendto(Fd fd, Pointer buffer, long count, SockAddr to) {
        long result;
        do {
            result = result(C.sendto(fd.number(), buffer, count, MSG_NOSIGNAL, to.memory(), to.length()));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** recvfrom(2): the bytes received, or a negated errno; {@code from} is filled in with the sender. */
    public static long recvfrom(Fd fd, Pointer buffer, long count, int flags, SockAddr from) {
        long result;
        do {
            result = result(C.recvfrom(fd.number(), buffer, count, flags, from.memory(), from.lengthForFilling()));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** splice(2) between a pipe and a socket: the bytes moved, 0 at the end of the source, or a negated errno. */
    public static long splice(Fd in, Fd out, long count, int flags) {
        long result;
        do {
            result = result(C.splice(in.number(), null, out.number(), null, count, flags));
        } while (result == -Errno.EINTR);
        return result;
    }

    /** The two ends of a pipe. */
    public record Pipe(Fd readEnd, Fd writeEnd) implements AutoCloseable {
        @Override
        public void close() {
            readEnd.close();
            writeEnd.close();
        }
    }

    /** pipe2(2), non-blocking and closed on exec. */
    public static Pipe pipe() throws SyscallException {
        Pointer fds = Memory.allocate(2 * Integer.BYTES);
        checked("pipe2", "", C.pipe2(fds, O_NONBLOCK | O_CLOEXEC));
        return new Pipe(new Fd(fds.getInt(0)), new Fd(fds.getInt(Integer.BYTES)));
    }

    /** fcntl(2) with {@code F_SETPIPE_SZ}: the size the kernel chose, in bytes, or a negated errno. */
    public static int setPipeSize(Fd fd, int bytes) {
        return result(C.fcntl(fd.number(), F_SETPIPE_SZ, bytes));
    }

    /** fcntl(2) with {@code F_GETPIPE_SZ}: how many bytes a pipe holds. */
    public static int pipeSize(Fd fd) throws SyscallException {
        return checked("fcntl", fd, C.fcntl(fd.number(), F_GETPIPE_SZ, 0));
    }

    /** epoll_create1(2). */
    public static Fd epollCreate() throws SyscallException {
        return new Fd(checked("epoll_create1", "", C.epoll_create1(O_CLOEXEC)));
    }

    /** epoll_ctl(2); the layout of the event is the caller's business. */
    public static void epollCtl(Fd epoll, int operation, Fd fd, Pointer event) throws SyscallException {
        checked("epoll_ctl", fd, C.epoll_ctl(epoll.number(), operation, fd.number(), event));
    }

    /** epoll_wait(2): how many events there are; an interrupted wait has none. Waits for ever when the timeout is negative. */
    public static int epollWait(Fd epoll, Pointer events, int maxEvents, int timeoutMillis) throws SyscallException {
        int result = result(C.epoll_wait(epoll.number(), events, maxEvents, timeoutMillis));
        return result == -Errno.EINTR ? 0 : checkedResult("epoll_wait", epoll, result);
    }

    /** eventfd(2), non-blocking and closed on exec, at zero. */
    public static Fd eventfd() throws SyscallException {
        return new Fd(checked("eventfd", "", C.eventfd(0, O_NONBLOCK | O_CLOEXEC)));
    }

    /**
     * poll(2) for {@code POLLIN}: which of the descriptors have something, as bits by position. An interrupted wait has
     * none. Waits for ever when the timeout is negative.
     */
    public static int pollIn(int timeoutMillis, Fd... fds) throws SyscallException {
        int size = 8; // struct pollfd { int fd; short events; short revents; }
        Pointer polled = Memory.allocate(size * fds.length);
        for (int i = 0; i < fds.length; i++) {
            polled.putInt((long) size * i, fds[i].number());
            polled.putShort((long) size * i + 4, POLLIN);
        }
        int result = result(C.poll(polled, fds.length, timeoutMillis));
        if (result == -Errno.EINTR) {
            return 0;
        }
        checkedResult("poll", "", result);
        int ready = 0;
        for (int i = 0; i < fds.length; i++) {
            ready |= polled.getShort((long) size * i + 6) != 0 ? 1 << i : 0;
        }
        return ready;
    }

    /** open(2) for reading. */
    public static Fd open(String path) throws SyscallException {
        return new Fd(checked("open", path, C.open(path, O_CLOEXEC)));
    }
}
