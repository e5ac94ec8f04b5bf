package io.littlelb.admin;

import static org.awaitility.Awaitility.await;

import io.littlelb.admin.view.OrderView;
import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ApiRequest;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.DialTimes;
import io.littlelb.core.model.Ejection;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.ForwarderLoad;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.SourceContact;
import io.littlelb.core.news.EndedConnections;
import io.littlelb.core.news.Journal;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.Forwarder;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.memory.InMemoryForwarder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A load balancer that serves some Services, and of which everything is counted that can be: what a scrape of it has is all that any has. */
final class MetricsWorld implements AutoCloseable {
    private final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryAddressManager addresses = new InMemoryAddressManager(
            new Link("br0", 7, Link.State.UP, List.of(cidr("198.18.0.1/16"), cidr("fd00::1/64")), Set.of()));
    private final CountingForwarder forwarder = new CountingForwarder();
    private final Tallies tallies = new Tallies();
    private final LoadBalancer loadBalancer;
    private final Instance instance;
    private final Rates rates;

    MetricsWorld() {
        EndpointSource source = new AskedSource();
        AddressRange range = AddressRange.parse("198.18.64.0/18").orElseThrow();
        loadBalancer = LoadBalancer.builder(source, addresses, forwarder)
                .statuses(cluster)
                .pools(List.of(new AddressPool("gold", List.of(range))))
                .listener(tallies)
                .drainTimeout(Duration.ZERO)
                .build();
        instance = new Instance(
                "0.1 (abc)",
                "node-port",
                loadBalancer,
                source,
                addresses,
                forwarder,
                tallies,
                new Journal(),
                new EndedConnections(),
                new NoControls());
        rates = new Rates(forwarder, ErrorHandler.LOG);
        loadBalancer.start();
    }

    /** Has Services served, each with ports from 80 on, each of these with backends. */
    void serve(int services, int ports, int backends) {
        for (int i = 0; i < services; i++) {
            InetAddress ip =
                    Addresses.parse("198.18." + (64 + i / 256) + "." + i % 256).orElseThrow();
            ServiceKey key = new ServiceKey("default", "web-" + i);
            var builder = ServiceSpec.named(key.toString()).address(Addresses.print(ip));
            IntStream.range(0, ports).forEach(port -> builder.tcp(80 + port));
            List<Backend> all = IntStream.range(0, backends)
                    .mapToObj(each -> new Backend(
                            Addresses.parse("198.18.1." + (each + 1)).orElseThrow(), 8080))
                    .toList();
            cluster.put(builder.build().spec(), PortBackends.ofBoth(new Backends.Listed(all)));
            for (int port = 0; port < ports; port++) {
                forwarder.count(new Counters.Subject(new Frontend(ip, 80 + port, Protocol.TCP), key), all);
            }
        }
        await().until(() -> {
            addresses.settle();
            return forwarder.frontends().size() == services * ports;
        });
    }

    /** Has one Service served that has an address of each family, and the same backends behind both. */
    void serveBothFamilies(Backend... backends) {
        List<Backend> all = List.of(backends);
        ServiceKey key = new ServiceKey("default", "both");
        cluster.put(
                ServiceSpec.named("default/both")
                        .address("198.18.99.9", "fd00::9")
                        .tcp(80)
                        .build()
                        .spec(),
                PortBackends.ofBoth(new Backends.Listed(all)));
        List<Frontend> both = Stream.of("198.18.99.9", "fd00::9")
                .map(ip -> new Frontend(Addresses.parse(ip).orElseThrow(), 80, Protocol.TCP))
                .toList();
        both.forEach(frontend -> forwarder.count(new Counters.Subject(frontend, key), all));
        await().until(() -> {
            addresses.settle();
            return forwarder.frontends().keySet().containsAll(both);
        });
    }

    private static Cidr cidr(String text) {
        return Cidr.parse(text).orElseThrow();
    }

    /** What a scrape has. */
    String scrape(String accept) {
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        try {
            new MetricsPage()
                    .answer(Observation.of(instance, rates), new OwnProcess(), accept)
                    .content()
                    .writeTo(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // there is nothing but memory
        }
        return page.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        loadBalancer.close();
    }

    /** The cluster, behind an API server. */
    private final class AskedSource implements EndpointSource {
        @Override
        public Optional<ClusterSnapshot> snapshot() {
            return cluster.snapshot();
        }

        @Override
        public void onChange(Runnable listener) {
            cluster.onChange(listener);
        }

        @Override
        public SourceContact contact() {
            return new SourceContact("https://198.18.0.20:6443", Optional.of(Instant.now()), Optional.empty());
        }

        @Override
        public Map<ApiRequest, Long> requests() {
            return Map.of(new ApiRequest("list", "services", "200"), 1L, new ApiRequest("watch", "nodes", "none"), 2L);
        }
    }

    /** Counts what it is told to have counted. */
    private static final class CountingForwarder implements Forwarder {
        private final InMemoryForwarder frontends = new InMemoryForwarder();
        private final Map<Counters.Subject, Counters> counters = new ConcurrentHashMap<>();

        void count(Counters.Subject subject, List<Backend> backends) {
            List<Long> times = new ArrayList<>(Collections.nCopies(DialTimes.BOUNDS.size() + 1, 0L));
            times.set(1, 3L);
            DialTimes dials = new DialTimes(times, Duration.ofMillis(2));
            Map<Backend, Counters.OfBackend> each = new ConcurrentHashMap<>();
            backends.forEach(backend -> each.put(
                    backend,
                    new Counters.OfBackend(
                            1,
                            3,
                            2,
                            dials,
                            30,
                            60,
                            each.isEmpty()
                                    ? Optional.of(
                                            new Ejection(Duration.ofMinutes(4), "ECONNREFUSED", Duration.ofSeconds(11)))
                                    : Optional.empty())));
            counters.put(
                    subject,
                    new Counters(1, 3, 1, Map.of(Ending.CLIENT_CLOSED, 2L, Ending.SOURCE_REFUSED, 1L), 30, 60, each));
        }

        @Override
        public Map<Counters.Subject, Counters> counters() {
            return Map.copyOf(counters);
        }

        @Override
        public ForwarderLoad load() {
            return new ForwarderLoad(
                    List.of(new ForwarderLoad.OfThread("lb-proxy-0", Duration.ofSeconds(5), Duration.ofSeconds(50))),
                    1,
                    9_808,
                    false,
                    2);
        }

        @Override
        public Map<Frontend, FrontendStatus> frontends() {
            return frontends.frontends();
        }

        @Override
        public void set(Frontend frontend, FrontendConfig config) throws IOException {
            frontends.set(frontend, config);
        }

        @Override
        public void remove(Frontend frontend, Duration drain) {
            frontends.remove(frontend, drain);
        }

        @Override
        public void onChange(Runnable listener) {
            frontends.onChange(listener);
        }

        @Override
        public void close() {
            frontends.close();
        }
    }

    private static final class NoControls implements Controls {
        @Override
        public List<Manifest> read(String text) {
            throw new IllegalArgumentException("nothing is read here");
        }

        @Override
        public OrderView reload() {
            return new OrderView(false, "nothing is read here");
        }

        @Override
        public String logLevel() {
            return "info";
        }

        @Override
        public void logLevel(String level) {}
    }
}
