package io.littlelb.admin.http;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Semaphore;

/**
 * Lets one of a door's threads at a time make its answer, in the order in which they ask for it: however many questions there are, they take no more than one
 * processor from who moves bytes. Nobody waits for a reader: whoever sends gives up its turn, and takes the next.
 */
final class Turns {
    private final Semaphore turn = new Semaphore(1, true);

    /** Something that is done when it is one's turn. */
    @FunctionalInterface
    interface Action<R> {
        R run() throws IOException;
    }

    /** Does it when it is this thread's turn. */
    <R> R take(Action<R> action) throws IOException {
        turn.acquireUninterruptibly();
        try {
            return action.run();
        } finally {
            turn.release();
        }
    }

    /** What is sent where, by a thread that has the turn, and gives it up for as long as it sends. */
    OutputStream sending(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                turn.release();
                try {
                    out.write(bytes, offset, length);
                } finally {
                    turn.acquireUninterruptibly();
                }
            }

            @Override
            public void flush() throws IOException {
                turn.release();
                try {
                    out.flush();
                } finally {
                    turn.acquireUninterruptibly();
                }
            }
        };
    }
}
