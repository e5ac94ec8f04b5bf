package io.littlelb.core.plan;

import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServicePort;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Of the backends of one port those that may be dialled, and why not the others: one that is a frontend of ours would bring its connections back
 * to us, each as a new one, until nobody has any left. Anybody who may write an EndpointSlice can name one.
 *
 * @param backends those that may be; the very object that was asked about if all may
 * @param problem what was left out, if anything was
 */
record Dialable(Backends backends, Optional<Problem> problem) {
    /** How many of those that are left out are named. */
    private static final int NAMED = 3;

    /** @param own every frontend that we have or are about to have */
    static Dialable of(Backends backends, ServicePort port, FrontendIndex own) {
        if (!own.hasAnyOf(backends)) {
            return new Dialable(backends, Optional.empty());
        }
        Predicate<Backend> loops = backend -> own.contains(backend.ip(), backend.port());
        List<Backend> all =
                IntStream.range(0, backends.size()).mapToObj(backends::at).toList();
        List<Backend> refused = all.stream().filter(loops).toList();
        String named = refused.stream().limit(NAMED).toList() + (refused.size() > NAMED ? " and others" : "");
        return new Dialable(
                new Backends.Listed(all.stream().filter(loops.negate()).toList()),
                Optional.of(
                        new Problem(
                                Reason.BackendIsFrontend,
                                "of the backends of port " + port + ", " + named
                                        + " are frontends of this load balancer, and not dialled; name the endpoints behind them")));
    }
}
