package io.littlelb.netlink;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * How addresses are put on a link.
 *
 * @param probing whether another host is asked for first
 * @param addressLifetime how long an address stays when nobody renews it, in whole seconds: a process that is killed or frozen loses
 *     its addresses by the kernel's clock. Empty means for ever
 */
public record LinkConfig(ConflictProbing probing, Optional<Duration> addressLifetime) {
    /** The kernel counts in seconds and looks every few of them: less could not be renewed in time. */
    public static final Duration SHORTEST_LIFETIME = Duration.ofSeconds(6);

    /** Fast probes, and addresses that stay. */
    public static final LinkConfig DEFAULT = new LinkConfig(ConflictProbing.FAST, Optional.empty());

    public LinkConfig {
        requireNonNull(probing, "probing");
        boolean tooShort = addressLifetime
                .filter(given -> given.compareTo(SHORTEST_LIFETIME) < 0)
                .isPresent();
        if (tooShort) {
            throw new IllegalArgumentException("an address needs a lifetime of at least "
                    + SHORTEST_LIFETIME.toSeconds() + " s, not " + addressLifetime.get());
        }
    }

    /** The same with another way to find out whether an address is free. */
    public LinkConfig withProbing(ConflictProbing other) {
        return new LinkConfig(other, addressLifetime);
    }

    /** The same with addresses that last so long unless they are renewed. */
    public LinkConfig withAddressLifetime(Duration lifetime) {
        return new LinkConfig(probing, Optional.of(lifetime));
    }
}
