package io.littlelb.core.worker;

import java.io.IOException;

/** What the thread of a {@link Worker} does, turn by turn. */
@FunctionalInterface
public interface Task {
    /** The answer of a turn after which there is nothing to do until the worker is woken. */
    long UNTIL_WOKEN = Long.MAX_VALUE;

    /** The answer of a turn that was the last one: the thread ends. */
    long DONE = -1;

    /**
     * Does what there is to do, and does not wait. After an exception there is a pause, and then another turn; whatever was to be done and was not must
     * therefore still be known.
     *
     * @param now a time of {@link System#nanoTime} by which everything that had come has been taken in: what is due by it may be judged, and
     *     nothing that is due later
     * @return in how many nanoseconds from {@code now} to have a turn at the latest, {@link #UNTIL_WOKEN}, or {@link #DONE}
     * @throws IOException when the world fails and the whole turn with it
     */
    long turn(long now) throws IOException;
}
