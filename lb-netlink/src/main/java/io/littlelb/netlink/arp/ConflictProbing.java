package io.littlelb.netlink.arp;

import java.time.Duration;
import java.util.Optional;

/**
 * Whether, and how patiently, the link is asked if somebody else has an IPv4 address before it is used.
 *
 * <p>For IPv6 the kernel asks by itself (RFC 4862 section 5.4).
 */
public enum ConflictProbing {
    /** Three times within 0.4 s, and 0.3 s to answer: for a local network that is not slower than that. */
    FAST,
    /** The times of RFC 5227 section 1.1, four to seven seconds in all. */
    RFC,
    /** Not at all. */
    OFF;

    Optional<Timing> timing() {
        return switch (this) {
            case FAST ->
                Optional.of(new Timing(
                        Duration.ZERO, Duration.ofMillis(200), Duration.ofMillis(200), Duration.ofMillis(300)));
            case RFC ->
                Optional.of(new Timing(
                        Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(2)));
            case OFF -> Optional.empty();
        };
    }

    /**
     * The parameters of a probe, by their names in RFC 5227.
     *
     * @param probeWait the first one waits for a random part of this
     * @param probeMin the shortest time to the next one
     * @param probeMax the longest time to the next one
     * @param announceWait how long to listen after the last one
     */
    record Timing(Duration probeWait, Duration probeMin, Duration probeMax, Duration announceWait) {
        /** {@code PROBE_NUM}. */
        static final int PROBES = 3;
    }
}
