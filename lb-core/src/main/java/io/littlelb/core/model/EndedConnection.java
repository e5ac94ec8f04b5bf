package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One connection that is over.
 *
 * @param id that of its {@link ConnectionInfo}; a client that was turned away at once has one of its own too
 * @param client who had connected, or on whose behalf a proxy had
 * @param backend the one that had answered, or was asked last
 * @param attempts how many backends were asked
 * @param lasted since it was accepted
 * @param bytesToBackend taken from the client
 * @param bytesToClient taken from the backend
 * @param detail what the word for its ending leaves out: what each backend did, who broke off after how many bytes, what was lacking; often empty
 */
public record EndedConnection(
        Instant at,
        String id,
        InetSocketAddress client,
        Frontend frontend,
        ServiceKey service,
        Optional<Backend> backend,
        int attempts,
        Duration lasted,
        long bytesToBackend,
        long bytesToClient,
        Ending ending,
        String detail) {
    public EndedConnection {
        requireNonNull(at, "at");
        requireNonNull(id, "id");
        requireNonNull(client, "client");
        requireNonNull(frontend, "frontend");
        requireNonNull(service, "service");
        requireNonNull(backend, "backend");
        requireNonNull(lasted, "lasted");
        requireNonNull(ending, "ending");
        detail = Shown.escaped(detail);
    }
}
