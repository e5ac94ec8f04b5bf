package io.littlelb.proxy.tcp;

import io.littlelb.linux.Linux;

/**
 * One way of a connection, from its first byte to its end. Owned by one event loop.
 *
 * <p>A source that breaks off is read to its last byte: what was acknowledged was acknowledged by our kernel, and its sender will not send it
 * again. Of a sink that breaks off nothing more is wanted.
 */
final class Direction {
    /** How often one connection may move bytes before others have their turn. */
    private static final int ROUNDS = 16;

    private final End source;
    private final End sink;
    private final SplicePipe pipe;
    private final PipePool pool;
    private boolean sourceEnded;
    private boolean over;
    private boolean told;
    private long moves;

    Direction(PipePool pool, End source, End sink) {
        this.pool = pool;
        this.source = source;
        this.sink = sink;
        this.pipe = new SplicePipe(pool, source.fd, sink.fd);
    }

    /** Urgent data has come: from now on, bytes are read rather than spliced. */
    void copyFromNowOn() {
        pipe.copyFromNowOn();
    }

    /** Whether nothing more will move: all has been handed to the sink, or the sink is gone. */
    boolean isOver() {
        return over;
    }

    /** Whether the source has said all, and did not break off. */
    boolean sourceHasEnded() {
        return sourceEnded;
    }

    /** Whether the stream has come to its end, and the sink has all of it but that. */
    boolean hasEnded() {
        return over && sourceEnded && !sink.isBroken();
    }

    /** Passes the end on, once it has come. */
    void passEndOn() {
        if (hasEnded() && !told) {
            told = true;
            Linux.shutdown(sink.fd, Linux.SHUT_WR); // a side that is gone already shows as an error
        }
    }

    /** How many bytes have been taken from the source since this was asked last. */
    long takenSinceLastAsked() {
        return pipe.takenSinceLastAsked();
    }

    /** How many bytes have been taken from the source so far. */
    long takenInAll() {
        return pipe.takenInAll();
    }

    /** How often bytes have moved: grows as long as it gets on. */
    long moves() {
        return moves;
    }

    /** Throws away what is in flight. */
    void discard() {
        pipe.discard();
    }

    /** Moves bytes until one side has to wait; returns whether it stopped only because it was others' turn. */
    boolean pump() {
        for (int round = 0; round < ROUNDS; round++) {
            if (over || !advance()) {
                return false;
            }
        }
        return true;
    }

    /** One move; false when there is nothing to do until the next event. */
    private boolean advance() {
        if (sink.isBroken()) {
            pipe.discard();
            over = true;
            return false;
        }
        if (!pipe.isEmpty()) {
            return sink.writable && flush();
        }
        if (sourceEnded) {
            over = true;
            return false;
        }
        return source.readable && fill();
    }

    private boolean flush() {
        switch (pipe.flush()) {
            case MOVED -> {
                moves++;
                if (!pipe.isEmpty()) {
                    sink.tookPart();
                }
                return true;
            }
            case WOULD_BLOCK -> sink.writable = false;
            case END_OF_STREAM, FAILED -> failed();
        }
        return false;
    }

    private boolean fill() {
        switch (pipe.fill()) {
            case MOVED -> {
                moves++;
                source.readable = !pipe.hasDrainedTheSource() || source.ending;
                return true;
            }
            case WOULD_BLOCK -> source.readable = false;
            case END_OF_STREAM -> {
                sourceEnded = source.hasEnded(pipe.takenInAll(), pool.copyBuffer());
                over = !sourceEnded;
                return sourceEnded;
            }
            case FAILED -> failed();
        }
        return false;
    }

    /** The sink takes no more; or the source has no more, and not because it came to its end. */
    private void failed() {
        over = true;
        if (pipe.isSinkBroken()) {
            sink.breakOffWhenAsked();
            pipe.discard();
        } else {
            source.breakOff();
        }
    }
}
