package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One connection as it was when somebody asked.
 *
 * @param id the same as long as it lasts, and no other's as long as the forwarder lasts
 * @param client who has connected, or on whose behalf a proxy has
 * @param service whose frontend it came to
 * @param draining whether that frontend takes no new ones any more
 * @param backend the one that is asked, or has answered
 * @param attempt how many backends have been asked, the present one included
 * @param failed of one that is being dialled, what the backends did that were asked before; the last few
 * @param age since it was accepted
 * @param idle since bytes last moved, either way; to within a turn of its loop
 * @param bytesToBackend taken from the client
 * @param bytesToClient taken from the backend
 */
public record ConnectionInfo(
        String id,
        InetSocketAddress client,
        Frontend frontend,
        ServiceKey service,
        boolean draining,
        State state,
        Optional<Backend> backend,
        int attempt,
        List<Failed> failed,
        Duration age,
        Duration idle,
        long bytesToBackend,
        long bytesToClient) {
    public ConnectionInfo {
        requireNonNull(id, "id");
        requireNonNull(client, "client");
        requireNonNull(frontend, "frontend");
        requireNonNull(service, "service");
        requireNonNull(state, "state");
        requireNonNull(backend, "backend");
        failed = List.copyOf(failed);
        requireNonNull(age, "age");
        requireNonNull(idle, "idle");
    }

    /** What it is doing. */
    public enum State {
        /** A proxy before us is still to say whom it speaks for. */
        GREETING,
        /** A backend is asked, and has not answered. */
        DIALLING,
        /** Bytes move both ways. */
        RELAYING,
        /** The client has said all; the backend goes on. */
        CLIENT_HALF_CLOSED,
        /** The backend has said all; the client goes on. */
        BACKEND_HALF_CLOSED,
        /** It has ended or was broken off, and one side has not got all of it yet. */
        DELIVERING
    }

    /** A backend that did not answer this connection, and what it did instead. */
    public record Failed(Backend backend, String what) {
        public Failed {
            requireNonNull(backend, "backend");
            what = Shown.escaped(what);
        }
    }
}
