package io.littlelb.netlink.link;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.RangeSet;
import io.littlelb.core.model.Durations;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.netlink.arp.ConflictProbing;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * How addresses are put on a link.
 *
 * @param probing whether another host is asked for first
 * @param addressLifetime how long an address stays when nobody renews it, in whole seconds: a process that is killed or frozen loses
 *     its addresses by the kernel's clock. Empty means for ever
 * @param watchedPorts ports of which is to be told when a program of the host listens there on all addresses
 * @param errors is told when Java itself fails on the thread {@code lb-link}
 */
public record LinkConfig(
        ConflictProbing probing,
        Optional<Duration> addressLifetime,
        RangeSet<Integer> watchedPorts,
        ErrorHandler errors) {
    /** The kernel counts in seconds and looks every few of them: less could not be renewed in time. */
    public static final Duration SHORTEST_LIFETIME = Duration.ofSeconds(6);
    /** {@code ifa_valid} of {@code linux/if_addr.h} is an u32 of seconds, of which some of the kernel's own sums use 31 bits. */
    public static final Duration LONGEST_LIFETIME = Duration.ofHours(Integer.MAX_VALUE / 3600);

    /** Fast probes, and addresses that stay. */
    public static final LinkConfig DEFAULT =
            new LinkConfig(ConflictProbing.FAST, Optional.empty(), ImmutableRangeSet.of(), ErrorHandler.LOG);

    public LinkConfig {
        requireNonNull(probing, "probing");
        requireNonNull(errors, "errors");
        watchedPorts = ImmutableRangeSet.copyOf(watchedPorts);
        addressLifetime.ifPresent(LinkConfig::check);
    }

    private static void check(Duration lifetime) {
        boolean possible = lifetime.compareTo(SHORTEST_LIFETIME) >= 0
                && lifetime.compareTo(LONGEST_LIFETIME) <= 0
                && lifetime.equals(lifetime.truncatedTo(ChronoUnit.SECONDS));
        if (!possible) {
            throw new IllegalArgumentException("the kernel keeps an address for "
                    + Durations.print(SHORTEST_LIFETIME) + " to " + Durations.print(LONGEST_LIFETIME)
                    + ", in whole seconds, or for ever; not for " + Durations.print(lifetime));
        }
    }

    /** The same with another way to find out whether an address is free. */
    public LinkConfig withProbing(ConflictProbing other) {
        return new LinkConfig(other, addressLifetime, watchedPorts, errors);
    }

    /**
     * The same with addresses that last so long unless they are renewed.
     *
     * @throws IllegalArgumentException when the kernel cannot count that
     */
    public LinkConfig withAddressLifetime(Duration lifetime) {
        return new LinkConfig(probing, Optional.of(lifetime), watchedPorts, errors);
    }

    /** The same with somebody else to tell when Java itself fails. */
    public LinkConfig withErrors(ErrorHandler handler) {
        return new LinkConfig(probing, addressLifetime, watchedPorts, handler);
    }

    /** The same with an eye on ports that programs of the host may need on all addresses. */
    public LinkConfig withWatchedPorts(RangeSet<Integer> ports) {
        return new LinkConfig(probing, addressLifetime, ports, errors);
    }
}
