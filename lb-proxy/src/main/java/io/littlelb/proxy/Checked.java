package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.OptionalInt;

/** What the figures of a configuration may be. */
final class Checked {
    private Checked() {}

    static Duration notNegative(String what, Duration time) {
        if (requireNonNull(time, what).isNegative()) {
            throw new IllegalArgumentException(what + ": at least no time, not " + time);
        }
        return time;
    }

    static Duration positive(String what, Duration time) {
        if (notNegative(what, time).isZero()) {
            throw new IllegalArgumentException(what + ": more than no time");
        }
        return time;
    }

    static int atLeast(int least, String what, int number) {
        if (number < least) {
            throw new IllegalArgumentException(what + ": at least " + least + ", not " + number);
        }
        return number;
    }

    static OptionalInt atLeast(int least, String what, OptionalInt number) {
        requireNonNull(number, what).ifPresent(given -> atLeast(least, what, given));
        return number;
    }
}
