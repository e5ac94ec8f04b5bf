package io.littlelb.core.plan;

import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.plan.Explanation.Finding;
import io.littlelb.core.plan.Explanation.Topic;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What has been decided in one round of the {@link Allocator}; and of one Service, if somebody wants to know, on what grounds. */
final class Decisions {
    private final Optional<ServiceKey> explained;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<ServiceKey, Map<Family, Allocation>> byService = new HashMap<>();

    Decisions(Optional<ServiceKey> explained) {
        this.explained = explained;
    }

    void decide(ServiceSpec service, Family family, Allocation allocation) {
        byService
                .computeIfAbsent(service.key(), key -> new EnumMap<>(Family.class))
                .put(family, allocation);
    }

    void refuse(ServiceSpec service, Family family, Topic topic, Problem problem) {
        decide(service, family, refused(service, topic, problem));
    }

    /** A refusal, noted. */
    Allocation refused(ServiceSpec service, Topic topic, Problem problem) {
        if (isExplained(service)) {
            findings.add(Finding.refused(topic, problem));
        }
        return new Allocation.Rejected(problem);
    }

    /** A question was answered in favour of a Service; put into words only if somebody wants to know. */
    void note(ServiceSpec service, Topic topic, Supplier<String> text) {
        if (isExplained(service)) {
            findings.add(Finding.good(topic, text.get()));
        }
    }

    /** The last refusal does not stand: something else is tried. */
    void goOn(ServiceSpec service) {
        if (isExplained(service)) {
            int last = findings.size() - 1;
            findings.set(last, findings.get(last).asRemark());
        }
    }

    private boolean isExplained(ServiceSpec service) {
        return explained.filter(service.key()::equals).isPresent();
    }

    /** The grounds for what {@link #allocations} tells, in the order in which the questions were asked. */
    List<Finding> findings(ClusterSnapshot cluster) {
        boolean lacksNone = explained.stream()
                .flatMap(key -> settled(cluster, key).values().stream())
                .noneMatch(Decisions::isLacking);
        return findings.stream()
                .map(finding ->
                        lacksNone && finding.isRefusedFor(Reason.NoAddressOfFamily) ? finding.asRemark() : finding)
                .distinct()
                .toList();
    }

    Allocations allocations(ClusterSnapshot cluster) {
        ImmutableMap.Builder<ServiceKey, ImmutableMap<Family, Allocation>> all =
                ImmutableMap.builderWithExpectedSize(byService.size());
        byService.keySet().forEach(key -> all.put(key, settled(cluster, key)));
        return new Allocations(all.buildOrThrow(), true);
    }

    /** A family that the Service can do without, and has to, is not worth a word. */
    private ImmutableMap<Family, Allocation> settled(ClusterSnapshot cluster, ServiceKey key) {
        Map<Family, Allocation> families = byService.getOrDefault(key, Map.of());
        boolean enough = !cluster.services().get(key).everyFamily()
                && families.values().stream()
                        .anyMatch(allocation -> allocation.ip().isPresent());
        ImmutableMap.Builder<Family, Allocation> settled = ImmutableMap.builder();
        families.forEach((family, allocation) -> {
            if (!enough || !isLacking(allocation)) {
                settled.put(family, allocation);
            }
        });
        return settled.buildOrThrow();
    }

    private static boolean isLacking(Allocation allocation) {
        return allocation instanceof Allocation.Rejected rejected
                && rejected.problem().reason() == Reason.NoAddressOfFamily;
    }
}
