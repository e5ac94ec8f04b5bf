package io.littlelb.core.plan;

import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.DesiredState;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns what Services were allocated into what should be on the network and on the Services. Remembers what it said last, for its own
 * speed only. For one thread at a time.
 */
public final class Desire {
    private final PublishPolicy policy;
    /** What was said in the last pass, and what it was said of. */
    private final Map<ServiceKey, Said> said = new HashMap<>();

    private Optional<Whole> before = Optional.empty();

    public Desire(PublishPolicy policy) {
        this.policy = policy;
    }

    /** What was desired in the last pass, and what that depends on beside what was said of each Service. */
    private record Whole(
            Link link,
            Publish publish,
            Allocations allocations,
            Map<ServiceKey, Published> notOurs,
            DesiredState desired) {
        boolean tellsTheSame(Link other, Publish otherPublish) {
            return link.equals(other) && publish.equals(otherPublish);
        }

        @SuppressWarnings("ReferenceEquality") // what has not changed is the same object
        boolean isOf(Allocations others, Map<ServiceKey, Published> otherNotOurs) {
            return allocations == others && notOurs.equals(otherNotOurs);
        }
    }

    private record Said(StatusReport.Facts facts, Published status, Map<Frontend, FrontendConfig> frontends) {}

    /**
     * What should be; of the actual state only the statuses depend, since they tell what is seen and not what is hoped. A status is made once, and said
     * again as long as what it tells of is the same.
     */
    public DesiredState of(ClusterSnapshot cluster, Allocations allocations, ActualState actual) {
        Publish publish = policy.of(cluster);
        boolean tellsTheSame = before.filter(whole -> whole.tellsTheSame(actual.link(), publish))
                .isPresent();
        if (!tellsTheSame) {
            said.clear();
        }
        boolean same = tellsTheSame;
        int published = 0;
        for (ServiceSpec service : cluster.services().values()) {
            ImmutableMap<Family, Allocation> allocated = allocations.of(service.key());
            Said known = said.get(service.key());
            if (known == null || !known.facts().stillHold(service, cluster, allocated, actual)) {
                known = say(service, cluster, allocated, actual, publish);
                said.put(service.key(), known);
                same = false;
            }
            published += known.facts().published().isPresent() ? 1 : 0;
        }
        if (said.size() > cluster.services().size()) {
            said.keySet().retainAll(cluster.services().keySet());
            same = false;
        }
        boolean allOurs = published == cluster.published().size();
        Map<ServiceKey, Published> notOurs = allOurs ? Map.of() : notOurs(cluster);
        boolean unchanged =
                same && before.filter(whole -> whole.isOf(allocations, notOurs)).isPresent();
        if (!unchanged) {
            DesiredState desired = desired(allocations, actual.link(), notOurs);
            before = Optional.of(new Whole(actual.link(), publish, allocations, notOurs, desired));
        }
        return before.orElseThrow().desired();
    }

    /** Services that we have said something on and do not serve: it is taken back. */
    private static Map<ServiceKey, Published> notOurs(ClusterSnapshot cluster) {
        Map<ServiceKey, Published> notOurs = new HashMap<>();
        cluster.published().forEach((key, published) -> {
            if (!cluster.services().containsKey(key)) {
                notOurs.put(key, new Published(published.uid(), ServiceStatus.NONE));
            }
        });
        return notOurs;
    }

    private static Said say(
            ServiceSpec service,
            ClusterSnapshot cluster,
            ImmutableMap<Family, Allocation> allocated,
            ActualState actual,
            Publish publish) {
        ServiceStatus status = new StatusReport(service, cluster, allocated, actual).status(publish);
        return new Said(
                StatusReport.Facts.of(service, cluster, allocated, actual),
                new Published(service.uid(), status),
                frontends(cluster, service, allocated));
    }

    @SuppressWarnings("ReferenceEquality") // what has not changed is the same object
    private DesiredState desired(Allocations allocations, Link link, Map<ServiceKey, Published> notOurs) {
        ImmutableMap.Builder<Frontend, FrontendConfig> frontends =
                ImmutableMap.builderWithExpectedSize(said.size() + 16);
        ImmutableMap.Builder<ServiceKey, Published> statuses =
                ImmutableMap.builderWithExpectedSize(said.size() + notOurs.size());
        statuses.putAll(notOurs);
        said.forEach((key, each) -> {
            statuses.put(key, each.status());
            frontends.putAll(each.frontends());
        });
        Optional<DesiredState> sameAddresses = before.filter(whole ->
                        whole.allocations() == allocations && whole.link().equals(link))
                .map(Whole::desired);
        return new DesiredState(
                sameAddresses.map(DesiredState::claimed).orElseGet(() -> AddressClaims.of(allocations)),
                sameAddresses.map(DesiredState::addresses).orElseGet(() -> addresses(allocations, link)),
                frontends.buildKeepingLast(),
                statuses.buildOrThrow());
    }

    private static Map<Frontend, FrontendConfig> frontends(
            ClusterSnapshot cluster, ServiceSpec service, ImmutableMap<Family, Allocation> allocated) {
        Map<Frontend, FrontendConfig> frontends = new HashMap<>();
        boolean closed = service.policies().problem().isPresent();
        for (Allocation allocation : allocated.values()) {
            if (!closed && allocation.ip().isPresent()) {
                InetAddress ip = allocation.ip().get();
                for (ServicePort port : service.ports()) {
                    if (port.protocol() == Protocol.TCP) {
                        Backends backends =
                                cluster.backends(service.key(), port).of(Family.of(ip));
                        frontends.put(
                                new Frontend(ip, port.port(), port.protocol()),
                                new FrontendConfig(
                                        service.key(),
                                        backends,
                                        service.policies().traffic()));
                    }
                }
            }
        }
        return frontends;
    }

    /** The allocated addresses that the link can take now; the link's own is there already. */
    private static Set<Cidr> addresses(Allocations allocations, Link link) {
        Set<Cidr> addresses = new HashSet<>();
        Subnets subnets = new Subnets(link);
        allocations
                .byService()
                .values()
                .forEach(families -> families.forEach((family, allocation) -> {
                    boolean ours = !(allocation instanceof Allocation.LinkAddress);
                    if (ours && link.isReady(family) && allocation.ip().isPresent()) {
                        InetAddress ip = allocation.ip().get();
                        subnets.of(ip).ifPresent(subnet -> addresses.add(new Cidr(ip, subnet.prefixLength())));
                    }
                }));
        return addresses;
    }
}
