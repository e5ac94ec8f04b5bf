package io.littlelb.k8s;

import static java.util.stream.Collectors.joining;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.k8s.Readings.Complaint;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong with Services, as it is told in Events: once, and once more when it is mended. From any thread, for one Service from one at a time.
 */
final class Complaints {
    private static final Logger log = LoggerFactory.getLogger(Complaints.class);
    private static final int MOST_UNTOLD = 1_000;

    private final Events events;
    /** What is to be said of objects that cannot be read. */
    private final Queue<Complaint> untold = new LinkedBlockingQueue<>(MOST_UNTOLD);

    /** Of Services with which something is wrong, by uid, what: until they are served, which may be some statuses later. */
    private final Cache<String, String> mendable = byUid();

    /** Whose status or annotation is somebody else's, by uid, as it was last told. It stands for as long as nothing else is known. */
    private final Cache<String, Problem> conflicts = standing();

    /** Who lacks external IPs that are refused, by uid, with what was answered. */
    private final Cache<String, Problem> refusals = standing();

    Complaints(Events events) {
        this.events = events;
    }

    /** Where it is told; never fails. */
    interface Events {
        /** Says on a Service that something is wrong with it. */
        void warning(Service service, String reason, String message);

        /** Says on a Service that it is as it should be. */
        void normal(Service service, String reason, String message);
    }

    private static Cache<String, String> byUid() {
        return CacheBuilder.newBuilder()
                .maximumSize(10_000)
                .expireAfterAccess(Duration.ofHours(12))
                .build();
    }

    private static Cache<String, Problem> standing() {
        return CacheBuilder.newBuilder().maximumSize(100_000).build();
    }

    /** What keeps from a Service what is to be written on it; a status weighs more than external IPs. */
    Optional<Problem> standing(String uid) {
        return Optional.ofNullable(conflicts.getIfPresent(uid))
                .or(() -> Optional.ofNullable(refusals.getIfPresent(uid)));
    }

    /** Keeps what is to be said of an object for {@link #tellNext}. What is too much for that is in the log. */
    void add(Complaint complaint) {
        if (!untold.offer(complaint)) {
            log.debug("Too much at once; not told on Service {}: {}", complaint.service(), complaint.message());
        }
    }

    /** Whether there is nothing for {@link #tellNext}. */
    boolean isEmpty() {
        return untold.isEmpty();
    }

    /** Says the next of what was added, on the Service as it is now. */
    void tellNext(Function<ServiceKey, Optional<Service>> services) {
        Optional<Complaint> next = Optional.ofNullable(untold.poll());
        next.ifPresent(complaint -> services.apply(complaint.service())
                .filter(service -> !Given.uid(service).isEmpty())
                .ifPresent(service -> tell(service, complaint)));
    }

    private void tell(Service service, Complaint complaint) {
        if (complaint.isMended()) {
            events.normal(service, "Readable", complaint.message());
        } else {
            events.warning(service, "Unreadable", complaint.message());
        }
    }

    /**
     * Says on a Service what is wrong that was not before; or, when nothing is any more, that it is served.
     *
     * @param live as it was before the status was written
     */
    void tellOfWhatIsNew(Service live, ServiceStatus status) {
        ServiceStatus before =
                PublishedStatus.read(live, true).map(Published::status).orElse(ServiceStatus.NONE);
        Map<String, Condition> standing = wrong(before);
        Map<String, Condition> wrong = wrong(status);
        wrong.forEach((text, condition) -> {
            if (!standing.containsKey(text)) {
                events.warning(live, condition.reason(), condition.message());
                mendable.put(Given.uid(live), condition.reason());
            }
        });
        boolean wasWrong = !standing.isEmpty() || mendable.getIfPresent(Given.uid(live)) != null;
        if (wasWrong && wrong.isEmpty() && isServed(status)) {
            mendable.invalidate(Given.uid(live));
            events.normal(live, "Served", served(status));
        }
    }

    /** What is wrong, each thing once, however many conditions tell it. */
    private static Map<String, Condition> wrong(ServiceStatus status) {
        Map<String, Condition> wrong = new LinkedHashMap<>();
        status.conditions().stream()
                .filter(condition -> condition.problem().isPresent())
                .forEach(condition -> wrong.put(condition.reason() + ": " + condition.message(), condition));
        return wrong;
    }

    private static boolean isServed(ServiceStatus status) {
        return !status.conditions().isEmpty() && status.conditions().stream().allMatch(Condition::holds);
    }

    private static String served(ServiceStatus status) {
        return status.conditions().stream()
                .filter(condition -> condition.type() == Condition.Type.PROGRAMMED)
                .map(Condition::message)
                .collect(joining("; "));
    }

    /** Somebody else writes what we would say. */
    void statusIsOthers(Service live, List<StatusCause> causes) {
        String message = Refusals.list(causes)
                + ". If it is not to write there, stop it and hand over with: kubectl patch service "
                + Given.name(live) + " -n " + Given.namespace(live)
                + " --subresource=status --type=merge -p '{\"status\":{\"loadBalancer\":null}}'";
        log.warn("The status of Service {} is somebody else's: {}", Given.key(live), message);
        conflicts.put(Given.uid(live), new Problem(Reason.StatusConflict, message));
        events.warning(live, Reason.StatusConflict.name(), message);
    }

    /** Somebody else has an annotation of ours. Said once for as long as it is the same, and not on each version of the Service. */
    void annotationIsOthers(Service live, List<StatusCause> causes) {
        String remedy = causes.stream().anyMatch(cause -> cause.getField().equals(StatusRequests.ANNOTATIONS))
                ? "remove the empty \"annotations: {}\" from what is applied there"
                : "remove it with: kubectl annotate service " + Given.name(live) + " -n " + Given.namespace(live) + " "
                        + Annotations.ALLOCATED + "-";
        String message = Refusals.list(causes) + ". All else is written; without " + Annotations.ALLOCATED
                + " of our own a restart may give this Service another address; " + remedy;
        Problem conflict = new Problem(Reason.StatusConflict, message);
        if (!conflict.equals(conflicts.getIfPresent(Given.uid(live)))) {
            conflicts.put(Given.uid(live), conflict);
            log.warn("An annotation of Service {} is somebody else's: {}", Given.key(live), message);
            events.warning(live, Reason.StatusConflict.name(), message);
        }
    }

    /** The status and our annotation are ours again. */
    void statusIsOurs(Service live) {
        conflicts.invalidate(Given.uid(live));
    }

    /** No external IPs are written any more. */
    void externalIpsAreRefused(Service live, String message) {
        log.warn("The API server refuses spec.externalIPs; the status is written all the same: {}", message);
        refusals.put(Given.uid(live), new Problem(Reason.ExternalIPsRefused, message));
        events.warning(live, Reason.ExternalIPsRefused.name(), message);
    }

    /** What there is to be said of Services on which external IPs are not tried any more, since they were refused on another. */
    static Problem untried(String message) {
        return new Problem(
                Reason.ExternalIPsRefused, "not tried, for the API server refuses spec.externalIPs: " + message);
    }

    /** They were refused before: on this Service, where that was told, or on another. */
    void externalIpsAreNotTried(Service live, Problem untried) {
        refusals.asMap().putIfAbsent(Given.uid(live), untried);
    }

    /** Its external IPs are what they are to be. */
    void externalIpsAreOurs(Service live) {
        refusals.invalidate(Given.uid(live));
    }
}
