package io.littlelb.proxy.frontend;

import io.littlelb.proxy.loop.Resident;

/** A resident that has come to a frontend. */
public abstract class Client extends Resident {
    /** The one that it has come to. */
    public abstract OpenFrontend frontend();
}
