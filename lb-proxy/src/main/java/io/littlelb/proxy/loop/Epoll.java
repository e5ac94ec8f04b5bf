package io.littlelb.proxy.loop;

import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.Memory;
import io.littlelb.linux.SyscallException;
import jnr.ffi.Pointer;

/**
 * What is ready, epoll(7). Each descriptor is registered with a token, which comes back with its events: a descriptor's own
 * number may be another's by then.
 *
 * <pre>
 * struct epoll_event (sys/epoll.h)    x86-64, packed    elsewhere
 *   u32  events                        0                 0
 *   u64  data                          4                 8
 *                                     12                16
 * </pre>
 */
public final class Epoll implements AutoCloseable {
    public static final int EPOLLIN = 0x1;
    public static final int EPOLLPRI = 0x2;
    public static final int EPOLLOUT = 0x4;
    public static final int EPOLLERR = 0x8;
    public static final int EPOLLHUP = 0x10;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int EPOLLET = 1 << 31;

    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    /** How many events there are at most in one answer. */
    static final int BATCH = 256;

    private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");
    private static final int DATA_OFFSET = PACKED ? 4 : 8;
    private static final int EVENT_LENGTH = PACKED ? 12 : 16;

    private final Fd fd = Linux.epollCreate();
    private final Pointer events = Memory.allocate(BATCH * EVENT_LENGTH);
    private final Pointer registration = Memory.allocate(EVENT_LENGTH);

    Epoll() throws SyscallException {}

    /** Whether any of the wanted ones is among the events. */
    public static boolean has(int events, int wanted) {
        return (events & wanted) != 0;
    }

    void add(Fd watched, int interest, long token) throws SyscallException {
        registration.putInt(0, interest);
        registration.putLong(DATA_OFFSET, token);
        Linux.epollCtl(fd, EPOLL_CTL_ADD, watched, registration);
    }

    void remove(Fd watched) throws SyscallException {
        Linux.epollCtl(fd, EPOLL_CTL_DEL, watched, registration);
    }

    /** Waits until something is ready or the time is over; returns how many events there are. */
    int await(int timeoutMillis) throws SyscallException {
        return Linux.epollWait(fd, events, BATCH, timeoutMillis);
    }

    int events(int index) {
        return events.getInt((long) index * EVENT_LENGTH);
    }

    long token(int index) {
        return events.getLong((long) index * EVENT_LENGTH + DATA_OFFSET);
    }

    @Override
    public void close() {
        fd.close();
    }
}
