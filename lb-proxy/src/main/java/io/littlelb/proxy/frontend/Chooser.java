package io.littlelb.proxy.frontend;

import com.google.common.base.Ticker;
import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.TrafficPolicy;
import io.littlelb.linux.SockAddr;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/** Chooses a backend for each client of one frontend. Owned by the loop that accepts them. */
public final class Chooser {
    /** Beyond, the client that has been away for longest may come to another backend. */
    private static final int REMEMBERED_CLIENTS = 100_000;

    private final Predicate<Backend> isEjected;
    private final ToIntFunction<Backend> connections;
    private final Ticker clock;

    private int turn;
    private Optional<Affinity> affinity = Optional.empty();

    /**
     * Public for benchmarks alone; others have that of an {@link OpenFrontend}.
     *
     * @param isEjected which backends are chosen only when there is no other
     * @param connections how many connections a backend has
     */
    public Chooser(Predicate<Backend> isEjected, ToIntFunction<Backend> connections, Ticker clock) {
        this.isEjected = isEjected;
        this.connections = connections;
        this.clock = clock;
    }

    private record Affinity(Duration timeout, Cache<InetAddress, Backend> chosen) {}

    /** The position of the backend to dial first; of none, 0. */
    public int choose(Backends backends, TrafficPolicy traffic, SockAddr client) {
        if (backends.size() < 2) {
            return 0;
        }
        if (traffic.affinity().isPresent()) {
            return remembered(backends, traffic, client);
        }
        return balance(backends, traffic, client);
    }

    private int remembered(Backends backends, TrafficPolicy traffic, SockAddr client) {
        InetAddress ip = client.ip();
        Cache<InetAddress, Backend> chosen = chosen(traffic.affinity().orElseThrow());
        Backend before = chosen.getIfPresent(ip);
        int position = before == null || isEjected.test(before) ? -1 : positionOf(before, backends);
        if (position < 0) {
            position = balance(backends, traffic, client);
            chosen.put(ip, backends.at(position));
        }
        return position;
    }

    /** Another backend than the chosen one has answered a client: it stays with that one from now on, where clients do. */
    public void moved(InetAddress client, Backend answered) {
        affinity.ifPresent(known -> known.chosen().put(client, answered));
    }

    private Cache<InetAddress, Backend> chosen(Duration timeout) {
        if (affinity.filter(known -> known.timeout().equals(timeout)).isEmpty()) {
            affinity = Optional.of(new Affinity(
                    timeout,
                    CacheBuilder.newBuilder()
                            .concurrencyLevel(1)
                            .maximumSize(REMEMBERED_CLIENTS)
                            .expireAfterAccess(timeout)
                            .ticker(clock)
                            .build()));
        }
        return affinity.get().chosen();
    }

    private static int positionOf(Backend backend, Backends backends) {
        for (int i = 0; i < backends.size(); i++) {
            if (backends.at(i).equals(backend)) {
                return i;
            }
        }
        return -1;
    }

    private int balance(Backends backends, TrafficPolicy traffic, SockAddr client) {
        return switch (traffic.balance()) {
            case ROUND_ROBIN -> next(backends);
            case LEAST_CONNECTIONS -> leastLoaded(backends);
            case CLIENT_IP -> ofClient(backends, client.ip());
        };
    }

    /** Those that are ejected are passed over, so that their share goes to all others alike. */
    private int next(Backends backends) {
        int position = Math.floorMod(turn++, backends.size());
        for (int i = 1; i < backends.size() && isEjected.test(backends.at(position)); i++) {
            position = Math.floorMod(turn++, backends.size());
        }
        return position;
    }

    private int leastLoaded(Backends backends) {
        int least = next(backends); // of equals, each in turn
        int fewest = connections.applyAsInt(backends.at(least));
        int start = least;
        for (int i = 1; i < backends.size(); i++) {
            int position = (start + i) % backends.size();
            Backend backend = backends.at(position);
            int count = connections.applyAsInt(backend);
            if (count < fewest && !isEjected.test(backend)) {
                least = position;
                fewest = count;
            }
        }
        return least;
    }

    /** Highest random weight: every client has an order of its own of all backends, whichever of them there are. */
    private int ofClient(Backends backends, InetAddress client) {
        int best = -1;
        int highest = 0;
        for (int i = 0; i < backends.size(); i++) {
            int weight = mixed(client.hashCode() * 31 + backends.at(i).hashCode());
            boolean better = best < 0 || weight > highest;
            if (better && !isEjected.test(backends.at(i))) {
                best = i;
                highest = weight;
            }
        }
        return Math.max(best, 0);
    }

    /** The finalizer of MurmurHash3: every bit of the input changes half of the output. */
    private static int mixed(int hash) {
        int mixed = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        mixed = (mixed ^ (mixed >>> 13)) * 0xc2b2ae35;
        return mixed ^ (mixed >>> 16);
    }
}
