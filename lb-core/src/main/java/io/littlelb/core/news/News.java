package io.littlelb.core.news;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.Shown;
import java.time.Instant;
import java.util.Optional;

/**
 * One thing that has happened, as a log has it.
 *
 * @param number its place in a {@link Journal}, which grows by one with each; 0 in none
 * @param service the one that it is about, if it is about one
 * @param reason why that is not served, if it tells of that
 * @param text a sentence for people, on one line
 */
public record News(
        long number, Instant at, Level level, Optional<ServiceKey> service, Optional<Reason> reason, String text) {
    /** How much somebody should care. */
    public enum Level {
        /** It is as it should be. */
        INFO,
        /** Something is not as it should be. */
        WARN,
        /** This program itself has failed at something. */
        ERROR
    }

    public News {
        requireNonNull(at, "at");
        requireNonNull(level, "level");
        requireNonNull(service, "service");
        requireNonNull(reason, "reason");
        text = Shown.escaped(text);
    }

    /** News that are about no Service. */
    public static News of(Instant at, Level level, String text) {
        return new News(0, at, level, Optional.empty(), Optional.empty(), text);
    }

    /** News of a Service. */
    public static News of(Instant at, Level level, ServiceKey service, Optional<Reason> reason, String text) {
        return new News(0, at, level, Optional.of(service), reason, text);
    }

    News numbered(long place) {
        return new News(place, at, level, service, reason, text);
    }
}
