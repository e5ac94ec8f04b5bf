package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.RateLimiter;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events on Services ({@code events.k8s.io/v1}). One that was told within the last minutes is not told a second
 * time: the first becomes a series with a count. Never fails, and drops Events rather than flood the API server. From any
 * thread, for one Service from one at a time.
 */
final class ServiceEvents implements Complaints.Events {
    private static final Logger log = LoggerFactory.getLogger(ServiceEvents.class);
    private static final String CONTROLLER = "littlelb.io/lb";
    /** The longest note the API server takes, in bytes; what is longer is cut. */
    private static final int LONGEST_NOTE = 1024;

    private static final double MOST_PER_SECOND = 10;
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final PatchContext MERGE =
            new PatchContext.Builder().withPatchType(PatchType.JSON_MERGE).build();

    private final KubernetesClient client;
    private final String instance;
    private final RateLimiter limit = RateLimiter.create(MOST_PER_SECOND);
    private final Cache<Occurrence, Series> told = CacheBuilder.newBuilder()
            .maximumSize(1_000)
            .expireAfterWrite(Duration.ofMinutes(10))
            .build();

    private final InstantSource clock;

    /** @param instance who reports: the name of this host */
    ServiceEvents(KubernetesClient client, String instance, InstantSource clock) {
        this.client = requireNonNull(client, "client");
        this.instance = requireNonNull(instance, "instance");
        this.clock = requireNonNull(clock, "clock");
    }

    /** How serious it is, in the API's words. */
    private enum Type {
        Normal,
        Warning
    }

    private record Occurrence(String uid, Type type, String reason, String note) {}

    private record Series(String name, int count) {}

    @Override
    public void warning(Service service, String reason, String message) {
        tell(service, Type.Warning, reason, message);
    }

    @Override
    public void normal(Service service, String reason, String message) {
        tell(service, Type.Normal, reason, message);
    }

    private void tell(Service service, Type type, String reason, String message) {
        String note = message.getBytes(StandardCharsets.UTF_8).length > LONGEST_NOTE ? cut(message) : message;
        Occurrence occurrence = new Occurrence(Given.uid(service), type, reason, note);
        if (!limit.tryAcquire()) {
            log.warn("Too many Events at once; not told on the Service: {} {}", reason, note);
            return;
        }
        try {
            Series before = told.getIfPresent(occurrence);
            told.put(occurrence, before == null ? create(service, occurrence) : repeat(service, before));
        } catch (KubernetesClientException refused) {
            log.warn("Could not write Event {} on Service {}: {}", reason, Given.key(service), refused.getMessage());
        }
    }

    private Series create(Service service, Occurrence occurrence) {
        Instant now = clock.instant();
        String name =
                Given.name(service) + "." + Long.toHexString(now.getEpochSecond() * 1_000_000_000 + now.getNano());
        Event event = new EventBuilder()
                .withNewMetadata()
                .withNamespace(Given.namespace(service))
                .withName(name)
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(now)))
                .withReportingController(CONTROLLER)
                .withReportingInstance(instance)
                .withAction("Serve")
                .withType(occurrence.type().name())
                .withReason(occurrence.reason())
                .withNote(occurrence.note())
                .withNewRegarding()
                .withApiVersion("v1")
                .withKind("Service")
                .withNamespace(Given.namespace(service))
                .withName(Given.name(service))
                .withUid(Given.uid(service))
                .withResourceVersion(Given.version(service))
                .endRegarding()
                .build();
        client.events().v1().events().resource(event).create();
        return new Series(name, 1);
    }

    private Series repeat(Service service, Series before) {
        int count = before.count() + 1;
        Event known = new EventBuilder()
                .withNewMetadata()
                .withNamespace(Given.namespace(service))
                .withName(before.name())
                .endMetadata()
                .build();
        // Of an object that is at hand: one that is only named would be read first, and Events may not be read.
        client.events()
                .v1()
                .events()
                .resource(known)
                .patch(
                        MERGE,
                        "{\"series\":{\"count\":" + count + ",\"lastObservedTime\":\"" + MICROS.format(clock.instant())
                                + "\"}}");
        return new Series(before.name(), count);
    }

    /** Short enough even if every character takes four bytes. */
    private static String cut(String message) {
        return message.substring(0, LONGEST_NOTE / 4 - 1) + "…";
    }
}
