package io.littlelb.core.plan;

import io.littlelb.core.model.ActualState;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Inputs;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Members;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ReservedPorts;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.model.Trust;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A world in which the Service web asks for 198.18.0.9 and is served as asked, until a test makes it another one. */
final class ServiceWorld {
    static final ServiceKey WEB = Fixtures.key("web");
    static final Frontend FRONTEND = Fixtures.frontend("198.18.0.9");

    private final Map<ServiceKey, ServiceSpec> others = new HashMap<>();
    private final Map<ServiceKey, Published> published = new HashMap<>();
    private final Map<Frontend, FrontendStatus> frontends = new HashMap<>();
    private final Map<String, AddressStatus> addresses = new HashMap<>();
    private AddressRequest request = AddressRequest.parse("198.18.0.9", "");
    private List<ServicePort> ports = List.of(Fixtures.HTTP);
    private Policies policies = Policies.DEFAULT;
    private PortBackends backends = PortBackends.ofBoth(Fixtures.BACKENDS);
    private Link link = Fixtures.LINK;
    private Settings settings = Settings.DEFAULT;
    private Orders orders = Orders.NONE;
    private Optional<Problem> complaint = Optional.empty();

    ServiceWorld() {
        frontend(FRONTEND, FrontendStatus.State.OPEN);
        address("198.18.0.9", AddressStatus.State.PRESENT, "");
    }

    ServiceWorld asking(String field, String annotation) {
        request = AddressRequest.parse(field, annotation);
        return this;
    }

    ServiceWorld ports(ServicePort... now) {
        ports = List.of(now);
        return this;
    }

    ServiceWorld policies(Policies now) {
        policies = now;
        return this;
    }

    ServiceWorld backends(PortBackends now) {
        backends = now;
        return this;
    }

    /** Another Service, older than web. */
    ServiceWorld holder(String asking) {
        ServiceSpec holder = Fixtures.service("holder", 1, asking);
        others.put(holder.key(), holder);
        return this;
    }

    ServiceWorld pool(String name, String range) {
        AddressPool pool =
                new AddressPool(name, List.of(AddressRange.parse(range).orElseThrow()));
        settings = settings.with(
                Stream.concat(settings.pools().stream(), Stream.of(pool)).toList());
        return this;
    }

    ServiceWorld boundaries(ReservedPorts reserved, boolean hostAddresses, boolean onlyPools, int mostPorts) {
        settings = settings.with(new Boundaries(reserved, hostAddresses, onlyPools, mostPorts, true));
        return this;
    }

    ServiceWorld link(Link.State state, boolean carrier, Cidr... hostAddresses) {
        link = new Link("br0", 7, state, List.of(hostAddresses), Fixtures.LINK.gateways(), carrier, link.host());
        return this;
    }

    ServiceWorld address(String ip, AddressStatus.State state, String detail) {
        Family family = Family.of(Fixtures.ip(ip));
        Cidr cidr = Fixtures.cidr(ip + (family == Family.IPV4 ? "/32" : "/128"));
        addresses.put(ip, new AddressStatus(cidr, true, state, detail));
        return this;
    }

    ServiceWorld open(String ip, int port) {
        return frontend(new Frontend(Fixtures.ip(ip), port, Protocol.TCP), FrontendStatus.State.OPEN);
    }

    ServiceWorld frontend(Frontend frontend, FrontendStatus.State state) {
        return frontend(frontend, FrontendStatus.of(config(), state));
    }

    ServiceWorld frontend(Frontend frontend, FrontendStatus status) {
        frontends.put(frontend, status);
        return this;
    }

    static FrontendConfig config() {
        return new FrontendConfig(WEB, Fixtures.BACKENDS);
    }

    ServiceWorld drained() {
        orders = orders.drain(WEB);
        return this;
    }

    /** What the writer of statuses says of web. */
    ServiceWorld complaint(Problem now) {
        complaint = Optional.of(now);
        return this;
    }

    /** Everything that is to stand on Services does. */
    ServiceWorld settled() {
        published.putAll(decision(true).desired().statuses());
        return this;
    }

    Explanation explain() {
        return new Explainer().explain(decision(true), WEB, new Evidence(Map.of(), Map.of(), complaint));
    }

    /** The same world without web, which is yet to be made. */
    Explanation explainNew() {
        frontends.clear();
        return new Explainer().explainNew(decision(false), web());
    }

    private ServiceSpec web() {
        return new ServiceSpec(
                WEB,
                "uid-web",
                Instant.ofEpochSecond(2),
                request,
                Set.of(Family.IPV4),
                true,
                Optional.empty(),
                ports,
                policies);
    }

    private Decision decision(boolean withWeb) {
        Map<ServiceKey, ServiceSpec> services = new HashMap<>(others);
        Map<ServiceKey, Map<ServicePort, PortBackends>> behind = new HashMap<>();
        if (withWeb) {
            services.put(WEB, web());
            Map<ServicePort, PortBackends> ofPorts = new HashMap<>();
            ports.forEach(port -> ofPorts.put(port, backends));
            behind.put(WEB, ofPorts);
        }
        Inputs inputs = new Inputs(
                Trust.LIVE,
                SourceContact.HERE,
                new ClusterSnapshot(services, behind, published, Set.of(Fixtures.ip("198.18.0.200"))),
                settings,
                orders,
                Members.ALONE,
                new ActualState(link, List.copyOf(addresses.values()), frontends, published),
                Set.of(Protocol.TCP));
        Allocations allocations = new StableAllocator().allocate(inputs, Allocations.NONE);
        return new Decision(
                inputs,
                allocations,
                Placement.HERE,
                new Desire(PublishPolicy.always(Publish.STATUS)).of(inputs, allocations, Placement.HERE));
    }
}
