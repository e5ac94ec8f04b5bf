package io.littlelb.admin.view;

import java.util.List;
import java.util.Optional;

/**
 * One connection.
 *
 * @param id to disconnect it by
 * @param client who has connected, or on whose behalf a proxy has
 * @param state {@code greeting}, {@code dialling}, {@code relaying}, {@code client-half-closed}, {@code backend-half-closed}, {@code delivering}
 * @param draining whether its frontend takes no new ones
 * @param attempt how many backends have been asked
 * @param failed what those did that did not answer
 * @param idleSeconds since bytes last moved
 */
public record ConnectionView(
        String id,
        String client,
        String service,
        String frontend,
        Optional<String> backend,
        String state,
        boolean draining,
        int attempt,
        List<String> failed,
        double ageSeconds,
        double idleSeconds,
        long bytesIn,
        long bytesOut) {
    public ConnectionView {
        failed = List.copyOf(failed);
    }
}
