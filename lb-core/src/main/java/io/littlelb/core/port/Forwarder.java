package io.littlelb.core.port;

import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.ForwarderLoad;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Protocol;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

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
     * @throws IllegalStateException when the forwarder is closed
     * @throws IOException when the listener cannot be opened; the frontend then shows as failed, and asking again tries again
     */
    void set(Frontend frontend, FrontendConfig config) throws IOException;

    /**
     * Stops accepting at once and lets established connections end for as long as {@code drain}; whatever is left then
     * is reset. The frontend shows as draining until its last connection is gone. One that is not set is left alone, as is any when the forwarder is closed; for one
     * that is draining already, the earlier deadline holds.
     */
    void remove(Frontend frontend, Duration drain);

    /**
     * What has been counted of each frontend that is set or draining, of each Service that it is or was; from any thread, and without disturbing
     * what moves bytes. Which they are is of the moment of the call; a value may be read anew each time it is looked at, so that whoever wants one of ten
     * thousand does not pay for all. Empty where nothing is counted.
     */
    default Map<Counters.Subject, Counters> counters() {
        return Map.of();
    }

    /**
     * The same, but with those backends only that are ejected; by default with all of them. For who asks often: of ten thousand backends it costs a tenth of
     * {@link #counters}.
     */
    default Map<Counters.Subject, Counters> totals() {
        return counters();
    }

    /**
     * The connections there are, in no order: each as it was at one time, though not all at the same one. From any thread but within a listener's call. Whoever moves bytes is asked
     * between two turns and for a few connections at a time, so that none waits for the answer; one that does not answer within a moment
     * is left out, with what it has not told by then.
     *
     * @param limit how many are wanted at most
     * @param filter which ones; called on the caller's thread
     */
    default List<ConnectionInfo> connections(int limit, Predicate<ConnectionInfo> filter) {
        return List.of();
    }

    /**
     * Resets both sides of the connections that it chooses, of those that there are now; from any thread, and asked as {@link #connections} are. They end as
     * {@link Ending#DISCONNECTED}; nothing keeps a client from coming again.
     *
     * @param which called on the caller's thread
     * @return how many were reset
     */
    default int disconnect(Predicate<ConnectionInfo> which) {
        return 0;
    }

    /** How much there is to do; from any thread, from memory. Nothing is known by default. */
    default ForwarderLoad load() {
        return ForwarderLoad.NONE;
    }

    /**
     * Whether whatever moves bytes takes up work within that time; waits for it no longer. False once it is closed. By default there is nothing of which
     * it could be asked. From any thread.
     */
    default boolean isTurning(Duration within) {
        return true;
    }

    /**
     * Has the listener called with every connection that ends, also with every client that is turned away before a backend is asked; on the thread that moved its
     * bytes, and that waits: the listener takes note, and writes elsewhere. One listener at most; without one, nothing is noted.
     */
    default void onEnd(Consumer<EndedConnection> listener) {}

    /**
     * Has the listener called when what {@link #frontends} returns has changed by itself: a frontend has drained, backends answer or do not. It may be called from
     * within {@link #set} and {@link #remove} as well as by the threads that move bytes, which wait for it: it looks again elsewhere, and asks here for nothing
     * that waits. But it may {@link #close}. One listener at most.
     */
    void onChange(Runnable listener);

    /**
     * Resets every connection, closes every listener, gives back threads and descriptors; more than once does no more. Waits until that is done; called from
     * one of those threads, that is by a listener, it returns at once and is done soon. From then on no frontend is shown.
     */
    @Override
    void close();
}
