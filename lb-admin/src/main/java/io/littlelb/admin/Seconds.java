package io.littlelb.admin;

import java.time.Duration;

/** Durations as views have them: in seconds, to the microsecond. */
final class Seconds {
    private Seconds() {}

    static double of(Duration duration) {
        return Math.round(duration.toNanos() / 1e3) / 1e6;
    }
}
