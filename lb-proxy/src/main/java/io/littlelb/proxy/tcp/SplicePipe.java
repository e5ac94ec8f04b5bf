package io.littlelb.proxy.tcp;

import io.littlelb.linux.Errno;
import io.littlelb.linux.Fd;
import io.littlelb.linux.Linux;
import io.littlelb.linux.Memory;
import jnr.ffi.Pointer;

/**
 * One direction of a connection, from a source socket to a sink socket: messages are read and written at once, streams go
 * through a pipe and never leave the kernel, splice(2). Owned by one event loop.
 *
 * <p>A message costs two system calls that way and a stream no copy. Two full reads in a row make a stream; a row of small
 * splices makes it messages again.
 *
 * <p>Invariant: a pipe is held exactly while bytes are in it. Filling begins with an empty pipe: on one that holds something,
 * EAGAIN could mean "no data" as well as "no room", and the two call for opposite actions.
 *
 * <p>Public for benchmarks alone.
 */
public final class SplicePipe {
    private static final int FLAGS = Linux.SPLICE_F_MOVE | Linux.SPLICE_F_NONBLOCK;
    private static final int FULL_READS_OF_A_STREAM = 2;
    private static final int SMALL_SPLICES_OF_MESSAGES = 8;
    private static final int SMALL_BYTES = 16 * 1024;

    private final PipePool pool;
    private final Fd source;
    private final Fd sink;
    private final SlowStart slowStart;
    private boolean streaming;
    private boolean urgent;
    private boolean drained;
    /** In a row: full reads while copying, small splices while streaming. */
    private int signs;

    private PipePool.Pipe pipe;
    /** Holds what is in flight when there is no pipe to hold it. */
    private Pointer memory;

    private long memoryBytes;

    private long inFlight;
    private long taken;
    private long takenBefore;
    private boolean sinkFailed;
    /** How the source has failed behind the bytes that are in flight; 0 when it has not. */
    private int failedLater;

    public SplicePipe(PipePool pool, Fd source, Fd sink) {
        this.pool = pool;
        this.source = source;
        this.sink = sink;
        this.slowStart = new SlowStart(source, sink);
    }

    /** What an attempt to move bytes came to. */
    public enum Progress {
        /** Some bytes moved; there may be more. */
        MOVED,
        /** Nothing moved: the source has no data now, or the sink no room. */
        WOULD_BLOCK,
        /** The source has ended, and every byte of it has been taken. */
        END_OF_STREAM,
        /** The socket is broken. */
        FAILED
    }

    /** Whether no byte is on its way. */
    boolean isEmpty() {
        return inFlight == 0;
    }

    /** Whether it was the sink that failed, and not the source. */
    boolean isSinkBroken() {
        return sinkFailed;
    }

    /** How many bytes have been taken from the source since this was asked last. */
    long takenSinceLastAsked() {
        long bytes = taken;
        takenBefore += taken;
        taken = 0;
        return bytes;
    }

    /** How many bytes have been taken from the source so far. */
    long takenInAll() {
        return takenBefore + taken;
    }

    /**
     * Whether the last {@link #fill} took all that the source had: unless its end is known to have come, it has nothing more
     * until the next event, epoll(7) question 9.
     */
    boolean hasDrainedTheSource() {
        return drained;
    }

    /**
     * From now on, bytes are read rather than spliced: urgent data (RFC 9293 section 3.8.5) makes splice(2) say EAGAIN for
     * ever, and at the end 0 while bytes are still unread. A read(2) stops in front of it, too, and says nothing of what follows.
     */
    void copyFromNowOn() {
        urgent = true;
        streaming = false;
    }

    /** Takes what the source has, while nothing is in flight; passes it on at once if it is a message. */
    public Progress fill() {
        drained = false;
        if (failedLater != 0) {
            return notMoved(-failedLater);
        }
        return streaming && pool.hasPipe() ? splice() : copy();
    }

    private Progress splice() {
        pipe = pool.borrow();
        int portion = slowStart.portion(pipe.capacity());
        long moved = Linux.splice(source, pipe.ends().writeEnd(), portion, FLAGS);
        if (moved > 0) {
            moved += spliceMore(moved, portion);
            inFlight = moved;
            taken += moved;
            signs = moved < SMALL_BYTES ? signs + 1 : 0;
            if (signs == SMALL_SPLICES_OF_MESSAGES) {
                streaming = false;
                signs = 0;
            }
            return Progress.MOVED;
        }
        givePipeBack();
        return moved == 0 ? copy() : notMoved(moved); // an end is believed only from read(2)
    }

    private Progress copy() {
        Pointer buffer = pool.copyBuffer();
        int portion = slowStart.portion(PipePool.COPY_BYTES);
        long read = Linux.read(source, buffer, portion);
        if (read <= 0) {
            return read == 0 ? Progress.END_OF_STREAM : notMoved(read);
        }
        boolean full = read == PipePool.COPY_BYTES;
        taken += read;
        drained = read < portion && !urgent;
        signs = full ? signs + 1 : 0;
        if (signs >= FULL_READS_OF_A_STREAM && !urgent) {
            streaming = true;
            signs = 0;
        }
        long written = Linux.send(sink, buffer, read, 0);
        if (written < 0 && written != -Errno.EAGAIN) {
            sinkFailed = true;
            return notMoved(written);
        }
        long done = Math.max(written, 0);
        if (done < read) {
            keep(buffer.slice(done, read - done), read - done);
        }
        slowStart.delivered(done, buffer);
        return Progress.MOVED;
    }

    /**
     * Takes along what has come while the first bytes were moved: one call more here saves one and a wakeup of the sink later. An end is
     * seen again by the next {@link #fill}; but a socket tells of its failure once, and what it reads as afterwards is an end.
     */
    private long spliceMore(long inPipe, int portion) {
        if (inPipe >= portion / 2) {
            return 0;
        }
        long moved = Linux.splice(source, pipe.ends().writeEnd(), portion - inPipe, FLAGS);
        if (moved < 0 && moved != -Errno.EAGAIN) {
            failedLater = (int) -moved;
        }
        return Math.max(0, moved);
    }

    /** Puts aside what the sink had no room for: into a pipe, or, where none can be had, into memory of its own. */
    private void keep(Pointer remainder, long length) {
        inFlight = length;
        if (pool.hasPipe()) {
            pipe = pool.borrow();
            if (Linux.write(pipe.ends().writeEnd(), remainder, length) == length) {
                return;
            }
            pool.discard(pipe); // a system out of memory may give an empty pipe less room than it says
            pipe = null;
        }
        // By way of an array: transferTo of a slice reaches beyond its bounds in JNR-FFI 2.3.
        byte[] bytes = new byte[(int) length];
        remainder.get(0, bytes, 0, bytes.length);
        memory = Memory.allocate(bytes.length);
        memory.put(0, bytes, 0, bytes.length);
        memoryBytes = length;
    }

    /** Puts what is in flight into the sink. */
    Progress flush() {
        long moved = pipe == null
                ? Linux.send(sink, memory.slice(memoryBytes - inFlight), inFlight, 0)
                : Linux.splice(pipe.ends().readEnd(), sink, inFlight, FLAGS);
        if (moved <= 0) {
            sinkFailed = moved < 0 && moved != -Errno.EAGAIN;
            return moved == 0 ? Progress.WOULD_BLOCK : notMoved(moved);
        }
        slowStart.delivered(moved, pool.copyBuffer());
        inFlight -= moved;
        if (inFlight == 0) {
            memory = null;
            givePipeBack();
        }
        return Progress.MOVED;
    }

    private void givePipeBack() {
        if (pipe != null) {
            pool.giveBack(pipe);
            pipe = null;
        }
    }

    private Progress notMoved(long negatedErrno) {
        if (negatedErrno == -Errno.EAGAIN) {
            return Progress.WOULD_BLOCK;
        }
        return Progress.FAILED;
    }

    /** Throws away what is in flight. */
    void discard() {
        if (pipe != null) {
            pool.discard(pipe);
            pipe = null;
        }
        memory = null;
        inFlight = 0;
    }
}
