package io.littlelb.core.plan;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.PersistentMap;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The {@link Allocator}, which is not asked again while it would answer the same: the last time nothing came of it but what was there before, and
 * nothing that it looks at has changed since. For one thread at a time.
 */
public final class StableAllocator {
    private Map<InetAddress, List<AddressStatus>> supplied = Map.of();
    private Set<InetAddress> nodes = Set.of();
    private Settings settings = Settings.DEFAULT;
    private Optional<AddressSupply> supply = Optional.empty();
    private Optional<Question> settled = Optional.empty();

    /** All that an allocation depends on beside what was held before. */
    private record Question(
            Map<ServiceKey, ServiceSpec> services, Set<InetAddress> nodes, AddressSupply supply, Allocations held) {
        @SuppressWarnings("ReferenceEquality") // what has not changed is the same object
        boolean isSameAs(Question other) {
            return held == other.held
                    && nodes.equals(other.nodes)
                    && supply.equals(other.supply)
                    && PersistentMap.differences(services, other.services).isEmpty();
        }
    }

    /** As {@link Allocator#allocate}; the object is {@code previous} itself if nothing has changed. */
    public Allocations allocate(Inputs inputs, Allocations previous) {
        ClusterSnapshot cluster = inputs.cluster();
        AddressSupply now = supply(inputs.actual(), cluster.nodeAddresses(), inputs.settings());
        Question question = new Question(cluster.services(), cluster.nodeAddresses(), now, previous);
        if (settled.filter(question::isSameAs).isPresent()) {
            settled = Optional.of(question);
            return previous;
        }
        Allocations next = Allocator.allocate(cluster, now, previous);
        boolean same = next.equals(previous);
        settled = same ? Optional.of(question) : Optional.empty();
        return same ? previous : next;
    }

    @SuppressWarnings("ReferenceEquality") // what has not changed is the same object
    private AddressSupply supply(ActualState actual, Set<InetAddress> nodeAddresses, Settings now) {
        boolean same = supplied == actual.addressesByIp()
                && nodes == nodeAddresses
                && settings.equals(now)
                && supply.filter(known -> known.link().equals(actual.link())).isPresent();
        if (!same) {
            supplied = actual.addressesByIp();
            nodes = nodeAddresses;
            settings = now;
            supply = Optional.of(AddressSupply.of(actual, now.pools(), nodeAddresses, now.boundaries()));
        }
        return supply.orElseThrow();
    }
}
