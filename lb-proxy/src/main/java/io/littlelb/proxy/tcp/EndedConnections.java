package io.littlelb.proxy.tcp;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.ConnectionInfo.Failed;
import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.model.Ending;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.tcp.Phase.Seen;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells whoever wants to know of every connection that is over; while nobody does, none is described. From any thread. */
public final class EndedConnections {
    private static final Logger log = LoggerFactory.getLogger(EndedConnections.class);

    private final InstantSource clock;
    private final AtomicBoolean hasFailed = new AtomicBoolean();
    private volatile Optional<Consumer<EndedConnection>> told = Optional.empty();

    public EndedConnections(InstantSource clock) {
        this.clock = clock;
    }

    /** Who is told from now on, in the place of whoever was; on the thread that moved the bytes. */
    public void tell(Consumer<EndedConnection> listener) {
        told = Optional.of(requireNonNull(listener, "listener"));
    }

    /** Whether there is anybody: else nothing needs to be looked at before it is given back. */
    boolean areTold() {
        return told.isPresent();
    }

    /** It never got as far as to a backend. */
    void turnedAway(Arrival arrival, OpenFrontend frontend, Ending ending, String why) {
        over(arrival, frontend, Phase.NONE.seen(), ending, why);
    }

    /**
     * A connection is over. A fault of whoever is told is not one of that connection.
     *
     * @param seen how it was before it was given back
     * @param what what happened, where the ending leaves that open
     */
    void over(Arrival arrival, OpenFrontend frontend, Seen seen, Ending ending, String what) {
        Optional<Consumer<EndedConnection>> listener = told;
        if (listener.isEmpty()) {
            return;
        }
        try {
            listener.get().accept(describe(arrival, frontend, seen, ending, what));
        } catch (RuntimeException fault) {
            if (hasFailed.compareAndSet(false, true)) { // there may be thousands a second
                log.error("Whoever is told of connections that have ended has failed; this is said once", fault);
            }
        }
    }

    private EndedConnection describe(Arrival arrival, OpenFrontend frontend, Seen seen, Ending ending, String what) {
        return new EndedConnection(
                clock.instant(),
                arrival.id(),
                arrival.client(),
                frontend.frontend,
                frontend.config.service(),
                backend(seen),
                seen.attempt(),
                Duration.ofNanos(Math.max(0, System.nanoTime() - arrival.nanos())),
                seen.bytesToBackend(),
                seen.bytesToClient(),
                ending,
                detail(seen, ending, what));
    }

    private static Optional<Backend> backend(Seen seen) {
        List<Failed> failed = seen.failed();
        return seen.backend().isPresent() || failed.isEmpty()
                ? seen.backend()
                : Optional.of(failed.get(failed.size() - 1).backend());
    }

    private static String detail(Seen seen, Ending ending, String what) {
        return switch (ending) {
            case NO_BACKEND -> seen.failed().isEmpty() ? what : failures(seen.failed());
            case CLIENT_RESET -> brokeOff("the client broke off", what, seen.bytesToBackend());
            case BACKEND_RESET -> brokeOff("the backend broke off", what, seen.bytesToClient());
            case SHORTAGE, PROXY_HEADER_INVALID -> what;
            default -> "";
        };
    }

    private static String failures(List<Failed> failed) {
        return failed.stream().map(one -> one.backend() + ": " + one.what()).collect(joining("; "));
    }

    private static String brokeOff(String usually, String what, long bytes) {
        return (what.isEmpty() ? usually : what) + " after " + bytes + " bytes";
    }
}
