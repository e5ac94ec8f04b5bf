package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Map;

/**
 * What has been counted for one frontend since it was opened.
 *
 * @param accepted connections that a backend was dialled for
 * @param refused clients of networks that are not served
 * @param endings how connections have ended
 * @param backends of each backend that has been dialled; of one that is gone until there are more of those than others
 */
public record Counters(long accepted, long refused, Map<Ending, Long> endings, Map<Backend, OfBackend> backends) {
    public Counters {
        endings = Map.copyOf(endings);
        backends = Map.copyOf(backends);
    }

    /** Of what something is counted: a frontend, as long as it is one Service's. */
    public record Subject(Frontend frontend, ServiceKey service) {
        public Subject {
            requireNonNull(frontend, "frontend");
            requireNonNull(service, "service");
        }
    }

    /**
     * The share of one backend.
     *
     * @param active connections now
     * @param connections connections so far
     * @param failures dials that it refused or did not answer in time
     * @param connectTime how long all its connections together took to be established
     * @param bytesToBackend taken from clients
     * @param bytesToClients taken from the backend
     */
    public record OfBackend(
            int active,
            long connections,
            long failures,
            Duration connectTime,
            long bytesToBackend,
            long bytesToClients) {}
}
