package io.littlelb.proxy;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.SyscallException;
import jnr.ffi.Pointer;

/**
 * One direction of a connection: bytes go from a source socket into a pipe and from the pipe into a sink socket, and never
 * leave the kernel, splice(2).
 *
 * <p>Invariant: a pipe is held exactly while bytes are in it. Only an empty pipe is filled: on a pipe that holds something,
 * EAGAIN could mean "no data" as well as "no room", and the two call for opposite actions.
 */
final class SplicePipe {
    private static final int FLAGS = Linux.SPLICE_F_MOVE | Linux.SPLICE_F_NONBLOCK;

    private final PipePool pool;
    private final Fd source;
    private final Fd sink;
    private PipePool.Pipe pipe;
    private long inFlight;
    private boolean copying;
    private int errno;

    SplicePipe(PipePool pool, Fd source, Fd sink) {
        this.pool = pool;
        this.source = source;
        this.sink = sink;
    }

    /** What an attempt to move bytes came to. */
    enum Progress {
        /** Some bytes moved; there may be more. */
        MOVED,
        /** Nothing moved: the source has no data now, or the sink no room. */
        WOULD_BLOCK,
        /** The source has ended, and every byte of it has been taken. */
        END_OF_STREAM,
        /** The socket is broken: {@link #errno} says how. */
        FAILED
    }

    boolean isEmpty() {
        return inFlight == 0;
    }

    int errno() {
        return errno;
    }

    /**
     * From now on, bytes are read rather than spliced: urgent data (RFC 9293 section 3.8.5) makes splice(2) say EAGAIN for
     * ever, and at the end 0 while bytes are still unread.
     */
    void copyFromNowOn() {
        copying = true;
    }

    /** Takes what the source has into the pipe, which must be empty. */
    Progress fill() {
        try {
            pipe = pool.borrow();
        } catch (SyscallException e) {
            errno = e.errno();
            return Progress.FAILED;
        }
        long moved = copying ? copyIn() : Linux.splice(source, pipe.ends().writeEnd(), pipe.capacity(), FLAGS);
        if (moved == 0 && !copying) {
            moved = copyIn(); // an end is believed only from read(2)
        }
        if (moved > 0) {
            inFlight = moved;
            return Progress.MOVED;
        }
        pool.giveBack(pipe);
        pipe = null;
        return moved == 0 ? Progress.END_OF_STREAM : notMoved(moved);
    }

    private long copyIn() {
        Pointer buffer = pool.copyBuffer();
        long read = Linux.read(source, buffer, Math.min(PipePool.COPY_BYTES, pipe.capacity()));
        // An empty pipe takes at least its capacity at once.
        return read <= 0 ? read : Linux.write(pipe.ends().writeEnd(), buffer, read);
    }

    /** Puts what is in the pipe into the sink. */
    Progress flush() {
        long moved = Linux.splice(pipe.ends().readEnd(), sink, inFlight, FLAGS);
        if (moved <= 0) {
            return moved == 0 ? Progress.WOULD_BLOCK : notMoved(moved);
        }
        inFlight -= moved;
        if (inFlight == 0) {
            pool.giveBack(pipe);
            pipe = null;
        }
        return Progress.MOVED;
    }

    private Progress notMoved(long negatedErrno) {
        if (negatedErrno == -Errno.EAGAIN) {
            return Progress.WOULD_BLOCK;
        }
        errno = (int) -negatedErrno;
        return Progress.FAILED;
    }

    /** Throws away what is in flight. */
    void discard() {
        if (pipe != null) {
            pool.discard(pipe);
            pipe = null;
            inFlight = 0;
        }
    }
}
