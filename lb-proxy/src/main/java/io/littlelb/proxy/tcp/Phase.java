package io.littlelb.proxy.tcp;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.proxy.frontend.OpenFrontend;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link Connection} is doing: {@link Dial}, then {@link Relay}, and where something is left to be delivered, {@link Linger}. One has all that it needs
 * from its beginning, is told whatever happens, and gives back what it has when the connection ends in it. On the connection's loop.
 */
interface Phase {
    /** Before the first one and after the last: there is nothing to do, and nothing to give back. */
    Phase NONE = new Phase() {
        @Override
        public void on(End end, int events) {}

        @Override
        public void onTime() {}

        @Override
        public void resume() {}

        @Override
        public void giveBack(boolean broken) {}

        @Override
        public Seen seen() {
            return new Seen(ConnectionInfo.State.DIALLING, Optional.empty(), 0, List.of(), 0, 0, 0);
        }
    };

    /** One of the two sockets is ready for something, or has failed; it knows already. */
    void on(End end, int events);

    /** The connection's deadline is there. */
    void onTime();

    /** Goes on, now that others have had their turn. */
    void resume();

    /**
     * The connection ends.
     *
     * @param broken whether the backend is to know that it did not end but was lost
     */
    void giveBack(boolean broken);

    Seen seen();

    /**
     * What can be seen from outside, as in {@link ConnectionInfo}.
     *
     * @param movedNanos when bytes last moved, a time of {@link System#nanoTime}; 0 when none have
     */
    record Seen(
            ConnectionInfo.State state,
            Optional<Backend> backend,
            int attempt,
            List<ConnectionInfo.Failed> failed,
            long movedNanos,
            long bytesToBackend,
            long bytesToClient) {
        ConnectionInfo info(Arrival arrival, OpenFrontend frontend, long now) {
            return new ConnectionInfo(
                    arrival.id(),
                    arrival.client(),
                    frontend.frontend,
                    frontend.config.service(),
                    !frontend.takesClients(),
                    state,
                    backend,
                    attempt,
                    failed,
                    since(arrival.nanos(), now),
                    since(movedNanos == 0 ? arrival.nanos() : movedNanos, now),
                    bytesToBackend,
                    bytesToClient);
        }

        private static Duration since(long then, long now) {
            return Duration.ofNanos(Math.max(0, now - then));
        }
    }
}
