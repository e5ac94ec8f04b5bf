package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

/** A reason with what a person needs to act on it: the value, the holder, what is allowed; fit to be shown, see {@link Shown}. */
public record Problem(Reason reason, String detail) {
    public Problem {
        requireNonNull(reason, "reason");
        detail = Shown.escaped(detail);
    }

    @Override
    public String toString() {
        return reason + ": " + detail;
    }
}
