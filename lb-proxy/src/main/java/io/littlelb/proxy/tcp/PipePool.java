package io.littlelb.proxy.tcp;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Linux;
import io.littlelb.linux.Memory;
import io.littlelb.linux.SyscallException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.ffi.Pointer;

/**
 * Empty pipes, lent out while bytes are in flight. A pipe that is not empty is never taken back: what is in it would reach
 * another client. Owned by one event loop.
 */
public final class PipePool implements AutoCloseable {
    /** The size of {@link #copyBuffer}, and the least that a pipe must hold to be of use. */
    public static final int COPY_BYTES = 64 * 1024;

    /** After the system has refused one, it is not asked again for so long. */
    private static final long PAUSE_NANOS = 1_000_000_000;

    private final int wantedBytes;
    private final int keep;
    private final int most;
    private final boolean canSplice;
    private final Deque<Pipe> idle = new ArrayDeque<>();
    /** Written by the loop alone. */
    private final AtomicInteger lent = new AtomicInteger();

    private long askAgainNanos = System.nanoTime();
    private final Pointer copyBuffer = Memory.allocate(COPY_BYTES);

    /**
     * Starts with no pipe.
     *
     * @param wantedBytes how much a pipe should hold
     * @param keep how many empty pipes are kept for later
     * @param most how many may be lent at once
     * @param canSplice whether splice(2) works here
     */
    public PipePool(int wantedBytes, int keep, int most, boolean canSplice) {
        this.most = most;
        this.wantedBytes = wantedBytes;
        this.keep = keep;
        this.canSplice = canSplice;
    }

    /** A pipe and how much it holds. */
    record Pipe(Linux.Pipe ends, int capacity) {}

    /** Whether there is a pipe to {@link #borrow}. Without one, bytes can still be copied. */
    boolean hasPipe() {
        return canSplice && (!idle.isEmpty() || (lent.getPlain() < most && hasOpened()));
    }

    private boolean hasOpened() {
        if (System.nanoTime() - askAgainNanos < 0) {
            return false;
        }
        try {
            idle.addLast(open());
            return true;
        } catch (SyscallException shortage) {
            askAgainNanos = System.nanoTime() + PAUSE_NANOS;
            return false;
        }
    }

    private void count(int more) {
        lent.setOpaque(lent.getPlain() + more); // for one writer there is no need of a locked instruction
    }

    /** How many are lent now; from any thread. */
    int lent() {
        return lent.getOpaque();
    }

    /** An empty pipe that holds at least {@link #COPY_BYTES}; there must be one. */
    Pipe borrow() {
        count(1);
        return idle.removeLast();
    }

    /** Beyond {@code fs.pipe-user-pages-soft}, pipe(7), a process without rights gets smaller ones, down to a page. */
    private Pipe open() throws SyscallException {
        Linux.Pipe ends = Linux.pipe();
        int capacity = Linux.setPipeSize(ends.writeEnd(), wantedBytes);
        Pipe pipe = new Pipe(ends, capacity > 0 ? capacity : Linux.pipeSize(ends.writeEnd()));
        if (pipe.capacity() < COPY_BYTES) {
            ends.close();
            throw new SyscallException("pipe2", "of " + COPY_BYTES + " bytes", Errno.ENOMEM);
        }
        return pipe;
    }

    /** Memory for bytes on their way from read(2) to write(2); whatever is in it is worth nothing afterwards. */
    Pointer copyBuffer() {
        return copyBuffer;
    }

    /** Takes back an empty pipe. */
    void giveBack(Pipe empty) {
        count(-1);
        if (idle.size() < keep) {
            idle.addLast(empty);
        } else {
            empty.ends().close();
        }
    }

    /** Throws a pipe away, with whatever is in it. */
    void discard(Pipe pipe) {
        count(-1);
        pipe.ends().close();
    }

    /** Closes the pipes that are kept for later; returns whether there were any. */
    boolean giveUpIdle() {
        boolean any = !idle.isEmpty();
        idle.forEach(pipe -> pipe.ends().close());
        idle.clear();
        return any;
    }

    @Override
    public void close() {
        giveUpIdle();
    }
}
