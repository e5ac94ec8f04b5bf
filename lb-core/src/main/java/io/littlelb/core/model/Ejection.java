package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * A backend in passive failure: clients are sent to it only when there is no other.
 *
 * @param lasting for how long it has been
 * @param why what it did when it was last asked
 * @param askedAgainIn when it is asked whether it answers now; zero while it is being asked
 */
public record Ejection(Duration lasting, String why, Duration askedAgainIn) {
    public Ejection {
        requireNonNull(lasting, "lasting");
        why = Shown.escaped(why);
        requireNonNull(askedAgainIn, "askedAgainIn");
    }
}
