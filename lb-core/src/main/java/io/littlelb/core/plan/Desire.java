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
    private Memory before = new Memory(Map.of(), Optional.empty());

    public Desire(PublishPolicy policy) {
        this.policy = policy;
    }

    /** What was said in the last pass, and what it was said of. */
    private record Memory(Map<ServiceKey, Said> said, Optional<Whole> whole) {}

    /** What was desired in all, and what that depends on beside what was said of each Service. */
    private record Whole(Common common, DesiredState desired) {}

    /** What holds for all Services alike. */
    private record Common(Link link, Publish publish, Allocations allocations, Map<ServiceKey, Published> notOurs) {
        @SuppressWarnings("ReferenceEquality") // what has not changed is the same object
        boolean isSameAs(Common other) {
            return allocations == other.allocations
                    && link.equals(other.link)
                    && publish.equals(other.publish)
                    && notOurs.equals(other.notOurs);
        }

        boolean tellsTheSame(Common other) {
            return link.equals(other.link) && publish.equals(other.publish);
        }
    }

    private record Said(StatusReport.Facts facts, Published status, Map<Frontend, FrontendConfig> frontends) {}

    /**
     * What should be; of the actual state only the statuses depend, since they tell what is seen and not what is hoped. A status is made once, and said
     * again as long as what it tells of is the same.
     */
    public DesiredState of(ClusterSnapshot cluster, Allocations allocations, ActualState actual) {
        Common common = new Common(actual.link(), policy.of(cluster), allocations, notOurs(cluster));
        boolean tellsTheSame = before.whole()
                .filter(whole -> whole.common().tellsTheSame(common))
                .isPresent();
        Map<ServiceKey, Said> now = new HashMap<>(2 * cluster.services().size());
        boolean same = before.said().size() == cluster.services().size();
        for (ServiceSpec service : cluster.services().values()) {
            Optional<Said> known = Optional.ofNullable(before.said().get(service.key()))
                    .filter(said -> tellsTheSame
                            && said.facts().stillHold(service, cluster, allocations.of(service.key()), actual));
            Said said = known.orElseGet(() -> said(service, cluster, allocations, actual, common.publish()));
            same &= known.isPresent();
            now.put(service.key(), said);
        }
        Optional<Whole> unchanged =
                same ? before.whole().filter(whole -> whole.common().isSameAs(common)) : Optional.empty();
        Whole whole = unchanged.orElseGet(() -> new Whole(common, desired(now, common)));
        before = new Memory(now, Optional.of(whole));
        return whole.desired();
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

    private static Said said(
            ServiceSpec service,
            ClusterSnapshot cluster,
            Allocations allocations,
            ActualState actual,
            Publish publish) {
        ImmutableMap<Family, Allocation> allocated = allocations.of(service.key());
        ServiceStatus status = new StatusReport(service, cluster, allocated, actual).status(publish);
        return new Said(
                StatusReport.Facts.of(service, cluster, allocated, actual),
                new Published(service.uid(), status),
                frontends(cluster, service, allocations));
    }

    private static DesiredState desired(Map<ServiceKey, Said> services, Common common) {
        Map<Frontend, FrontendConfig> frontends = new HashMap<>();
        Map<ServiceKey, Published> statuses = new HashMap<>(common.notOurs());
        services.forEach((key, said) -> {
            statuses.put(key, said.status());
            frontends.putAll(said.frontends());
        });
        return new DesiredState(
                AddressClaims.of(common.allocations()),
                addresses(common.allocations(), common.link()),
                frontends,
                statuses);
    }

    private static Map<Frontend, FrontendConfig> frontends(
            ClusterSnapshot cluster, ServiceSpec service, Allocations allocations) {
        Map<Frontend, FrontendConfig> frontends = new HashMap<>();
        boolean closed = service.policies().problem().isPresent();
        for (Allocation allocation : allocations.of(service.key()).values()) {
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
