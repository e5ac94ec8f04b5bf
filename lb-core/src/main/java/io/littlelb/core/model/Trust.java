package io.littlelb.core.model;

/** How much what is said of a cluster is worth now. */
public enum Trust {
    /** It is what the source says. */
    LIVE,
    /** The source cannot be asked now, or takes nothing of what is there now; it is what it said last, and stays in force as if it were live. */
    REMEMBERED,
    /** The source has not seen all of it yet: that nobody asks for something is no evidence, so nothing is changed. */
    NOT_KNOWN
}
