package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * One frontend as it stands.
 *
 * @param config what it was last told
 * @param problem of one that failed, {@link Reason#BindFailed} with the operation and the system's words; of an open one of which no backend answers,
 *     {@link Reason#BackendsUnavailable} with what each of them did; else empty
 */
public record FrontendStatus(FrontendConfig config, State state, Optional<Problem> problem) {
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
        requireNonNull(problem, "problem");
    }

    /** A frontend without anything to explain. */
    public static FrontendStatus of(FrontendConfig config, State state) {
        return new FrontendStatus(config, state, Optional.empty());
    }

    /** One that could not be opened: the operation, and the system's words. */
    public static FrontendStatus failed(FrontendConfig config, String detail) {
        return new FrontendStatus(config, State.FAILED, Optional.of(new Problem(Reason.BindFailed, detail)));
    }

    /** Why it does not serve, if it is for this reason. */
    public Optional<Problem> problem(Reason reason) {
        return problem.filter(known -> known.reason() == reason);
    }

    /** Whether the frontend does what its configuration says. */
    public boolean isSet() {
        return state == State.OPEN || state == State.REFUSING;
    }
}
