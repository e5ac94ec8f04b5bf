package io.littlelb.netlink;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What to do when another host claims an IPv4 address that is in use here, RFC 5227 section 2.4: the first time, say once more whose it
 * is; if the other insists, give in and report it.
 *
 * <p>Has no thread and no clock: {@code lb-link} calls it, with the time of {@link System#nanoTime}.
 */
final class Defence {
    /** {@code DEFEND_INTERVAL} of RFC 5227. */
    private static final Duration INTERVAL = Duration.ofSeconds(10);

    private final Map<InetAddress, Long> defendedAt = new HashMap<>();
    private final Map<InetAddress, MacAddress> contested = new HashMap<>();

    /** Takes in that another host has sent from an address of ours; returns whether to announce it in defence. */
    boolean claimed(InetAddress ip, MacAddress other, long now) {
        Long last = defendedAt.get(ip);
        boolean insists = last != null && now - last < INTERVAL.toNanos();
        if (insists) {
            contested.put(ip, other);
        } else {
            defendedAt.put(ip, now);
        }
        return !insists;
    }

    /** Another host was found to have it. */
    void lost(InetAddress ip, MacAddress other) {
        contested.put(ip, other);
    }

    /** Nobody else has it any more, or we do not either. */
    void forget(InetAddress ip) {
        contested.remove(ip);
        defendedAt.remove(ip);
    }

    /** The host that has it as well, if one insists. */
    Optional<MacAddress> rival(InetAddress ip) {
        return Optional.ofNullable(contested.get(ip));
    }
}
