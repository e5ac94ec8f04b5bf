package io.littlelb.linux;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Owns one file descriptor and closes it once, whoever asks and however often: a number that was closed may already be
 * somebody else's.
 */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = -1;

    private final AtomicInteger number;

    /** Takes over a descriptor that a system call has just returned. */
    public Fd(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("a descriptor is not negative: " + number);
        }
        this.number = new AtomicInteger(number);
    }

    /**
     * The number, to be used at once and not to be kept.
     *
     * @throws IllegalStateException once it is closed
     */
    public int number() {
        int current = number.get();
        if (current == CLOSED) {
            throw new IllegalStateException("the descriptor is closed");
        }
        return current;
    }

    /** Whether it has not been closed. */
    public boolean isOpen() {
        return number.get() != CLOSED;
    }

    /** Closes the descriptor; does nothing the second time. Linux has released it even if close(2) reports an error. */
    @Override
    public void close() {
        int closing = number.getAndSet(CLOSED);
        if (closing != CLOSED) {
            LibC.INSTANCE.close(closing);
        }
    }

    @Override
    public String toString() {
        return isOpen() ? "fd " + number.get() : "closed fd";
    }
}
