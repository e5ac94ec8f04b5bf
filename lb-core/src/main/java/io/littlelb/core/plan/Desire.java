package io.littlelb.core.plan;

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
import java.util.Set;

/**
 * Turns what Services were allocated into what should be on the network and on the Services. Remembers what it said last, for its own
 * speed only. For one thread at a time.
 */
public final class Desire {
    private final PublishPolicy policy;
    /** What was said in the last pass, and what it was said of. */
    private Map<ServiceKey, Said> before = Map.of();

    public Desire(PublishPolicy policy) {
        this.policy = policy;
    }

    /** What should be; of the actual state only the statuses depend, since they tell what is seen and not what is hoped. */
    public DesiredState of(ClusterSnapshot cluster, Allocations allocations, ActualState actual) {
        Publish publish = policy.of(cluster);
        Map<Frontend, FrontendConfig> frontends = new HashMap<>();
        Map<ServiceKey, Published> statuses = new HashMap<>();
        Map<ServiceKey, Said> now = new HashMap<>();
        cluster.services().values().forEach(service -> {
            Said said = said(service, cluster, allocations, actual, publish);
            now.put(service.key(), said);
            statuses.put(service.key(), said.status());
            frontends.putAll(said.frontends());
        });
        before = now;
        cluster.published().forEach((key, published) -> {
            boolean notOurs = !cluster.services().containsKey(key);
            if (notOurs) {
                statuses.put(key, new Published(published.uid(), ServiceStatus.NONE));
            }
        });
        return new DesiredState(
                AddressClaims.of(allocations), addresses(allocations, actual.link()), frontends, statuses);
    }

    private record Said(StatusReport.Facts facts, Published status, Map<Frontend, FrontendConfig> frontends) {}

    /** A status is made once, and said again as long as what it tells of is the same. */
    private Said said(
            ServiceSpec service,
            ClusterSnapshot cluster,
            Allocations allocations,
            ActualState actual,
            Publish publish) {
        StatusReport.Facts facts =
                StatusReport.Facts.of(service, cluster, allocations.of(service.key()), actual, publish);
        Said known = before.get(service.key());
        if (known != null && known.facts().isSameAs(facts)) {
            return known;
        }
        ServiceStatus status =
                new StatusReport(service, cluster, allocations.of(service.key()), actual).status(publish);
        return new Said(facts, new Published(service.uid(), status), frontends(cluster, service, allocations));
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
