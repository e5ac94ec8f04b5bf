package io.littlelb.cli.log;

import io.littlelb.core.model.Ending;

/** The values of {@code --access-log}. */
public enum AccessMode {
    /** No connection is told of. */
    OFF,
    /** Those that did not end as both sides had meant. */
    ERRORS,
    /** Every one. */
    ALL;

    boolean tellsOf(Ending ending) {
        return this == ALL || (this == ERRORS && ending != Ending.CLIENT_CLOSED && ending != Ending.BACKEND_CLOSED);
    }
}
