package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import com.google.common.util.concurrent.RateLimiter;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.port.StatusWriter;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Pauses;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Waiting;
import io.littlelb.core.worker.Worker;
import io.littlelb.k8s.Readings.Complaint;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads {@code lb-writer-1} to {@code lb-writer-8}: write statuses to Services, and Events about what is wrong with them. Each
 * Service is one thread's at a time, so what is said of it is said in order.
 *
 * <p>Level-triggered like everything else: it keeps the last wish for each Service, compares it with the Service in the cache, and
 * writes the difference: status, conditions and our annotation by one server-side apply to the status, {@code spec.externalIPs} by a
 * merge patch. What was tried on one version of a Service is not tried again on the same version, so a refusal costs one
 * request and not one per pass.
 */
public final class ServiceStatusWriter implements StatusWriter {
    private static final Logger log = LoggerFactory.getLogger(ServiceStatusWriter.class);
    /** So many at a time, so that a server that is slow is asked less, and one that is far away is not waited for again and again. */
    private static final int MOST_AT_A_TIME = 8;
    /** Ten thousand Services are told of in a minute. What is taken back is taken back at once: a clean stop has little time. */
    private static final double MOST_PER_SECOND = 200;

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
    private static final int MOST_COMPLAINTS = 1_000;

    private final KubernetesEndpointSource source;
    private final InstantSource clock;
    private final ServiceEvents events;
    private final RateLimiter limit = RateLimiter.create(MOST_PER_SECOND);
    private final StatusRequests requests;
    private final List<Worker> workers;

    /** The last wish per uid; guarded by this object, since wishes come from the reconciler's thread. */
    private final Map<String, Wish> wishes = new LinkedHashMap<>();

    /** Those that are being granted by uid, and whether they are still wished for; guarded as well. */
    private final Map<String, Boolean> granting = new HashMap<>();

    /** What is to be said of objects that cannot be read; guarded as well. */
    private final Deque<Complaint> complaints = new ArrayDeque<>();

    /** How long the next pause after a failure is, by uid; guarded as well. */
    private final Map<String, Pauses> pauses = new HashMap<>();

    /** What was tried last, by uid. */
    private final Cache<String, Attempt> attempts = CacheBuilder.newBuilder()
            .maximumSize(100_000)
            .expireAfterAccess(Duration.ofHours(1))
            .build();

    private ServiceStatusWriter(
            KubernetesClient client,
            KubernetesEndpointSource source,
            String instance,
            InstantSource clock,
            ErrorHandler errors) {
        this.source = requireNonNull(source, "source");
        this.clock = requireNonNull(clock, "clock");
        this.events = new ServiceEvents(requireNonNull(client, "client"), instance);
        this.requests = new StatusRequests(client, events, clock);
        this.workers = IntStream.rangeClosed(1, MOST_AT_A_TIME)
                .mapToObj(number -> new Worker("lb-writer-" + number, Waiting.forWakeUps(), this::turn, errors))
                .toList();
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
        writer.workers.forEach(Worker::start);
        return writer;
    }

    /** @param notBefore by {@link System#nanoTime}: a wish that failed waits */
    private record Wish(ServiceKey key, String uid, ServiceStatus status, long notBefore) {
        /** Whether nothing is said any more. */
        boolean takesBack() {
            return status.equals(status.withdrawn());
        }
    }

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
        wake();
    }

    @Override
    public synchronized void forget(ServiceKey key, String uid) {
        wishes.remove(uid);
        granting.replace(uid, false);
    }

    @Override
    public boolean isAnswering() {
        return source.contact().isAnswering();
    }

    private void complain(Complaint complaint) {
        synchronized (this) {
            if (complaints.size() >= MOST_COMPLAINTS) {
                return; // they are in the log
            }
            complaints.add(complaint);
        }
        wake();
    }

    private void wake() {
        workers.forEach(Worker::wake);
    }

    private boolean isClosing() {
        return workers.get(0).isClosing();
    }

    /** Stops writing; what is still wished for is not written. */
    @Override
    public void close() {
        Worker.closeAll(workers, Duration.ZERO);
    }

    /** One wish a turn, so that the end is noticed soon. */
    private long turn(long now) {
        if (isClosing()) {
            return Task.DONE;
        }
        nextComplaint().ifPresent(this::tell);
        Optional<Wish> wish = next(now);
        if (wish.isEmpty()) {
            return untilNext(now);
        }
        try {
            grant(wish.get());
        } finally {
            granted(wish.get());
        }
        return 0;
    }

    private synchronized Optional<Complaint> nextComplaint() {
        return Optional.ofNullable(complaints.poll());
    }

    /** Takes the next wish that is due, of a Service that nobody is writing on. */
    private synchronized Optional<Wish> next(long now) {
        Optional<Wish> next = wishes.values().stream()
                .filter(wish -> wish.notBefore() - now <= 0 && !granting.containsKey(wish.uid()))
                .findFirst();
        next.ifPresent(wish -> {
            wishes.remove(wish.uid());
            granting.put(wish.uid(), true);
        });
        return next;
    }

    /** The next wish for the same Service may be granted: by this thread, if no other is awake. */
    private synchronized void granted(Wish wish) {
        granting.remove(wish.uid());
    }

    private synchronized long untilNext(long now) {
        return complaints.isEmpty()
                ? wishes.values().stream()
                        .filter(wish -> !granting.containsKey(wish.uid()))
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
        if (!wish.takesBack()) {
            limit.acquire();
        }
        Service live = cached.get();
        try {
            Optional<Service> merged = requests.write(live, wish.status());
            source.contact().heard();
            // After a conflict the version that was written is not done with: once the cache shows it, there is more to
            // do.
            List<String> done = merged.map(service -> List.of(Given.version(live), Given.version(service)))
                    .orElseGet(() -> List.of(Given.version(live)));
            attempts.put(wish.uid(), new Attempt(wish.status(), done));
            worked(wish);
            events.tellOfWhatIsNew(live, wish.status(), clock.instant());
        } catch (KubernetesClientException failure) {
            failed(wish, live, failure);
        } catch (RuntimeException bug) {
            log.error("Writing the status of Service {} was abandoned because of a bug in Little LB", wish.key(), bug);
            tried(wish, live);
        }
    }

    private synchronized void worked(Wish wish) {
        pauses.remove(wish.uid());
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

    private void failed(Wish wish, Service live, KubernetesClientException failure) {
        if (failure.getCode() == 0) { // which is no answer
            source.contact().failed();
        }
        switch (failure.getCode()) {
            case 404 -> tried(wish, live); // deleted meanwhile
            case 409 -> {
                tried(wish, live);
                warnOfConflict(wish, live, failure);
            }
            case 422 -> {
                tried(wish, live);
                log.warn("The status of Service {} was refused: {}", wish.key(), Refusals.message(failure));
            }
            default -> retryLater(wish, failure);
        }
    }

    private void warnOfConflict(Wish wish, Service live, KubernetesClientException failure) {
        List<StatusCause> causes = Refusals.causes(failure);
        if (causes.isEmpty()) {
            log.debug("Service {} has changed meanwhile: {}", wish.key(), failure.getMessage());
            return;
        }
        String message = Refusals.list(causes)
                + ". If it is not to write there, stop it and hand over with: kubectl patch service "
                + wish.key().name() + " -n " + wish.key().namespace()
                + " --subresource=status --type=merge -p '{\"status\":{\"loadBalancer\":null}}'";
        log.warn("The status of Service {} is somebody else's: {}", wish.key(), message);
        events.warn(live, "StatusConflict", message, clock.instant());
    }

    private synchronized void retryLater(Wish wish, KubernetesClientException failure) {
        if (isClosing() || !granting.getOrDefault(wish.uid(), false)) {
            return;
        }
        Duration pause = pauses.computeIfAbsent(wish.uid(), uid -> new Pauses(FIRST_PAUSE, LONGEST_PAUSE))
                .next();
        log.warn(
                "Could not write the status of Service {}: {}; trying again in {} s",
                wish.key(),
                Refusals.message(failure),
                pause.toSeconds());
        wishes.putIfAbsent(
                wish.uid(), new Wish(wish.key(), wish.uid(), wish.status(), System.nanoTime() + pause.toNanos()));
    }
}
