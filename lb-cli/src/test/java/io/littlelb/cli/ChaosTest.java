package io.littlelb.cli;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.loop.ReconcileListener;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.proxy.SpliceForwarder;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.net.Descriptors;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A link on which everything happens at once: Services come and go, addresses are removed by hand, the link goes down, away and
 * comes back, and another program has addresses of its own in the same subnet. Once that has ended, there is what should be,
 * and what is not ours is as its owner left it.
 *
 * <p>{@code -Dchaos.seed} repeats the choices of a run, {@code -Dchaos.seconds} makes it longer.
 */
@ExtendWith(InNetworkNamespace.class)
class ChaosTest {
    private static final Set<String> HOST = Set.of("198.18.0.1/24", "2001:db8::1/64");
    private static final int SERVICES = 8;
    private static final Backends BACKENDS =
            new Backends.Listed(List.of(new Backend(Addresses.parse("127.0.0.1").orElseThrow(), 9001)));
    private static final AddressPool POOL = new AddressPool(
            "default", List.of(AddressRange.parse("198.18.0.20-198.18.0.29").orElseThrow()));

    private final InMemoryCluster cluster = new InMemoryCluster();
    /** The addresses of the other program, as it knows them: those it has added and not removed, while the link was there. */
    private final Set<String> foreign = new HashSet<>();

    private final Semaphore passes = new Semaphore(0);
    private NetworkNamespace network;
    private Random random;
    private int created;

    @BeforeEach
    void makeALink(NetworkNamespace home) {
        network = home;
        addLink();
    }

    @Test
    void endsWithWhatIsAskedForAndNothingForeignTouched() throws Exception {
        long seed = Long.getLong("chaos.seed", System.nanoTime());
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Long.getLong("chaos.seconds", 5));
        random = new Random(seed);
        start(result -> {}).close(); // what stays open for the process's life is open now
        long descriptors = Descriptors.count();
        int deeds = 0;
        int waited = 0;
        try (LoadBalancer loadBalancer = start(result -> passes.release())) {
            loadBalancer.start();
            while (System.nanoTime() - until < 0) {
                doSomething();
                deeds++;
                passes.drainPermits();
                waited += passes.tryAcquire(random.nextInt(200), TimeUnit.MILLISECONDS) ? 0 : 1;
            }
            addHostAddresses();

            await().alias("seed " + seed + ", " + deeds + " deeds; desired and actual")
                    .atMost(Duration.ofSeconds(90))
                    .pollInSameThread()
                    .untilAsserted(() -> {
                        assertThat(shown()).isEqualTo(desired());
                        assertTheHostIsServedFirst();
                    });
        }
        assertThat(shown()).as("seed " + seed).isEqualTo(union(HOST, foreign));
        assertTheHostIsServedFirst();
        assertThat(Descriptors.count()).as("seed " + seed).isLessThanOrEqualTo(descriptors);
        System.out.println(
                "chaos: seed " + seed + ", " + deeds + " deeds, after " + waited + " of them no pass in time");
    }

    private LoadBalancer start(ReconcileListener listener) throws IOException {
        return LoadBalancer.builder(
                        cluster, RtnetlinkAddressManager.open("veth0"), SpliceForwarder.open(ProxyConfig.DEFAULT))
                .statuses(cluster)
                .pools(List.of(POOL))
                .drainTimeout(Duration.ofSeconds(1))
                .listener(listener)
                .build();
    }

    private void doSomething() {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> createService();
            case 3, 4 -> cluster.delete(key(random.nextInt(SERVICES)));
            case 5, 6 -> {
                String address = anyAddress();
                if (run("addr add " + address + " dev veth0 nodad")) {
                    foreign.add(address);
                }
            }
            case 7, 8 -> {
                if (!foreign.isEmpty()) {
                    remove(List.copyOf(foreign).get(random.nextInt(foreign.size())));
                }
            }
            case 9 -> remove(random.nextBoolean() ? anyAddress() : ofOurLength(anyAddress()));
            case 10 -> {
                run("link set veth0 down");
                foreign.removeIf(address -> address.contains(":")); // the kernel removes IPv6 addresses from it
                run("link set veth0 up");
                addHostAddresses();
            }
            default -> {
                if (random.nextBoolean()) {
                    run("link del veth0");
                    foreign.clear();
                    addLink();
                } else {
                    network.execute(List.of("sysctl", "-q", "-w", "net.ipv4.conf.veth0.promote_secondaries=1"));
                    run("addr del 198.18.0.1/24 dev veth0"); // what comes next in its subnet is the first one now
                    addHostAddresses();
                }
            }
        }
    }

    /** Of the pool, of those that Services ask for, or of neither. */
    private String anyAddress() {
        return random.nextInt(4) == 0
                ? "2001:db8::" + (10 + random.nextInt(20)) + "/64"
                : "198.18.0." + (10 + random.nextInt(30)) + "/24";
    }

    /** As ours are: subnets of their own. */
    private static String ofOurLength(String address) {
        return address.replace("/24", "/32").replace("/64", "/128");
    }

    private void remove(String address) {
        if (run("addr del " + address + " dev veth0")) {
            foreign.remove(address);
        }
    }

    /** Asks for an address that no other Service asks for, or for one from the pool. */
    private void createService() {
        int number = random.nextInt(SERVICES);
        boolean ipv6 = random.nextInt(3) == 0;
        String wish = ipv6 ? "2001:db8::" + (10 + number) : random.nextBoolean() ? "" : "198.18.0." + (10 + number);
        cluster.delete(key(number));
        cluster.put(
                new ServiceSpec(
                        key(number),
                        "uid-" + ++created,
                        Instant.EPOCH.plusSeconds(created),
                        AddressRequest.parse(wish, ""),
                        Set.of(ipv6 ? Family.IPV6 : Family.IPV4),
                        true,
                        Optional.empty(),
                        List.of(new ServicePort("http", Protocol.TCP, 8000 + number)),
                        Policies.DEFAULT),
                PortBackends.ofBoth(BACKENDS));
    }

    private static ServiceKey key(int number) {
        return new ServiceKey("default", "service-" + number);
    }

    private void addLink() {
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth1 up");
        network.ip("link set veth0 up");
        addHostAddresses();
    }

    private void addHostAddresses() {
        run("addr add 198.18.0.1/24 dev veth0");
        run("addr add 2001:db8::1/64 dev veth0 nodad");
    }

    /** Whether {@code ip} could do it: the address may be there, or not, just now. */
    private boolean run(String line) {
        String outcome = network.execute(List.of("sh", "-c", "ip " + line + " 2>/dev/null && echo done || true"));
        return outcome.strip().equals("done");
    }

    /** There is one route to each subnet, and no connection of the host's own would come from an address of ours. */
    private void assertTheHostIsServedFirst() {
        assertThat(network.ip("-4 route show dev veth0").lines())
                .filteredOn(route -> route.startsWith("198.18.0.0/24"))
                .hasSize(1);
        assertThat(network.ip("-6 route show dev veth0").lines())
                .filteredOn(route -> route.startsWith("2001:db8::/64"))
                .hasSize(1);
        run("route replace 192.0.2.0/24 dev veth0");
        for (String destination : List.of("198.18.0.200", "192.0.2.1", "224.1.1.1", "2001:db8::200")) {
            String route = network.ip("route get " + destination + " oif veth0");
            assertThat(union(HOST, foreign))
                    .as(route)
                    .anyMatch(own -> route.contains(" src " + own.split("/", 2)[0] + " "));
        }
    }

    /** What somebody else has as well is used as it is, or stands there twice. */
    private Set<String> shown() {
        return network.execute(
                        List.of("sh", "-c", "ip -o addr show dev veth0 scope global | tr -s ' ' | cut -d' ' -f4"))
                .lines()
                .filter(address ->
                        foreign.stream().noneMatch(its -> ofOurLength(its).equals(address)))
                .collect(toCollection(TreeSet::new));
    }

    /** What every Service is told to have, which must be something, beside what is not ours. */
    private Set<String> desired() {
        Set<String> served = new HashSet<>();
        for (ServiceSpec service : cluster.snapshot().orElseThrow().services().values()) {
            ServiceStatus status = cluster.status(service.key());
            assertThat(status.ingress()).as(service + ": " + status).isNotEmpty();
            status.ingress()
                    .forEach(ingress -> served.add(Addresses.print(ingress.ip()) + "/"
                            + Family.of(ingress.ip()).bits()));
        }
        served.removeIf(
                address -> foreign.stream().anyMatch(its -> ofOurLength(its).equals(address)));
        return union(union(HOST, foreign), served);
    }

    private static Set<String> union(Set<String> some, Set<String> others) {
        return Stream.concat(some.stream(), others.stream()).collect(toCollection(TreeSet::new));
    }
}
