package io.littlelb.core.model;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import java.util.Map;
import java.util.Optional;

/**
 * What has been counted for one frontend since it was opened.
 *
 * @param active connections now, those included that wait for what a proxy says
 * @param accepted connections that a backend was dialled for
 * @param refused clients that went, or were turned away, before a backend was dialled for them; {@code endings} says why. But for those whom a proxy has not
 *     spoken for yet, {@code accepted} and these are as many as are {@code active} and have ended
 * @param endings how many have ended, by each of all ways
 * @param bytesToBackends taken from clients, whatever became of the backend
 * @param bytesToClients taken from backends
 * @param backends of each backend that has been dialled, or is ejected; of one that is gone until there are more of those than others
 */
public record Counters(
        int active,
        long accepted,
        long refused,
        Map<Ending, Long> endings,
        long bytesToBackends,
        long bytesToClients,
        Map<Backend, OfBackend> backends) {
    public Counters {
        endings = Maps.immutableEnumMap(endings);
        backends = ImmutableMap.copyOf(backends);
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
     * @param active connections now, those included that it has not answered yet
     * @param connections connections so far
     * @param failures dials that it refused or did not answer in time
     * @param dialTimes how long its connections took to be established
     * @param bytesToBackend taken from clients
     * @param bytesToClients taken from the backend
     * @param ejection empty while clients are sent to it as to any other
     */
    public record OfBackend(
            int active,
            long connections,
            long failures,
            DialTimes dialTimes,
            long bytesToBackend,
            long bytesToClients,
            Optional<Ejection> ejection) {
        public OfBackend {
            requireNonNull(dialTimes, "dialTimes");
            requireNonNull(ejection, "ejection");
        }
    }
}
