package io.littlelb.core.plan;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.AddressRange;
import io.littlelb.core.model.AddressRequest;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Allocation;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ClusterSnapshot;
import io.littlelb.core.model.Family;
import io.littlelb.core.model.Host;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Policies;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ReservedPorts;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServicePort;
import io.littlelb.core.model.ServiceSpec;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the allocator to the cases of {@code allocations.txt}. */
final class AllocationTableTest {
    private static final Splitter WORDS = Splitter.on(' ').omitEmptyStrings();
    private static final Splitter LIST = Splitter.on(',');

    @ParameterizedTest
    @MethodSource("cases")
    void givesEachItsOwn(Case table) {
        Allocations allocations = Allocator.allocate(table.cluster(), table.supply(), table.held());

        assertThat(table.expected).isNotEmpty();
        table.expected.forEach(line -> {
            List<String> words = WORDS.splitToList(line);
            Family family = Family.valueOf(words.get(1).toUpperCase(java.util.Locale.ROOT));
            Optional<Allocation> allocation =
                    Optional.ofNullable(allocations.of(key(words.get(0))).get(family));
            String got = allocation.map(AllocationTableTest::describe).orElse("nothing");
            String wanted = String.join(" ", words.subList(2, Math.min(words.size(), 3)));
            String detail = String.join(" ", words.subList(Math.min(words.size(), 3), words.size()));
            assertThat(got).as(line).startsWith(wanted).contains(detail);
        });
    }

    private static String describe(Allocation allocation) {
        if (allocation instanceof Allocation.Rejected rejected) {
            return rejected.problem().toString();
        }
        String kind = allocation instanceof Allocation.LinkAddress
                ? "link"
                : allocation instanceof Allocation.SharedByKey ? "shared" : "exclusive";
        return kind + " " + Addresses.print(allocation.ip().orElseThrow());
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        try (InputStream table = AllocationTableTest.class.getResourceAsStream("allocations.txt")) {
            for (String line : Splitter.on('\n').split(new String(table.readAllBytes(), StandardCharsets.UTF_8))) {
                if (line.startsWith("== ")) {
                    cases.add(new Case(line.substring(3)));
                } else if (!line.isBlank() && !line.startsWith("#")) {
                    cases.get(cases.size() - 1).read(line);
                }
            }
        }
        return cases;
    }

    private static ServiceKey key(String name) {
        int slash = name.indexOf('/');
        return slash < 0
                ? new ServiceKey("default", name)
                : new ServiceKey(name.substring(0, slash), name.substring(slash + 1));
    }

    private static InetAddress ip(String text) {
        return Addresses.parse(text).orElseThrow();
    }

    /** One case, as it is read line by line. */
    static final class Case {
        private final String title;
        private final List<String> expected = new ArrayList<>();
        private final Map<String, AddressPool> pools = new LinkedHashMap<>();
        private final Map<ServiceKey, ServiceSpec> services = new LinkedHashMap<>();
        private final Map<ServiceKey, ImmutableMap<Family, Allocation>> held = new HashMap<>();
        private final Set<InetAddress> gateways = new HashSet<>();
        private final Set<InetAddress> nodes = new HashSet<>();
        private final Set<InetAddress> conflicts = new HashSet<>();
        private final Set<InetAddress> elsewhere = new HashSet<>();
        private List<Cidr> hostAddresses = List.of(Fixtures.HOST_4, Fixtures.HOST_6);
        private Link.State state = Link.State.UP;
        private boolean onlyPools;
        private boolean servesHostAddresses = true;
        private int mostPorts = Integer.MAX_VALUE;

        Case(String title) {
            this.title = title;
        }

        void read(String line) {
            List<String> words = WORDS.splitToList(line);
            List<String> rest = words.subList(1, words.size());
            switch (words.get(0)) {
                case "->" -> expected.add(line.substring(3));
                case "link" -> link(rest);
                case "gateway" -> gateways.add(ip(rest.get(0)));
                case "node" -> nodes.add(ip(rest.get(0)));
                case "conflict" -> conflicts.add(ip(rest.get(0)));
                case "elsewhere" -> elsewhere.add(ip(rest.get(0)));
                case "pool" -> pools.put(rest.get(0), pool(rest));
                case "only-pools" -> onlyPools = true;
                case "no-host-addresses" -> servesHostAddresses = false;
                case "most-ports" -> mostPorts = Integer.parseInt(rest.get(0));
                case "service" -> service(rest);
                default -> throw new IllegalArgumentException(title + ": " + line);
            }
        }

        private void link(List<String> words) {
            switch (words.get(0)) {
                case "down" -> state = Link.State.DOWN;
                case "missing" -> state = Link.State.MISSING;
                default ->
                    hostAddresses = words.stream()
                            .map(text -> Cidr.parse(text).orElseThrow())
                            .toList();
            }
        }

        private static AddressPool pool(List<String> words) {
            List<String> name = Splitter.on('@').splitToList(words.get(0));
            return new AddressPool(
                    name.get(0),
                    Set.copyOf(name.subList(1, name.size())),
                    words.subList(1, words.size()).stream()
                            .map(text -> AddressRange.parse(text).orElseThrow())
                            .toList());
        }

        private void service(List<String> words) {
            Map<String, String> given = new HashMap<>();
            for (int i = 1; i < words.size(); i++) {
                boolean flag = words.get(i).equals("prefers");
                given.put(words.get(i), flag ? "" : words.get(++i));
            }
            ServiceKey key = key(words.get(0));
            AddressRequest request = given.containsKey("pool")
                    ? AddressRequest.ofPool(given.get("pool"))
                    : AddressRequest.parse(given.getOrDefault("asks", ""), "");
            Set<Family> families = EnumSet.noneOf(Family.class);
            String digits = given.getOrDefault("families", "4");
            Stream.of(Family.values())
                    .filter(family -> digits.contains(family == Family.IPV4 ? "4" : "6"))
                    .forEach(families::add);
            services.put(
                    key,
                    new ServiceSpec(
                            key,
                            "uid",
                            Instant.ofEpochSecond(
                                    Long.parseLong(given.getOrDefault("age", Integer.toString(services.size())))),
                            request,
                            families,
                            !given.containsKey("prefers"),
                            Optional.ofNullable(given.get("key")),
                            LIST.splitToStream(given.getOrDefault("ports", "80"))
                                    .map(Case::port)
                                    .toList(),
                            Policies.DEFAULT));
            if (given.containsKey("holds")) {
                held.put(
                        key,
                        LIST.splitToStream(given.get("holds"))
                                .map(AllocationTableTest::ip)
                                .collect(ImmutableMap.toImmutableMap(Family::of, Allocation.Exclusive::new)));
            }
        }

        private static ServicePort port(String text) {
            List<String> parts = Splitter.on('/').splitToList(text);
            Protocol protocol = parts.size() == 1 ? Protocol.TCP : Protocol.valueOf(parts.get(1));
            return new ServicePort("p" + text, protocol, Integer.parseInt(parts.get(0)));
        }

        ClusterSnapshot cluster() {
            List<ServiceSpec> listed = new ArrayList<>(services.values());
            Collections.reverse(listed); // the order in which they are listed must not matter
            return new ClusterSnapshot(
                    listed.stream().collect(toMap(ServiceSpec::key, Function.identity())), Map.of(), Map.of(), nodes);
        }

        AddressSupply supply() {
            Link link = state == Link.State.MISSING
                    ? Link.absent("br0", state)
                    : new Link("br0", 7, state, hostAddresses, gateways, true, new Host(elsewhere, Set.of()));
            return new AddressSupply(
                    link,
                    List.copyOf(pools.values()),
                    conflicts,
                    Set.of(),
                    new Boundaries(ReservedPorts.NONE, servesHostAddresses, onlyPools, mostPorts));
        }

        Allocations held() {
            return new Allocations(ImmutableMap.copyOf(held), true);
        }

        @Override
        public String toString() {
            return title;
        }
    }
}
