package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.RateLimiter;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Status;
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
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Pauses;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import io.littlelb.k8s.Readings.Complaint;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
    private static final int MOST_COMPLAINTS = 1_000;

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
    private final Worker worker;

    /** The last wish per uid; guarded by this object, since wishes come from the reconciler's thread. */
    private final Map<String, Wish> wishes = new LinkedHashMap<>();

    /** The one that is being granted, unless it has been forgotten meanwhile; guarded as well. */
    private Optional<Wish> granting = Optional.empty();

    /** What is to be said of objects that cannot be read; guarded as well. */
    private final Deque<Complaint> complaints = new ArrayDeque<>();

    // The rest is lb-writer's alone.
    private final Cache<String, Attempt> attempts = CacheBuilder.newBuilder()
            .maximumSize(100_000)
            .expireAfterAccess(Duration.ofHours(1))
            .build();
    private final Map<String, Pauses> pauses = new HashMap<>();
    private boolean externalIpsRefused;
    /** Server-side apply refuses what it does not know, where other writes would drop it. */
    private boolean ipModeUnknown;

    private ServiceStatusWriter(
            KubernetesClient client,
            KubernetesEndpointSource source,
            String instance,
            InstantSource clock,
            ErrorHandler errors) {
        this.client = requireNonNull(client, "client");
        this.source = requireNonNull(source, "source");
        this.clock = requireNonNull(clock, "clock");
        this.events = new ServiceEvents(client, instance);
        this.worker = new Worker("lb-writer", Waiting.forWakeUps(), this::turn, errors);
    }

    /** As the other one, with errors of Java itself told in the log. */
    public static ServiceStatusWriter open(
            KubernetesClient client, KubernetesEndpointSource source, String instance, InstantSource clock) {
        return open(client, source, instance, clock, ErrorHandler.LOG);
    }

    /**
     * Starts a writer for the Services of a source.
     *
     * @param instance who reports Events: the name of this host
     * @param errors is told when Java itself fails on the thread
     */
    public static ServiceStatusWriter open(
            KubernetesClient client,
            KubernetesEndpointSource source,
            String instance,
            InstantSource clock,
            ErrorHandler errors) {
        ServiceStatusWriter writer = new ServiceStatusWriter(client, source, instance, clock, errors);
        source.onComplaint(writer::complain);
        writer.worker.start();
        return writer;
    }

    /** @param notBefore by {@link System#nanoTime}: a wish that failed waits */
    private record Wish(ServiceKey key, String uid, ServiceStatus status, long notBefore) {}

    /** What was tried last, and the versions of the Service on which there is no more to try. */
    private record Attempt(ServiceStatus status, List<String> versions) {}

    @Override
    public void write(ServiceKey key, String uid, ServiceStatus status) {
        synchronized (this) {
            Wish before = wishes.get(uid);
            if (before != null && before.status().equals(status)) {
                return;
            }
            wishes.put(uid, new Wish(key, uid, status, System.nanoTime()));
        }
        worker.wake();
    }

    @Override
    public synchronized void forget(ServiceKey key, String uid) {
        wishes.remove(uid);
        granting = granting.filter(wish -> !wish.uid().equals(uid));
    }

    private void complain(Complaint complaint) {
        synchronized (this) {
            if (complaints.size() >= MOST_COMPLAINTS) {
                return; // they are in the log
            }
            complaints.add(complaint);
        }
        worker.wake();
    }

    /** Stops writing; what is still wished for is not written. */
    @Override
    public void close() {
        worker.close(Duration.ZERO);
    }

    /** One wish a turn, so that the end is noticed soon. */
    private long turn(long now) {
        if (worker.isClosing()) {
            return Task.DONE;
        }
        nextComplaint().ifPresent(this::tell);
        Optional<Wish> wish = next(now);
        wish.ifPresent(this::grant);
        return wish.isPresent() ? 0 : untilNext(now);
    }

    private synchronized Optional<Complaint> nextComplaint() {
        return Optional.ofNullable(complaints.poll());
    }

    /** Takes the next wish that is due. */
    private synchronized Optional<Wish> next(long now) {
        granting = wishes.values().stream()
                .filter(wish -> wish.notBefore() - now <= 0)
                .findFirst();
        granting.ifPresent(wish -> wishes.remove(wish.uid()));
        return granting;
    }

    private synchronized long untilNext(long now) {
        return complaints.isEmpty()
                ? wishes.values().stream()
                        .mapToLong(wish -> Math.max(0, wish.notBefore() - now))
                        .min()
                        .orElse(Task.UNTIL_WOKEN)
                : 0;
    }

    private void tell(Complaint complaint) {
        Optional<Service> service =
                source.service(complaint.service()).filter(it -> !Given.uid(it).isEmpty());
        service.ifPresent(it -> events.tell(
                it,
                complaint.isMended() ? ServiceEvents.Type.Normal : ServiceEvents.Type.Warning,
                complaint.isMended() ? "Readable" : "Unreadable",
                complaint.message(),
                clock.instant()));
    }

    private void grant(Wish wish) {
        Optional<Service> cached =
                source.service(wish.key()).filter(service -> Given.uid(service).equals(wish.uid()));
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
            List<String> done = merged.map(service -> List.of(Given.version(live), Given.version(service)))
                    .orElseGet(() -> List.of(Given.version(live)));
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
                && attempt.versions().contains(Given.version(live));
    }

    private void tried(Wish wish, Service live) {
        attempts.put(wish.uid(), new Attempt(wish.status(), List.of(Given.version(live))));
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
            Given.list(body.getStatus().getLoadBalancer().getIngress()).forEach(ingress -> ingress.setIpMode(null));
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

    private String externalIpsPatch(Service live, Set<InetAddress> had, Set<InetAddress> wanted) {
        Set<String> entries = new LinkedHashSet<>(PublishedStatus.externalIps(live));
        had.stream().filter(ip -> !wanted.contains(ip)).map(Addresses::print).forEach(entries::remove);
        List<InetAddress> ordered = wanted.stream().sorted(Addresses.ORDER).toList();
        List<InetAddress> ours = new ArrayList<>(ordered);
        ours.removeIf(ip -> !had.contains(ip) && entries.contains(Addresses.print(ip))); // somebody else's
        ordered.stream().map(Addresses::print).forEach(entries::add);
        Map<String, Object> annotations = new HashMap<>(); // where null takes an annotation away
        annotations.put(Annotations.EXTERNAL_IPS, ours.isEmpty() ? null : PublishedStatus.print(ours));
        return client.getKubernetesSerialization()
                .asJson(Map.of(
                        "metadata",
                        Map.of("resourceVersion", Given.version(live), "annotations", annotations),
                        "spec",
                        Map.of("externalIPs", entries)));
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
        List<StatusCause> causes = Given.part(failure.getStatus(), Status::getDetails)
                .map(details -> Given.list(details.getCauses()))
                .orElse(List.of());
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
        if (worker.isClosing() || granting.isEmpty()) {
            return;
        }
        Duration pause = pauses.computeIfAbsent(wish.uid(), uid -> new Pauses(FIRST_PAUSE, LONGEST_PAUSE))
                .next();
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

    private static String message(KubernetesClientException failure) {
        boolean answered = failure.getStatus() != null && failure.getStatus().getMessage() != null;
        return answered ? failure.getStatus().getMessage() : ClusterCaches.reason(failure);
    }
}
