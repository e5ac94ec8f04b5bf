package io.littlelb.netlink.arp;

import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

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

    /** Takes in that another host has sent from an address of ours; returns whether to announce it in defence, and else it insists. */
    boolean claimed(InetAddress ip, long now) {
        Long last = defendedAt.get(ip);
        boolean insists = last != null && now - last < INTERVAL.toNanos();
        if (!insists) {
            defendedAt.put(ip, now);
        }
        return !insists;
    }

    /** It is not ours any more. */
    void forget(InetAddress ip) {
        defendedAt.remove(ip);
    }
}
