package io.littlelb.core.port;

import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Protocol;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Moves bytes between the clients of a frontend and its backends. */
public interface Forwarder extends AutoCloseable {
    /** What can be forwarded; the same as long as it is open. */
    default Set<Protocol> protocols() {
        return Set.of(Protocol.TCP);
    }

    /**
     * Every frontend that is set, draining or failed, from memory. Never changes once returned; a {@link PersistentMap} spares a pass
     * looking at what has not changed.
     */
    Map<Frontend, FrontendStatus> frontends();

    /**
     * Opens a frontend, or changes an open one without disturbing its connections. A frontend without backends has no
     * listener. One that is draining is opened again; its old connections go on. If it drains for another Service, these go on draining as
     * that one has it, and are counted as its; the frontend shows as this Service's meanwhile.
     *
     * @throws IllegalArgumentException when it is set, and is another Service's: that one has to be removed first, which says how long its
     *     connections may go on
     * @throws IOException when the listener cannot be opened; the frontend then shows as failed, and asking again tries again
     */
    void set(Frontend frontend, FrontendConfig config) throws IOException;

    /**
     * Stops accepting at once and lets established connections end for as long as {@code drain}; whatever is left then
     * is reset. The frontend shows as draining until its last connection is gone. One that is not set is left alone; for one
     * that is draining already, the earlier deadline holds.
     */
    void remove(Frontend frontend, Duration drain);

    /** Has the listener called when a frontend has drained, from whatever thread; one listener at most. */
    void onChange(Runnable listener);

    /** Resets every connection, closes every listener, gives back threads and descriptors. */
    @Override
    void close();
}
