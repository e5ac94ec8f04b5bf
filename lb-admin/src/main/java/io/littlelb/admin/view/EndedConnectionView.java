package io.littlelb.admin.view;

import java.time.Instant;
import java.util.Optional;

/**
 * One connection that is over.
 *
 * @param id as it was among {@link ConnectionView}s; empty for a client that was turned away at once
 * @param backend the one that answered, or was asked last
 * @param attempts how many backends were asked
 * @param ending why it is over, one word: {@code client_closed} and so on
 * @param detail what the word leaves out; often empty
 */
public record EndedConnectionView(
        Instant at,
        String id,
        String client,
        String service,
        String frontend,
        Optional<String> backend,
        int attempts,
        double lastedSeconds,
        long bytesIn,
        long bytesOut,
        String ending,
        String detail) {}
