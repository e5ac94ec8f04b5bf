package io.littlelb.testkit.core;

import io.littlelb.core.loop.PassResult;
import io.littlelb.core.loop.Reconciler;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Orders;
import io.littlelb.core.model.Placement;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Problem;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import io.littlelb.core.plan.Actuators;
import io.littlelb.core.plan.AddressSupply;
import io.littlelb.core.plan.Desire;
import io.littlelb.core.plan.Planner;
import io.littlelb.core.plan.Publish;
import io.littlelb.core.plan.PublishPolicy;
import io.littlelb.testkit.memory.Gate;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.memory.InMemoryForwarder;
import io.littlelb.testkit.memory.TestClock;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** A small random world: a link, Services that want the same few addresses, and a Reconciler in between. */
final class World {
    static final Cidr PRIMARY_4 = Cidr.parse("198.18.0.1/24").orElseThrow();
    static final Cidr PRIMARY_6 = Cidr.parse("2001:db8::1/64").orElseThrow();
    static final Cidr FOREIGN = Cidr.parse("198.18.0.13/32").orElseThrow();
    private static final Link UP = new Link("br0", 7, Link.State.UP, List.of(PRIMARY_4, PRIMARY_6), Set.of());
    private static final List<String> REQUESTS = List.of(
            "",
            "",
            "198.18.0.9",
            "198.18.0.9",
            "198.18.0.10",
            "198.18.0.11",
            "198.18.0.13",
            "198.18.0.1",
            "2001:db8::9",
            "2001:db8::1",
            "198.18.0.9,2001:db8::9",
            "198.18.0.0",
            "192.0.2.1",
            "not-an-ip",
            "224.0.0.1");

    /** Less than there are Services, and partly what others ask for by name. */
    private static final List<AddressPool> POOLS = List.of(
            pool("first", "198.18.0.0-198.18.0.2", "198.18.0.10-198.18.0.12"),
            pool("second", "198.18.0.14/31", "2001:db8::8/127"));

    final Random random;
    final TestClock clock = new TestClock();
    final InMemoryCluster cluster = new InMemoryCluster();
    final InMemoryForwarder forwarder = new InMemoryForwarder();
    final InMemoryAddressManager addresses = new InMemoryAddressManager(UP);
    final List<AddressPool> pools;
    /** Addresses that another instance carries now. */
    final Set<InetAddress> elsewhere = new HashSet<>();
    /** What a person has ordered. */
    Orders orders = Orders.NONE;

    Reconciler reconciler;

    World(long seed) {
        random = new Random(seed);
        pools = random.nextBoolean() ? POOLS : List.of();
        reconciler = startAnew();
        addresses.foreign(FOREIGN);
        for (String orphan : List.of("198.18.0.9/24", "198.18.0.77/24", "2001:db8::77/64", "198.18.0.10/25")) {
            if (random.nextBoolean()) {
                addresses.put(AddressStatus.of(Cidr.parse(orphan).orElseThrow(), true, AddressStatus.State.PRESENT));
            }
        }
    }

    Reconciler startAnew() {
        Actuators actuators = new Actuators(addresses, forwarder, cluster);
        return new Reconciler(
                cluster,
                actuators,
                () -> Settings.DEFAULT.with(pools),
                () -> orders,
                (held, inputs) -> new Placement(elsewhere),
                desire(),
                planner(),
                clock);
    }

    static Desire desire() {
        return new Desire(PublishPolicy.always(Publish.BOTH));
    }

    static Planner planner() {
        return new Planner();
    }

    AddressSupply supply(Link link) {
        return new AddressSupply(link, pools, Set.of());
    }

    /** Time enough passes for every pause to be over, and one pass is made. */
    PassResult pass() {
        clock.advance(Duration.ofMinutes(2));
        return reconciler.pass();
    }

    void settle() {
        addresses.settle();
        forwarder.settle();
    }

    boolean isPending() {
        return addresses.isPending() || forwarder.isPending();
    }

    /** One step in {@code percent} of a hundred fails from now on. */
    void failing(int percent) {
        Gate gate = operation -> {
            if (random.nextInt(100) < percent) {
                throw new IOException(operation + ": EIO (out of luck)");
            }
        };
        addresses.gate(gate);
        forwarder.gate(gate);
    }

    /** Something happens, to Services or to the link. */
    void event() {
        switch (random.nextInt(19)) {
            case 0 -> cluster.delete(key());
            case 1 -> cluster.changeType(key());
            case 2 -> addresses.link(new Link("br0", 7, Link.State.DOWN, List.of(PRIMARY_4, PRIMARY_6), Set.of()));
            case 3 ->
                addresses.link(Link.absent("br0", random.nextBoolean() ? Link.State.MISSING : Link.State.UNKNOWN));
            case 4 -> addresses.link(new Link("br0", 7, Link.State.UP, List.of(PRIMARY_4), Set.of()));
            case 5 -> ownedAddresses().stream().findAny().ifPresent(addresses::removeByHand);
            case 6 ->
                forwarder.frontends().keySet().stream().sorted().findFirst().ifPresent(forwarder::connect);
            case 7 -> reconciler = startAnew();
            case 8 -> linkUp();
            case 9, 10 ->
                cluster.snapshot().stream()
                        .flatMap(snapshot -> snapshot.services().values().stream())
                        .skip(random.nextInt(3))
                        .findFirst()
                        .ifPresent(service -> cluster.put(service, backends()));
            case 14 -> cluster.synced(random.nextBoolean());
            case 15 -> elsewhere.add(anyAskedFor());
            case 16 -> elsewhere.remove(anyAskedFor());
            case 17 -> orders = orders.drain(key());
            case 18 -> orders = orders.undrain(key());
            default -> {
                ServiceSpec service = service(key());
                cluster.put(service, backends());
            }
        }
        if (random.nextBoolean()) {
            settle();
        }
    }

    private InetAddress anyAskedFor() {
        return Addresses.parse(List.of("198.18.0.9", "198.18.0.10", "198.18.0.11", "2001:db8::9")
                        .get(random.nextInt(4)))
                .orElseThrow();
    }

    void linkUp() {
        addresses.link(UP);
    }

    List<Cidr> ownedAddresses() {
        return addresses.addresses().stream()
                .filter(AddressStatus::owned)
                .map(AddressStatus::cidr)
                .toList();
    }

    Set<Cidr> foreignAddresses() {
        Set<Cidr> foreign = new HashSet<>();
        addresses.addresses().stream()
                .filter(address -> !address.owned())
                .forEach(address -> foreign.add(address.cidr()));
        return foreign;
    }

    List<Frontend> liveFrontends() {
        return forwarder.frontends().keySet().stream().sorted().toList();
    }

    private static AddressPool pool(String name, String... ranges) {
        return new AddressPool(
                name,
                Stream.of(ranges)
                        .map(range -> AddressRange.parse(range).orElseThrow())
                        .toList());
    }

    private ServiceKey key() {
        return new ServiceKey(random.nextBoolean() ? "default" : "other", "s" + random.nextInt(6));
    }

    ServiceSpec service(ServiceKey key) {
        List<ServicePort> ports = new ArrayList<>();
        for (int port = 80; port < 81 + random.nextInt(3); port++) {
            ports.add(new ServicePort("p" + port, random.nextInt(5) == 0 ? Protocol.UDP : Protocol.TCP, port));
        }
        String request = REQUESTS.get(random.nextInt(REQUESTS.size()));
        Set<Family> families = random.nextInt(4) == 0 ? EnumSet.allOf(Family.class) : Set.of(Family.IPV4);
        return new ServiceSpec(
                key,
                "uid-" + key,
                Instant.EPOCH.plusSeconds(random.nextInt(5)),
                random.nextInt(8) == 0
                        ? AddressRequest.ofPool(random.nextInt(4) == 0 ? "nowhere" : "second")
                        : AddressRequest.parse(request, ""),
                families,
                random.nextBoolean(),
                random.nextInt(3) == 0 ? Optional.of("key" + random.nextInt(2)) : Optional.empty(),
                ports,
                random.nextInt(10) == 0
                        ? Policies.closed(new Problem(Reason.InvalidAnnotation, "no such PROXY protocol"))
                        : Policies.DEFAULT);
    }

    PortBackends backends() {
        Backends backends = random.nextInt(4) == 0
                ? Backends.none()
                : new Backends.Listed(List.of(new Backend(PRIMARY_4.address(), 30_000 + random.nextInt(3))));
        return PortBackends.ofBoth(backends);
    }
}
