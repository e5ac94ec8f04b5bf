package io.littlelb.core.plan;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Of the backends of one port those that may be dialled, and why not the others: one that is a frontend of ours would bring its connections back
 * to us, each as a new one, until nobody has any left; one beyond the {@link Boundaries} would be reached from this host, past its firewall. Anybody
 * who may write an EndpointSlice can name either.
 *
 * @param backends those that may be; the very object that was asked about if all may
 * @param problem what was left out, if anything was
 */
record Dialable(Backends backends, Optional<Problem> problem) {
    /** How many are named of those that are told of. */
    private static final int NAMED = 3;

    /**
     * @param own every frontend that we have or are about to have
     * @param isAllowed whether a backend is within the boundaries
     */
    static Dialable of(Backends backends, ServicePort port, FrontendIndex own, Predicate<Backend> isAllowed) {
        boolean allAllowed =
                IntStream.range(0, backends.size()).mapToObj(backends::at).allMatch(isAllowed);
        if (allAllowed && !own.hasAnyOf(backends)) {
            return new Dialable(backends, Optional.empty());
        }
        Predicate<Backend> loops = backend -> own.contains(backend.ip(), backend.port());
        List<Backend> all =
                IntStream.range(0, backends.size()).mapToObj(backends::at).toList();
        List<Backend> looping = all.stream().filter(loops).toList();
        List<Backend> beyond =
                all.stream().filter(isAllowed.negate()).filter(loops.negate()).toList();
        return new Dialable(
                new Backends.Listed(
                        all.stream().filter(loops.negate()).filter(isAllowed).toList()),
                looping.isEmpty() ? Optional.of(notAllowed(port, beyond)) : Optional.of(frontends(port, looping)));
    }

    private static Problem frontends(ServicePort port, List<Backend> looping) {
        return new Problem(
                Reason.BackendIsFrontend,
                "of the backends of port " + port + ", " + named(new Backends.Listed(looping))
                        + " are frontends of this load balancer, and not dialled; name the endpoints behind them");
    }

    private static Problem notAllowed(ServicePort port, List<Backend> beyond) {
        return new Problem(
                Reason.BackendNotAllowed,
                "of the backends of port " + port + ", " + named(new Backends.Listed(beyond))
                        + " are not dialled: an endpoint may have no loopback, link-local, multicast or unspecified address, and"
                        + " on an address of this host no port that is kept for its programs (--reserved-ports)");
    }

    /** The first of those that may be dialled. */
    String named() {
        return named(backends);
    }

    private static String named(Backends backends) {
        List<Backend> first = IntStream.range(0, Math.min(NAMED, backends.size()))
                .mapToObj(backends::at)
                .toList();
        return first + (backends.size() > NAMED ? " and others" : "");
    }
}
