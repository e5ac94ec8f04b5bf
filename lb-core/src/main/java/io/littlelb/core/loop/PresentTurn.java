package io.littlelb.core.loop;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** For how long the reconciler has been making the same pass. Begun and ended by its thread, asked from any. */
final class PresentTurn {
    /** A first pass takes seconds where there are ten thousand Services; one that is stuck takes for ever. */
    static final Duration LONGEST = Duration.ofSeconds(10);

    private final LongSupplier nanos;
    /** Empty between passes. */
    private volatile OptionalLong since = OptionalLong.empty();

    /** @param nanos the time, as {@link System#nanoTime} has it */
    PresentTurn(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void begins() {
        since = OptionalLong.of(nanos.getAsLong());
    }

    void ends() {
        since = OptionalLong.empty();
    }

    /** Whether it lasts longer than {@link #LONGEST}. */
    boolean isStuck() {
        OptionalLong began = since;
        return began.isPresent() && nanos.getAsLong() - began.getAsLong() > LONGEST.toNanos();
    }
}
