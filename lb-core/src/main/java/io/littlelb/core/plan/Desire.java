package io.littlelb.core.plan;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.Allocation;
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

/** Turns what Services were allocated into what should be on the network and on the Services. */
public final class Desire {
    private final PublishPolicy policy;

    public Desire(PublishPolicy policy) {
        this.policy = policy;
    }

    /** What should be; of the actual state only the statuses depend, since they tell what is seen and not what is hoped. */
    public DesiredState of(ClusterSnapshot cluster, Allocations allocations, ActualState actual) {
        Publish publish = policy.of(cluster);
        Map<Frontend, FrontendConfig> frontends = new HashMap<>();
        Map<ServiceKey, Published> statuses = new HashMap<>();
        cluster.services().values().forEach(service -> {
            addFrontends(cluster, service, allocations, frontends);
            ServiceStatus status =
                    new StatusReport(service, cluster, allocations.of(service.key()), actual).status(publish);
            statuses.put(service.key(), new Published(service.uid(), status));
        });
        cluster.published().forEach((key, published) -> {
            boolean notOurs = !cluster.services().containsKey(key);
            if (notOurs) {
                statuses.put(key, new Published(published.uid(), ServiceStatus.NONE));
            }
        });
        Set<InetAddress> claimed = AddressClaims.of(allocations).addresses();
        return new DesiredState(claimed, addresses(allocations, actual.link()), frontends, statuses);
    }

    private static void addFrontends(
            ClusterSnapshot cluster,
            ServiceSpec service,
            Allocations allocations,
            Map<Frontend, FrontendConfig> frontends) {
        boolean closed = service.policies().problem().isPresent();
        if (closed) {
            return;
        }
        allocations
                .of(service.key())
                .values()
                .forEach(allocation -> allocation.ip().ifPresent(ip -> {
                    for (ServicePort port : service.ports()) {
                        if (port.protocol() == Protocol.TCP) {
                            frontends.put(
                                    new Frontend(ip, port.port(), port.protocol()),
                                    new FrontendConfig(
                                            service.key(),
                                            cluster.backends(service.key(), port)
                                                    .of(Family.of(ip)),
                                            service.policies().traffic()));
                        }
                    }
                }));
    }

    /** The allocated addresses that the link can take now; the link's own is there already. */
    private static Set<Cidr> addresses(Allocations allocations, Link link) {
        Set<Cidr> addresses = new HashSet<>();
        allocations
                .byService()
                .values()
                .forEach(families -> families.forEach((family, allocation) -> {
                    boolean ours = !(allocation instanceof Allocation.LinkAddress);
                    if (ours && link.isReady(family)) {
                        allocation
                                .ip()
                                .ifPresent(ip -> link.subnetOf(ip)
                                        .map(subnet -> new Cidr(ip, subnet.prefixLength()))
                                        .ifPresent(addresses::add));
                    }
                }));
        return addresses;
    }
}
