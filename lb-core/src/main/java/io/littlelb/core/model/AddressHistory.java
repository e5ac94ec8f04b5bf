package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * What has become of an address of ours.
 *
 * @param since when it came into the state that it is in, as far as this process has seen
 * @param announcedAt when the network was last told where it is; empty when that has not been, as on a link that knows no neighbours
 */
public record AddressHistory(Instant since, Optional<Instant> announcedAt) {
    public AddressHistory {
        requireNonNull(since, "since");
        requireNonNull(announcedAt, "announcedAt");
    }
}
