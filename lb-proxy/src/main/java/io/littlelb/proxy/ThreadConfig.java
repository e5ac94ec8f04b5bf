package io.littlelb.proxy;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.worker.ErrorHandler;
import java.time.Duration;

/**
 * The threads that move bytes.
 *
 * @param loops how many
 * @param busyPoll how long one keeps asking whether something has come, when things come fast, before it sleeps; zero: not at all
 * @param errors is told of an {@link Error} on one of them
 */
public record ThreadConfig(int loops, Duration busyPoll, ErrorHandler errors) {
    public ThreadConfig {
        Checked.atLeast(1, "loops", loops);
        Checked.notNegative("busyPoll", busyPoll);
        requireNonNull(errors, "errors");
    }
}
