package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One connection that is over.
 *
 * @param id as long as it lasted, that of its {@link ConnectionInfo}; empty for a client that was turned away at once
 * @param client who had connected, or on whose behalf a proxy had
 * @param backend the one that had answered, or was asked last
 * @param attempts how many backends were asked
 * @param lasted since it was accepted
 * @param bytesToBackend taken from the client
 * @param bytesToClient taken from the backend
 * @param detail what the word for its ending leaves out, such as what each backend did; often empty
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
