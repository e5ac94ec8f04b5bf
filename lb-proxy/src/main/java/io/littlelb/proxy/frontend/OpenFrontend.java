package io.littlelb.proxy.frontend;

import static java.util.stream.Collectors.toSet;

import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.proxy.health.BackendHealth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A frontend as long as it is of any concern: open, refusing, failed, or draining. The forwarder's callers change it, under the
 * forwarder's lock; loops read the configuration and count.
 */
public final class OpenFrontend {
    public final Frontend frontend;
    public final BackendHealth health;
    public final Shortages shortages;
    public final Answerers answerers = new Answerers();
    /** Owned by the loop of the listener, which is the same one whenever it is opened. */
    public final Chooser chooser;

    private final Consumer<OpenFrontend> onLastConnection;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    /** What was counted for backends that are forgotten; guarded by itself where it is seen with {@link #tallies}, that nothing is summed twice or not at all. */
    private final BackendTally forgotten = new BackendTally();

    private final ImmutableMap<Ending, AtomicLong> endings =
            Maps.toMap(List.of(Ending.values()), ending -> new AtomicLong());
    private final Map<Backend, BackendTally> tallies = new ConcurrentHashMap<>();

    public volatile FrontendConfig config;
    public volatile ServiceLimits ofService;
    public volatile FrontendStatus.State state = FrontendStatus.State.REFUSING;
    public Optional<Problem> problem = Optional.empty();
    /** Null where there is no listener; changed under the forwarder's lock. */
    public volatile Acceptor acceptor;
    /** Counts how often draining began or was called off: a deadline of an earlier time has no effect. */
    public volatile int drains;

    /** @param onLastConnection is told when its last connection has ended while it drains; whoever lets it drain looks himself afterwards */
    public OpenFrontend(
            Frontend frontend, FrontendConfig config, BackendHealth health, Consumer<OpenFrontend> onLastConnection) {
        this.frontend = frontend;
        this.config = config;
        this.health = health;
        this.shortages = new Shortages(frontend.toString());
        this.chooser = new Chooser(health::isEjected, this::connectionsTo, Ticker.systemTicker());
        this.onLastConnection = onLastConnection;
    }

    public boolean isOf(ServiceKey service) {
        return config.service().equals(service);
    }

    public FrontendStatus status() {
        boolean open = state == FrontendStatus.State.OPEN;
        return new FrontendStatus(config, state, open ? health.problem(config.backends()) : problem);
    }

    private Stream<Backend> backends() {
        Backends backends = config.backends();
        return IntStream.range(0, backends.size()).mapToObj(backends::at);
    }

    /** Whether its backends are of concern for whoever may come. */
    public boolean takesClients() {
        return state != FrontendStatus.State.DRAINING;
    }

    /** One that is merely looked at gets no tally. */
    private int connectionsTo(Backend backend) {
        BackendTally known = tallies.get(backend);
        return known == null ? 0 : known.active();
    }

    public BackendTally tally(Backend backend) {
        BackendTally known = tallies.get(backend);
        return known != null ? known : tallies.computeIfAbsent(backend, added -> new BackendTally());
    }

    /** Forgets what was counted for backends that are gone, once they are the larger part. */
    public void forgetBackends() {
        if (tallies.size() <= 2 * config.backends().size()) {
            return;
        }
        Set<Backend> configured = backends().collect(toSet());
        synchronized (forgotten) {
            tallies.entrySet().removeIf(entry -> {
                BackendTally tally = entry.getValue();
                boolean gone = tally.active() == 0 && !configured.contains(entry.getKey());
                if (gone) {
                    forgotten.moved(tally.bytesToBackend(), tally.bytesToClients());
                }
                return gone;
            });
        }
    }

    public void connectionStarted() {
        clientArrived();
        accepted.incrementAndGet();
    }

    public void connectionEnded(Ending ending) {
        endings.get(ending).incrementAndGet();
        clientLeft();
    }

    /** A client is here for which no backend is dialled yet. */
    public void clientArrived() {
        connections.incrementAndGet();
    }

    /** It became a connection, or went away. */
    public void clientLeft() {
        boolean last = connections.decrementAndGet() == 0;
        if (last && !takesClients()) { // else nobody has need to know, and whoever is told takes a lock
            onLastConnection.accept(this);
        }
    }

    /** No backend was chosen for one that had come. */
    public void clientRefused(Ending why) {
        refused.incrementAndGet();
        endings.get(why).incrementAndGet();
    }

    public boolean hasConnections() {
        return connections() > 0;
    }

    /** How many there are now. */
    public int connections() {
        return connections.get();
    }

    /** Whether its clients wait for what this process has no more of. */
    public boolean isHeldUp() {
        Acceptor listening = acceptor;
        return listening != null && listening.isHeldUp();
    }

    /** All of it. */
    public Counters counters() {
        return counters(true);
    }

    /** With those backends only that are ejected. */
    public Counters totals() {
        return counters(false);
    }

    private Counters counters(boolean ofAllBackends) {
        ImmutableMap.Builder<Backend, Counters.OfBackend> each = ImmutableMap.builder();
        health.ejected(config.backends())
                .forEach((backend, ejection) -> each.put(backend, new BackendTally().counters(Optional.of(ejection))));
        tallies.forEach((backend, tally) -> {
            if (ofAllBackends || health.isEjected(backend)) {
                each.put(backend, tally.counters(health.ejection(backend)));
            }
        });
        return new Counters(
                connections.get(),
                accepted.get(),
                refused.get(),
                Maps.transformValues(endings, AtomicLong::get),
                total(BackendTally::bytesToBackend),
                total(BackendTally::bytesToClients),
                each.buildKeepingLast());
    }

    private long total(ToLongFunction<BackendTally> bytes) {
        synchronized (forgotten) {
            long sum = bytes.applyAsLong(forgotten);
            for (BackendTally tally : tallies.values()) {
                sum += bytes.applyAsLong(tally);
            }
            return sum;
        }
    }

    @Override
    public String toString() {
        return frontend.toString();
    }
}
