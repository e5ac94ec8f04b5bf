package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.RateLimiter;
import com.google.common.util.concurrent.Uninterruptibles;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.port.StatusWriter;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code lb-writer}: writes statuses to Services, and Events about what is wrong with them.
 *
 * <p>Level-triggered like everything else: it keeps the last wish for each Service, compares it with the Service in the cache, and
 * writes the difference: status, conditions and our annotation by one server-side apply to the status, {@code spec.externalIPs} by a
 * merge patch. What was tried on one version of a Service is not tried again on the same version, so a refusal costs one
 * request and not one per pass.
 */
public final class ServiceStatusWriter implements StatusWriter {
    private static final Logger log = LoggerFactory.getLogger(ServiceStatusWriter.class);
    /** One after the other, so that a server that is slow is asked less; ten thousand Services are told of in a minute. */
    private static final double MOST_PER_SECOND = 200;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    /** How long to wait at the end for a request that is under way: to a server that does not answer, it would be for long. */
    private static final Duration LAST_REQUEST = Duration.ofSeconds(2);

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager(PublishedStatus.FIELD_MANAGER)
            .withForce(false)
            .build();
    private static final PatchContext MERGE = new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(PublishedStatus.FIELD_MANAGER)
            .build();

    private final KubernetesClient client;
    private final KubernetesEndpointSource source;
    private final InstantSource clock;
    private final ServiceEvents events;
    private final RateLimiter limit = RateLimiter.create(MOST_PER_SECOND);
    private final Thread thread = new Thread(this::run, "lb-writer");

    /** The last wish per uid; guarded by this object, since wishes come from the reconciler's thread. */
    private final Map<String, Wish> wishes = new LinkedHashMap<>();

    /** The one that is being granted, unless it has been forgotten meanwhile; guarded as well. */
    private Optional<Wish> granting = Optional.empty();

    private boolean closed;

    // The rest is lb-writer's alone.
    private final Cache<String, Attempt> attempts = CacheBuilder.newBuilder()
            .maximumSize(100_000)
            .expireAfterAccess(Duration.ofHours(1))
            .build();
    private final Map<String, Duration> pauses = new HashMap<>();
    private boolean externalIpsRefused;
    /** Server-side apply refuses what it does not know, where other writes would drop it. */
    private boolean ipModeUnknown;

    private ServiceStatusWriter(
            KubernetesClient client, KubernetesEndpointSource source, String instance, InstantSource clock) {
        this.client = requireNonNull(client, "client");
        this.source = requireNonNull(source, "source");
        this.clock = requireNonNull(clock, "clock");
        this.events = new ServiceEvents(client, instance);
    }

    /**
     * Starts a writer for the Services of a source.
     *
     * @param instance who reports Events: the name of this host
     */
    public static ServiceStatusWriter open(
            KubernetesClient client, KubernetesEndpointSource source, String instance, InstantSource clock) {
        ServiceStatusWriter writer = new ServiceStatusWriter(client, source, instance, clock);
        writer.thread.setDaemon(true);
        writer.thread.start();
        return writer;
    }

    /** @param notBefore by {@link System#nanoTime}: a wish that failed waits */
    private record Wish(ServiceKey key, String uid, ServiceStatus status, long notBefore) {}

    /** What was tried last, and the versions of the Service on which there is no more to try. */
    private record Attempt(ServiceStatus status, List<String> versions) {}

    @Override
    public synchronized void write(ServiceKey key, String uid, ServiceStatus status) {
        Wish before = wishes.get(uid);
        if (before == null || !before.status().equals(status)) {
            wishes.put(uid, new Wish(key, uid, status, System.nanoTime()));
            notifyAll();
        }
    }

    @Override
    public synchronized void forget(ServiceKey key, String uid) {
        wishes.remove(uid);
        granting = granting.filter(wish -> !wish.uid().equals(uid));
    }

    /** Stops writing; what is still wished for is not written. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        Uninterruptibles.joinUninterruptibly(thread, LAST_REQUEST);
    }

    private void run() {
        Optional<Wish> wish = next();
        while (wish.isPresent()) {
            grant(wish.get());
            wish = next();
        }
    }

    /** Takes the next wish that is due; waits for one. Empty when closed. */
    private synchronized Optional<Wish> next() {
        while (!closed) {
            long now = System.nanoTime();
            long wait = Duration.ofMinutes(1).toNanos();
            for (Wish wish : wishes.values()) {
                if (wish.notBefore() - now <= 0) {
                    wishes.remove(wish.uid());
                    granting = Optional.of(wish);
                    return granting;
                }
                wait = Math.min(wait, wish.notBefore() - now);
            }
            try {
                wait(wait / 1_000_000 + 1);
            } catch (InterruptedException nobodyDoes) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private void grant(Wish wish) {
        Optional<Service> cached = source.service(wish.key())
                .filter(service -> service.getMetadata().getUid().equals(wish.uid()));
        if (cached.isEmpty() || wasTried(wish, cached.get())) {
            return;
        }
        limit.acquire();
        Service live = cached.get();
        try {
            Service written = apply(wish, live);
            Optional<Service> merged = mergeExternalIps(wish, written);
            // After a conflict the version that was written is not done with: once the cache shows it, there is more to
            // do.
            List<String> done = merged.map(service -> List.of(version(live), version(service)))
                    .orElseGet(() -> List.of(version(live)));
            attempts.put(wish.uid(), new Attempt(wish.status(), done));
            pauses.remove(wish.uid());
            warnOfWhatIsNew(live, wish.status());
        } catch (KubernetesClientException failure) {
            failed(wish, live, failure);
        } catch (RuntimeException bug) {
            log.error("Writing the status of Service {} was abandoned because of a bug in Little LB", wish.key(), bug);
            tried(wish, live);
        }
    }

    private boolean wasTried(Wish wish, Service live) {
        Attempt attempt = attempts.getIfPresent(wish.uid());
        return attempt != null
                && attempt.status().equals(wish.status())
                && attempt.versions().contains(version(live));
    }

    private void tried(Wish wish, Service live) {
        attempts.put(wish.uid(), new Attempt(wish.status(), List.of(version(live))));
    }

    private Service apply(Wish wish, Service live) {
        try {
            return apply(PublishedStatus.write(live, wish.status(), clock.instant()));
        } catch (KubernetesClientException refused) {
            boolean unknown =
                    message(refused).contains("ipMode") && message(refused).contains("not declared in schema");
            if (!unknown || ipModeUnknown) {
                throw refused;
            }
            log.info("The API server is older than Kubernetes 1.29: statuses are written without ipMode");
            ipModeUnknown = true;
            return apply(PublishedStatus.write(live, wish.status(), clock.instant()));
        }
    }

    private Service apply(Service body) {
        if (ipModeUnknown && body.getStatus() != null && body.getStatus().getLoadBalancer() != null) {
            body.getStatus().getLoadBalancer().getIngress().forEach(ingress -> ingress.setIpMode(null));
        }
        return client.resource(body).subresource("status").patch(APPLY, body);
    }

    /**
     * Adds our entries to {@code spec.externalIPs}, takes out those we had added, and leaves all others alone.
     *
     * @param live as the API server has just answered; the cache is late by the time it takes to hear of our own writes
     * @return empty when somebody else has changed the Service meanwhile
     */
    private Optional<Service> mergeExternalIps(Wish wish, Service live) {
        Set<InetAddress> had = PublishedStatus.read(live, true)
                .map(Published::status)
                .map(status -> Set.copyOf(status.externalIps()))
                .orElse(Set.of());
        Set<InetAddress> wanted = Set.copyOf(wish.status().externalIps());
        boolean settled = had.equals(wanted)
                && Annotations.get(live, Annotations.EXTERNAL_IPS).isEmpty() == wanted.isEmpty();
        if (settled || (externalIpsRefused && !wanted.isEmpty())) {
            return Optional.of(live);
        }
        try {
            return Optional.of(client.services()
                    .inNamespace(wish.key().namespace())
                    .withName(wish.key().name())
                    .patch(MERGE, externalIpsPatch(live, had, wanted)));
        } catch (KubernetesClientException refused) {
            if (refused.getCode() == 409) {
                log.debug("Service {} has changed meanwhile; its external IPs are for the next pass", wish.key());
                return Optional.empty();
            }
            if (refused.getCode() == 403 || refused.getCode() == 422) {
                externalIpsRefused = true;
                log.warn(
                        "The API server refuses spec.externalIPs; the status is written all the same: {}",
                        message(refused));
                events.warn(live, "ExternalIPsRefused", message(refused), clock.instant());
                return Optional.of(live);
            }
            throw refused;
        }
    }

    private static String externalIpsPatch(Service live, Set<InetAddress> had, Set<InetAddress> wanted) {
        Set<String> entries =
                new LinkedHashSet<>(Objects.requireNonNullElse(live.getSpec().getExternalIPs(), List.<String>of()));
        had.stream().filter(ip -> !wanted.contains(ip)).map(Addresses::print).forEach(entries::remove);
        List<InetAddress> ordered = wanted.stream().sorted(Addresses.ORDER).toList();
        List<InetAddress> ours = new ArrayList<>(ordered);
        ours.removeIf(ip -> !had.contains(ip) && entries.contains(Addresses.print(ip))); // somebody else's
        ordered.stream().map(Addresses::print).forEach(entries::add);
        String annotation = ours.isEmpty() ? "null" : "\"" + PublishedStatus.print(ours) + "\"";
        String list = entries.stream().map(entry -> "\"" + entry + "\"").collect(Collectors.joining(","));
        return "{\"metadata\":{\"resourceVersion\":\"" + version(live) + "\",\"annotations\":{\""
                + Annotations.EXTERNAL_IPS + "\":" + annotation + "}},\"spec\":{\"externalIPs\":["
                + list + "]}}";
    }

    private void failed(Wish wish, Service live, KubernetesClientException failure) {
        switch (failure.getCode()) {
            case 404 -> tried(wish, live); // deleted meanwhile
            case 409 -> {
                tried(wish, live);
                warnOfConflict(wish, live, failure);
            }
            case 422 -> {
                tried(wish, live);
                log.warn("The status of Service {} was refused: {}", wish.key(), message(failure));
            }
            default -> retryLater(wish, failure);
        }
    }

    private void warnOfConflict(Wish wish, Service live, KubernetesClientException failure) {
        List<StatusCause> causes =
                failure.getStatus() == null || failure.getStatus().getDetails() == null
                        ? List.of()
                        : failure.getStatus().getDetails().getCauses();
        if (causes.isEmpty()) {
            log.debug("Service {} has changed meanwhile: {}", wish.key(), failure.getMessage());
            return;
        }
        String conflicts = causes.stream()
                .map(cause -> cause.getField() + ": " + cause.getMessage())
                .collect(Collectors.joining("; "));
        String message = conflicts + ". If it is not to write there, stop it and hand over with: kubectl patch service "
                + wish.key().name() + " -n " + wish.key().namespace()
                + " --subresource=status --type=merge -p '{\"status\":{\"loadBalancer\":null}}'";
        log.warn("The status of Service {} is somebody else's: {}", wish.key(), message);
        events.warn(live, "StatusConflict", message, clock.instant());
    }

    private synchronized void retryLater(Wish wish, KubernetesClientException failure) {
        if (closed || granting.isEmpty()) {
            return;
        }
        Duration pause = pauses.getOrDefault(wish.uid(), FIRST_PAUSE);
        pauses.put(
                wish.uid(), pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE);
        log.warn(
                "Could not write the status of Service {}: {}; trying again in {} s",
                wish.key(),
                message(failure),
                pause.toSeconds());
        wishes.putIfAbsent(
                wish.uid(), new Wish(wish.key(), wish.uid(), wish.status(), System.nanoTime() + pause.toNanos()));
    }

    /** An Event for each complaint that does not stand on the Service already. */
    private void warnOfWhatIsNew(Service live, ServiceStatus status) {
        Set<String> standing = complaints(
                        PublishedStatus.read(live, true).map(Published::status).orElse(ServiceStatus.NONE))
                .keySet();
        complaints(status).forEach((text, condition) -> {
            if (!standing.contains(text)) {
                events.warn(live, condition.reason(), condition.message(), clock.instant());
            }
        });
    }

    /** What is wrong, each thing once, however many conditions tell it. */
    private static Map<String, Condition> complaints(ServiceStatus status) {
        Map<String, Condition> complaints = new LinkedHashMap<>();
        status.conditions().stream()
                .filter(Condition::isComplaint)
                .forEach(condition -> complaints.put(condition.reason() + ": " + condition.message(), condition));
        return complaints;
    }

    private static String version(Service service) {
        return service.getMetadata().getResourceVersion();
    }

    private static String message(KubernetesClientException failure) {
        boolean answered = failure.getStatus() != null && failure.getStatus().getMessage() != null;
        return answered ? failure.getStatus().getMessage() : ClusterCaches.reason(failure);
    }
}
