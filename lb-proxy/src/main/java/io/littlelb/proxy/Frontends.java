package io.littlelb.proxy;

import static java.util.stream.Collectors.toSet;
import static java.util.stream.Collectors.toUnmodifiableMap;

import com.google.common.collect.HashMultimap;
import com.google.common.collect.Maps;
import com.google.common.collect.SetMultimap;
import com.google.common.collect.Sets;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.Problem;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.frontend.ServiceLimits;
import io.littlelb.proxy.health.BackendChecks;
import io.littlelb.proxy.health.BackendHealth;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The frontends that are set, failed or draining, and what is told of them.
 *
 * <p>Its lock is held by who changes what is set or looks at it, and where the last connection of a frontend that drains has ended; never for a
 * connection.
 */
final class Frontends {
    private final BackendHealth health;
    private final Consumer<OpenFrontend> onLastConnection;
    /** Changed under the lock; the loops look without it. */
    private final Map<Frontend, OpenFrontend> frontends = new ConcurrentHashMap<>();
    /** Of these: what was last told of each, those that have changed since, and when all were last looked at. */
    private PersistentMap<Frontend, FrontendStatus> statuses = PersistentMap.of();

    private final Set<Frontend> stale = new HashSet<>();
    private long healthSeen;
    /** Those that drain while another Service has their place. */
    private final SetMultimap<Frontend, OpenFrontend> succeeded = HashMultimap.create();

    Frontends(BackendHealth health, Consumer<OpenFrontend> onLastConnection) {
        this.health = health;
        this.onLastConnection = onLastConnection;
    }

    synchronized Map<Frontend, FrontendStatus> statuses() {
        long healthNow = health.changes(); // before it is looked at: what changes meanwhile is seen the next time
        if (healthNow != healthSeen) {
            stale.addAll(frontends.keySet());
            healthSeen = healthNow;
        }
        Map<Frontend, FrontendStatus> changed = new HashMap<>();
        for (Frontend each : stale) {
            Optional.ofNullable(frontends.get(each))
                    .map(OpenFrontend::status)
                    .filter(status -> !status.equals(statuses.get(each)))
                    .ifPresent(status -> changed.put(each, status));
        }
        statuses = statuses.with(changed, Sets.difference(stale, frontends.keySet()));
        stale.clear();
        return statuses;
    }

    /** Those that are shown, and those that drain beside them. */
    private synchronized List<OpenFrontend> all() {
        return Stream.concat(frontends.values().stream(), succeeded.values().stream())
                .toList();
    }

    /** How many connections there are now. */
    long connections() {
        return all().stream().mapToLong(OpenFrontend::connections).sum();
    }

    /** Whether clients wait anywhere for what this process has no more of; without the lock. */
    boolean areHeldUp() {
        return frontends.values().stream().anyMatch(OpenFrontend::isHeldUp);
    }

    /** @param look is asked when a value is looked at */
    Map<Counters.Subject, Counters> counters(Function<OpenFrontend, Counters> look) {
        return Maps.transformValues(
                all().stream()
                        .collect(toUnmodifiableMap(
                                open -> new Counters.Subject(open.frontend, open.config.service()),
                                open -> open,
                                (shown, draining) -> shown)),
                look::apply);
    }

    /** Those whose backends are of concern; without the lock. */
    Stream<OpenFrontend> takingClients() {
        return frontends.values().stream().filter(OpenFrontend::takesClients);
    }

    /** The backends that are of concern; without the lock. */
    Set<BackendChecks.Use> used() {
        return takingClients()
                .map(open -> open.config)
                .map(config -> new BackendChecks.Use(
                        config.backends(), config.traffic().proxyProtocol()))
                .collect(toSet());
    }

    /** Whether a backend is one of them. */
    boolean isUsed(Backend backend) {
        return takingClients().anyMatch(open -> open.config.backends().contains(backend));
    }

    /** The one that is there, or a new one. Another Service's is another frontend: what drains there keeps its own deadline and its own counts. */
    private OpenFrontend of(Frontend frontend, FrontendConfig wanted) {
        OpenFrontend there = frontends.get(frontend);
        if (there == null) {
            return new OpenFrontend(frontend, wanted, health, onLastConnection);
        }
        if (there.isOf(wanted.service())) {
            return there;
        }
        if (there.takesClients()) {
            throw new IllegalArgumentException(frontend + " is Service " + there.config.service()
                    + "'s: to be removed before it is set for Service " + wanted.service());
        }
        Optional<OpenFrontend> earlier = succeeded.get(frontend).stream()
                .filter(each -> each.isOf(wanted.service()))
                .findFirst();
        earlier.ifPresent(each -> succeeded.remove(frontend, each));
        succeeded.put(frontend, there);
        return earlier.orElseGet(() -> new OpenFrontend(frontend, wanted, health, onLastConnection));
    }

    /**
     * A frontend that was set.
     *
     * @param before the backends that it had till then
     */
    record Changed(OpenFrontend open, Backends before) {}

    /**
     * From now on it is served like this; it does not drain any more, and its listener is still to be seen to. All in one step: what drains may be over at
     * any time, and who is counted meanwhile is counted once.
     *
     * @param limits asked once it is known that the frontend may be set
     * @throws IllegalArgumentException when it is set for another Service
     */
    synchronized Changed set(Frontend frontend, FrontendConfig wanted, Supplier<ServiceLimits> limits) {
        OpenFrontend open = of(frontend, wanted);
        Backends before = open.takesClients() ? open.config.backends() : Backends.none();
        open.ofService = limits.get();
        frontends.put(frontend, open);
        open.config = wanted;
        open.forgetBackends();
        open.drains++;
        state(open, FrontendStatus.State.REFUSING, Optional.empty());
        return new Changed(open, before);
    }

    synchronized void state(OpenFrontend open, FrontendStatus.State state, Optional<Problem> problem) {
        open.state = state;
        open.problem = problem;
        stale.add(open.frontend);
    }

    /** It drains from now on; empty where it does already, or is not set. */
    synchronized Optional<OpenFrontend> drain(Frontend frontend) {
        Optional<OpenFrontend> there =
                Optional.ofNullable(frontends.get(frontend)).filter(OpenFrontend::takesClients);
        there.ifPresent(open -> {
            open.drains++;
            state(open, FrontendStatus.State.DRAINING, Optional.empty());
        });
        return there;
    }

    /** Whether it has drained, and is forgotten now. */
    synchronized boolean forgetIfDrained(OpenFrontend open) {
        if (open.takesClients() || open.hasConnections()) {
            return false;
        }
        if (!succeeded.remove(open.frontend, open) && frontends.remove(open.frontend, open)) {
            showAnyThatStillDrains(open.frontend);
        }
        stale.add(open.frontend);
        return true;
    }

    private void showAnyThatStillDrains(Frontend frontend) {
        succeeded.get(frontend).stream().findFirst().ifPresent(draining -> {
            succeeded.remove(frontend, draining);
            frontends.put(frontend, draining);
        });
    }

    /** Forgets all of them, and returns those that were set or draining. */
    synchronized List<OpenFrontend> clear() {
        List<OpenFrontend> all = List.copyOf(frontends.values());
        stale.addAll(frontends.keySet());
        frontends.clear();
        succeeded.clear();
        return all;
    }
}
