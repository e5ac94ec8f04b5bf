package io.littlelb.core.model;

import com.google.common.collect.ImmutableSet;
import java.net.InetAddress;
import java.util.Map;
import java.util.Set;

/**
 * What should be.
 *
 * @param claimed the addresses that somebody uses: none of these may go
 * @param addresses the addresses that should be on the link, with the prefix length they should have; a claimed address
 *     is missing here while the link cannot take it
 * @param frontends what should be open
 * @param statuses what should be said about Services, also about those that we no longer serve
 */
public record DesiredState(
        Set<InetAddress> claimed,
        Map<InetAddress, Cidr> addresses,
        Map<Frontend, FrontendConfig> frontends,
        Map<ServiceKey, ClusterSnapshot.Published> statuses) {
    /** Nothing should be: where a clean stop goes. */
    public static final DesiredState EMPTY = new DesiredState(Set.of(), Map.of(), Map.of(), Map.of());

    public DesiredState {
        claimed = ImmutableSet.copyOf(claimed); // which copies only what is not one
        addresses = PersistentMap.copyOf(addresses);
        frontends = PersistentMap.copyOf(frontends);
        statuses = PersistentMap.copyOf(statuses);
    }
}
