package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

/**
 * One frontend as it stands.
 *
 * @param config what it was last told
 * @param detail of one that failed, why: the operation and the system's words; of an open one of which no backend answers, what
 *     each of them did; else empty
 */
public record FrontendStatus(FrontendConfig config, State state, String detail) {
    /** Where a frontend stands. */
    public enum State {
        /** Listening. */
        OPEN,
        /** Configured without backends: no listener, so that the kernel refuses clients at once. */
        REFUSING,
        /** Removed, but established connections have not ended. */
        DRAINING,
        /** The listener could not be opened. */
        FAILED
    }

    public FrontendStatus {
        requireNonNull(config, "config");
        requireNonNull(state, "state");
        requireNonNull(detail, "detail");
    }

    /** A frontend without anything to explain. */
    public static FrontendStatus of(FrontendConfig config, State state) {
        return new FrontendStatus(config, state, "");
    }

    /** Whether the frontend does what its configuration says. */
    public boolean isSet() {
        return state == State.OPEN || state == State.REFUSING;
    }
}
