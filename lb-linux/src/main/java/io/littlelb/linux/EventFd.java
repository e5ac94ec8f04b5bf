package io.littlelb.linux;

import jnr.ffi.Pointer;

/** A descriptor by which any thread wakes one that waits for events, eventfd(2). */
public final class EventFd implements AutoCloseable {
    private final Fd fd = Linux.eventfd();
    private final Pointer one = Memory.allocate(Long.BYTES);
    private final Pointer count = Memory.allocate(Long.BYTES);

    public EventFd() throws SyscallException {
        one.putLong(0, 1);
    }

    /** To wait for until it is readable. */
    public Fd fd() {
        return fd;
    }

    /** Makes the descriptor readable; from any thread. One that is readable already stays so. */
    public void signal() {
        Linux.write(fd, one, Long.BYTES); // fails only when the counter is full, and then the waiter is awake
    }

    /** Makes the descriptor not readable until the next signal; by the thread that waits. */
    public void clear() {
        Linux.read(fd, count, Long.BYTES); // fails only when there was no signal
    }

    @Override
    public void close() {
        fd.close();
    }
}
