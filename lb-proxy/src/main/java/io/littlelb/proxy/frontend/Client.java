package io.littlelb.proxy.frontend;

import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.proxy.loop.Resident;

/** A resident that has come to a frontend. */
public abstract class Client extends Resident {
    /** The one that it has come to. */
    public abstract OpenFrontend frontend();

    /** Of {@link ConnectionInfo#id}. */
    public abstract String id();

    /**
     * What can be told of it.
     *
     * @param now a time of {@link System#nanoTime}
     */
    public abstract ConnectionInfo info(long now);
}
