package io.littlelb.netlink.arp;

import java.net.InetAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/** What the link has been told of our addresses: how often, and when last. Written by {@code lb-link}, read by anybody. */
public final class Announced {
    private final InstantSource clock;
    private final Map<InetAddress, Instant> lastAt = new ConcurrentHashMap<>();
    private final LongAdder frames = new LongAdder();
    private final LongAdder defences = new LongAdder();

    Announced(InstantSource clock) {
        this.clock = clock;
    }

    /** So many frames have told where an address is; none where none could be sent. */
    void sent(InetAddress ip, int count) {
        if (count > 0) {
            frames.add(count);
            lastAt.put(ip, clock.instant());
        }
    }

    /** Another host has claimed an address of ours, and is told that it is ours. */
    void defended() {
        defences.increment();
    }

    /** How many frames have told where an address of ours is. */
    public long frames() {
        return frames.sum();
    }

    /** How often another host was told that an address is ours. */
    public long defences() {
        return defences.sum();
    }

    /** When each address was announced last that has not been forgotten; it goes on changing. */
    public Map<InetAddress, Instant> lastAt() {
        return Collections.unmodifiableMap(lastAt);
    }

    /** Forgets when addresses were announced that are of no concern any more. */
    public void forget(Predicate<InetAddress> isOver) {
        lastAt.keySet().removeIf(isOver);
    }
}
