package io.littlelb.core.model;

/** Why a connection has ended. */
public enum Ending {
    /** Both sides had said all they had to say. */
    COMPLETE,
    /** The client reset it, or could not be reached any more. */
    CLIENT_BROKE_OFF,
    /** The backend reset it, or could not be reached any more. */
    BACKEND_BROKE_OFF,
    /** No backend answered. */
    NO_BACKEND,
    /** It rested longer than it may. */
    IDLE,
    /** It outlived its frontend longer than it may. */
    DRAINED,
    /** This process had no descriptor, port or memory for it. */
    SHORTAGE,
    /** A fault of this program ended it. */
    FAULT
}
