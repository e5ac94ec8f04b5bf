package io.littlelb.core.loop;

import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.plan.Step;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what each pass did and what stands in a Service's way, each thing once and not again while it stays the same. Runs on
 * the reconciler's thread; of one load balancer.
 */
public final class PassLog implements ReconcileListener {
    private static final Logger log = LoggerFactory.getLogger(PassLog.class);

    private final Map<ServiceKey, String> complaints = new HashMap<>();
    private Map<ServiceKey, Published> statuses = PersistentMap.of();
    private Optional<Link.State> link = Optional.empty();
    private boolean waiting;

    @Override
    public void onPass(PassResult result) {
        logLink(result.actual().link());
        if (!result.synced()) {
            if (!waiting) {
                log.info("Waiting until all Services and endpoints are known; nothing is changed before");
            }
            waiting = true;
            return;
        }
        result.applied().forEach(PassLog::logStep);
        result.failures()
                .forEach(failure -> log.warn(
                        "Could not {}: {}", failure.step(), failure.cause().getMessage()));
        Map<ServiceKey, Published> now = result.desired().statuses();
        PersistentMap.differences(statuses, now)
                .forEach(service -> Optional.ofNullable(now.get(service))
                        .ifPresentOrElse(
                                published -> logComplaint(service, published.status()),
                                () -> complaints.remove(service)));
        statuses = now;
    }

    private void logLink(Link now) {
        if (link.isPresent() && link.get() == now.state()) {
            return;
        }
        link = Optional.of(now.state());
        switch (now.state()) {
            case UP -> log.info("Link {} is up with {}", now.name(), now.hostAddresses());
            case DOWN -> log.warn("Link {} is down; what is allocated is kept until it is up", now.name());
            case MISSING -> log.warn("There is no link {}; waiting for it, and keeping what is allocated", now.name());
            case UNKNOWN ->
                log.warn("The state of link {} cannot be told; nothing is changed until it can", now.name());
        }
    }

    private static void logStep(Step step) {
        if (step.changesTheWorld()) {
            log.info("{}", step);
        } else {
            log.debug("{}", step);
        }
    }

    private void logComplaint(ServiceKey service, ServiceStatus status) {
        String complaint = status.conditions().stream()
                .filter(condition -> !condition.holds() && condition.type() != Condition.Type.PORTS_ERROR)
                .filter(condition -> !condition.isPending())
                .map(condition -> condition.reason() + ": " + condition.message())
                .distinct()
                .reduce((first, second) -> first + "; " + second)
                .orElse("");
        String before = complaints.getOrDefault(service, "");
        boolean served = status.conditions().stream()
                .anyMatch(condition -> condition.type() == Condition.Type.PROGRAMMED && condition.holds());
        if (!complaint.isEmpty() && !complaint.equals(before)) {
            log.warn("Service {} is not served as asked: {}", service, complaint);
            complaints.put(service, complaint);
        } else if (complaint.isEmpty() && served && !before.isEmpty()) {
            log.info("Service {} is served as asked again", service);
            complaints.remove(service);
        }
    }
}
