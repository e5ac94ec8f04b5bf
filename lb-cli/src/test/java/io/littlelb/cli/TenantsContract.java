package io.littlelb.cli;

import static io.littlelb.cli.ClusterWorld.POD_PORT;
import static io.littlelb.cli.ClusterWorld.annotated;
import static io.littlelb.cli.ClusterWorld.asks;
import static io.littlelb.cli.ClusterWorld.awaitTrue;
import static io.littlelb.cli.ClusterWorld.giving;
import static io.littlelb.cli.ClusterWorld.key;
import static io.littlelb.cli.ClusterWorld.pod;
import static io.littlelb.cli.ClusterWorld.ranges;
import static io.littlelb.cli.ClusterWorld.service;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import com.google.common.net.InetAddresses;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.littlelb.cli.ClusterWorld.Parts;
import io.littlelb.core.model.AddressPool;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.ReservedPorts;
import io.littlelb.k8s.ClusterScope.Mode;
import io.littlelb.proxy.ProxyConfig;
import io.littlelb.testkit.log.LogCapture;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What must hold on any API server between two tenants and an administrator: red may write Services and EndpointSlices of his namespace and does his
 * worst, blue's Service is asked all the while and answers, and the administrator has set boundaries.
 */
abstract class TenantsContract {
    private static final String ALLOCATED = "littlelb.io/allocated";
    private static final String BLUES = "198.18.0.20";
    private static final Boundaries DEFAULTS = new Boundaries(
            new ReservedPorts(
                    ImmutableRangeSet.unionOf(List.of(Range.singleton(22), Range.closed(10_248, 10_259))),
                    ImmutableRangeSet.unionOf(
                            List.of(Range.singleton(179), Range.closed(2_379, 2_380), Range.singleton(6_443)))),
            true,
            false,
            1_000);

    @RegisterExtension
    final ClusterExtension worlds;

    private final Queue<String> answersOfBlue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private KubernetesClient red;
    private KubernetesClient blue;
    private Thread witness = new Thread(() -> {});
    private ClusterWorld world;

    TenantsContract(ClusterExtension.Clusters clusters) {
        this.worlds = new ClusterExtension(clusters);
    }

    @BeforeEach
    void letTenantsIn(ClusterWorld fresh) throws Exception {
        world = fresh;
        red = world.opened(world.cluster.tenant("red"));
        blue = world.opened(world.cluster.tenant("blue"));
    }

    @AfterEach
    void blueWasServedAllTheWhile() throws Exception {
        over.set(true);
        witness.join();
        assertThat(answersOfBlue).allMatch("quiet"::equals);
    }

    /** Starts with a Service of blue's, and asks it from then on, in turns with whatever a test does. */
    private void startBesideBlue(Parts parts) throws Exception {
        world.start(parts);
        if (parts.scope().mode() == Mode.ENDPOINTS) {
            world.opened(world.network.call(
                    () -> TcpServer.start(InetAddresses.forString(pod(7)), POD_PORT, TcpServer.greeting("quiet"))));
            world.slice(blue, "blue/quiet", "quiet", List.of(pod(7)), POD_PORT);
        }
        world.create(blue, "blue/quiet", service -> asks(service, BLUES));
        world.awaitIngress("blue/quiet", BLUES);
        await().ignoreExceptions().until(() -> world.ask(BLUES, 80).equals("quiet"));
        witness = world.network.call(() -> {
            Thread thread = new Thread(this::keepAsking);
            thread.start();
            return thread;
        });
    }

    private void keepAsking() {
        while (!over.get()) {
            try {
                answersOfBlue.add(Traffic.ask(BLUES, 80));
            } catch (IOException e) {
                answersOfBlue.add(e.toString());
            }
        }
    }

    /** So that it is shown that blue is served after what was done. */
    private void awaitMoreOfBlue() {
        int before = answersOfBlue.size();
        awaitTrue(() -> answersOfBlue.size() > before + 20);
    }

    private static Parts plain(Mode mode) {
        return new Parts(mode).within(DEFAULTS);
    }

    // 9.1

    @ParameterizedTest
    @ValueSource(ints = {22, 179, 2_379, 6_443, 10_250, 10_256})
    void aPortOfTheHostsProgramsIsGivenOnNoAddressOfTheHost(int port) throws Exception {
        startBesideBlue(plain(Mode.NODE_PORT));

        world.create(red, "red/daemon", service -> asks(service, "198.18.0.1", port));

        world.awaitReason("red/daemon", "littlelb.io/Programmed", "PortReserved");
        assertThat(message("red/daemon", "littlelb.io/Programmed")).contains("--reserved-ports");
        assertNobodyListens(port);
        awaitMoreOfBlue();
    }

    @ParameterizedTest
    @ValueSource(ints = {22, 10_250, 10_256})
    void aPortOfTheHostsProgramsIsGivenOnNoOtherAddress(int port) throws Exception {
        startBesideBlue(plain(Mode.NODE_PORT));

        world.create(red, "red/daemon", service -> asks(service, "198.18.0.9", port));

        world.awaitReason("red/daemon", "littlelb.io/Programmed", "PortReserved");
        assertNobodyListens(port);
        awaitMoreOfBlue();
    }

    @Test
    void aPortThatAProgramNeedsOnAllAddressesIsGivenOnNone() throws Exception {
        program(2_379);
        startBesideBlue(plain(Mode.NODE_PORT));

        world.create(red, "red/etcd", service -> asks(service, "198.18.0.9", 2_379));

        world.awaitReason("red/etcd", "littlelb.io/Programmed", "PortReserved");
        assertThat(message("red/etcd", "littlelb.io/Programmed")).contains("seen to listen there on all addresses");
        awaitMoreOfBlue();
    }

    @Test
    void aProgramOfTheHostThatIsStartedAgainHasItsPortAgain() throws Exception {
        ServerSocket program = program(2_222);
        startBesideBlue(plain(Mode.NODE_PORT));
        world.create(red, "red/thief", service -> asks(service, "198.18.0.9", 2_222));
        world.awaitReason("red/thief", "littlelb.io/Programmed", "BindFailed");

        for (int i = 0; i < 3; i++) {
            program.close();
            String name = "red/thief-" + i;
            world.create(red, name, service -> asks(service, "198.18.0.1" + name.charAt(name.length() - 1), 2_222));
            awaitTrue(() -> world.condition(name, "littlelb.io/Programmed")
                    .filter(condition -> condition.getMessage().contains("may be starting again"))
                    .isPresent());

            program = program(2_222);
        }
        awaitMoreOfBlue();
    }

    /** On all addresses, as daemons do; fails where somebody has the port on one of them. */
    private ServerSocket program(int port) {
        return world.opened(world.network.call(() -> {
            ServerSocket program = new ServerSocket();
            program.setReuseAddress(true);
            program.bind(new InetSocketAddress(port));
            return program;
        }));
    }

    private void assertNobodyListens(int port) throws IOException {
        program(port).close();
    }

    // 9.2

    @Test
    void aServiceOfFiveThousandPortsIsToldThatTheseAreTooMany() throws Exception {
        startBesideBlue(plain(Mode.ENDPOINTS));

        world.create(red, "red/wide", service -> withPorts(asks(service, "198.18.0.9"), 5_000));

        world.awaitReason("red/wide", "littlelb.io/Allocated", "TooManyPorts");
        assertThat(message("red/wide", "littlelb.io/Allocated")).contains("5000", "--max-ports-per-service");
        awaitMoreOfBlue();
    }

    @Test
    void threeThousandPortsOfSeveralServicesDisturbNobody() throws Exception {
        world.startPod(0);
        startBesideBlue(plain(Mode.ENDPOINTS));

        for (int i = 0; i < 3; i++) {
            String name = "red/wide-" + i;
            String ip = "198.18.0." + (30 + i);
            world.slice(red, name, "wide-" + i, List.of(pod(0)), POD_PORT);
            world.create(red, name, service -> withPorts(asks(service, ip), 1_000));
        }

        for (int i = 0; i < 3; i++) {
            String name = "red/wide-" + i;
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> world.ingress(name).size() == 1);
        }
        world.create(blue, "blue/late", service -> asks(service, "198.18.0.21"));
        world.slice(blue, "blue/late", "late", List.of(pod(7)), POD_PORT);
        world.awaitIngress("blue/late", "198.18.0.21");
        awaitMoreOfBlue();
    }

    @Test
    void clientsOfOneServiceCannotHaveAllPlaces() throws Exception {
        startBesideBlue(plain(Mode.ENDPOINTS).forwardingWith(ProxyConfig.DEFAULT.withMaxConnections(40)));
        world.opened(
                world.network.call(() -> TcpServer.start(InetAddresses.forString(pod(1)), POD_PORT, TcpServer.echo())));
        world.slice(red, "red/crowd", "crowd", List.of(pod(1)), POD_PORT);
        world.create(red, "red/crowd", service -> asks(service, "198.18.0.9"));
        world.awaitIngress("red/crowd", "198.18.0.9");

        for (int i = 0; i < 200; i++) {
            world.opened(world.network.call(() -> new Socket("198.18.0.9", 80)));
        }

        awaitMoreOfBlue();
    }

    private static Service withPorts(Service service, int count) {
        List<ServicePort> ports = IntStream.range(0, count)
                .mapToObj(i -> new ServicePortBuilder()
                        .withName(i == 0 ? "http" : "p" + i)
                        .withProtocol("TCP")
                        .withPort(20_000 + i)
                        .withTargetPort(new IntOrString(POD_PORT))
                        .build())
                .toList();
        return new ServiceBuilder(service)
                .editSpec()
                .withAllocateLoadBalancerNodePorts(false)
                .withPorts(ports)
                .endSpec()
                .build();
    }

    // 9.4, 5.1

    @ParameterizedTest
    @CsvSource({
        "198.18.0.1, of the link's own",
        "192.0.2.254, of another link",
        "198.18.0.9, of one that is red's",
        "198.18.0.20, of one that is blue's"
    })
    void aSliceReachesNoProgramOfTheHostByAnAddress(String ip, String which) throws Exception {
        AtomicInteger dialled = new AtomicInteger();
        world.opened(world.network.call(() ->
                TcpServer.start(InetAddresses.forString("0.0.0.0"), 10_250, client -> dialled.incrementAndGet())));
        startBesideBlue(plain(Mode.ENDPOINTS));
        world.slice(red, "red/web", "attack", List.of(ip), 10_250);

        world.create(red, "red/web", service -> asks(service, "198.18.0.9"));

        world.awaitReason("red/web", "littlelb.io/BackendsAvailable", "BackendNotAllowed");
        awaitRefused("198.18.0.9", 80);
        assertThat(dialled).as(which).hasValue(0);
        awaitMoreOfBlue();
    }

    /** Today's servers refuse them; older ones did not, and whatever there is is not dialled. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "169.254.169.254", "224.0.0.1", "::1", "fe80::1", "ff02::1", "::", "0.0.0.0"})
    void aSliceOfAPlaceThatOnlyThisHostReachesIsRefusedOrNotDialled(String ip) throws Exception {
        startBesideBlue(plain(Mode.ENDPOINTS));
        world.create(
                red,
                "red/web",
                service -> ip.contains(":")
                        ? new ServiceBuilder(annotated(service, "littlelb.io/addresses", "2001:db8::9"))
                                .editSpec()
                                .withIpFamilies("IPv6")
                                .endSpec()
                                .build()
                        : asks(service, "198.18.0.9"));
        try {
            world.slice(red, "red/web", "attack", List.of(ip), 8_080);
        } catch (KubernetesClientException refused) {
            assertThat(refused.getCode()).isEqualTo(422);
            return;
        }

        world.awaitReason("red/web", "littlelb.io/BackendsAvailable", "BackendNotAllowed");
        awaitMoreOfBlue();
    }

    @ParameterizedTest
    @ValueSource(strings = {BLUES, "198.18.0.9"})
    void aSliceThatNamesAFrontendOfOursIsNotDialled(String frontend) throws Exception {
        startBesideBlue(plain(Mode.ENDPOINTS));
        world.slice(red, "red/loop", "loop", List.of(frontend), 80);

        world.create(red, "red/loop", service -> asks(service, "198.18.0.9"));

        world.awaitReason("red/loop", "littlelb.io/BackendsAvailable", "BackendIsFrontend");
        awaitRefused("198.18.0.9", 80);
        awaitMoreOfBlue();
    }

    private void awaitRefused(String ip, int port) {
        awaitTrue(() -> world.addresses().contains(ip + "/"));
        assertThatThrownBy(() -> world.ask(ip, port)).hasMessageContaining("refused");
    }

    // 9.5, 9.6

    @ParameterizedTest
    @CsvSource({"198.18.0.5/32, lo", "2001:db8::5/128, lo", "198.18.0.5/24, veth1", "2001:db8::5/64, veth1"})
    void anAddressOfAnotherLinkOfTheHostIsNobodysUntilItHasGone(String address, String link) throws Exception {
        world.network.ip("addr add " + address + " dev " + link);
        startBesideBlue(plain(Mode.NODE_PORT));
        String ip = address.substring(0, address.indexOf('/'));
        world.create(red, "red/web", service -> annotated(service, "littlelb.io/addresses", ip));
        world.awaitReason("red/web", "littlelb.io/Allocated", "AddressIsHosts");
        assertThat(world.addresses()).doesNotContain(ip + "/");

        world.network.ip("addr del " + address + " dev " + link);
        world.awaitIngress("red/web", ip);
        world.network.ip("addr add " + address + " dev " + link);

        world.awaitReason("red/web", "littlelb.io/Allocated", "AddressIsHosts");
        awaitTrue(() -> !world.addresses().contains(ip + "/"));
        awaitTrue(() -> world.ingress("red/web").isEmpty());
        awaitMoreOfBlue();
    }

    @Test
    void aSecondAddressOfTheHostIsUsedUnlessTheAdministratorRefusesAndWithoutItsReservedPorts() throws Exception {
        world.network.ip("addr add 198.18.0.2/24 dev veth0");
        startBesideBlue(plain(Mode.NODE_PORT));
        world.create(red, "red/web", service -> asks(service, "198.18.0.2"));
        world.awaitIngress("red/web", "198.18.0.2");
        world.create(red, "red/api", service -> asks(service, "198.18.0.3", 6_443));
        world.awaitIngress("red/api", "198.18.0.3");
        world.edit("red/api", service -> asks(service, "198.18.0.1", 6_443));
        world.awaitReason("red/api", "littlelb.io/Programmed", "PortReserved");
        awaitMoreOfBlue();
        blueWasServedAllTheWhile();
        world.loadBalancer.close();

        world.start(plain(Mode.NODE_PORT)
                .within(new Boundaries(DEFAULTS.reservedPorts(), false, false, DEFAULTS.portsPerService())));

        world.awaitReason("red/web", "littlelb.io/Allocated", "AddressIsHosts");
        assertThat(message("red/web", "littlelb.io/Allocated")).contains("--host-addresses");
        assertThat(world.addresses()).as("it is the host's").contains("198.18.0.2/24");
    }

    @Test
    void onlyPoolsAreGivenAndEachToItsNamespaces() throws Exception {
        startBesideBlue(plain(Mode.NODE_PORT)
                .within(new Boundaries(DEFAULTS.reservedPorts(), true, true, DEFAULTS.portsPerService()))
                .giving(
                        new AddressPool("blues", Set.of("blue"), ranges("198.18.0.16/28")),
                        new AddressPool("reds", Set.of("red"), ranges("198.18.0.64/30"))));

        world.create(red, "red/free", service -> asks(service, "198.18.0.9"));
        world.create(red, "red/of-blue", service -> asks(service, "198.18.0.21"));
        world.create(red, "red/of-pool", service -> annotated(service, "littlelb.io/pool", "blues"));
        world.create(red, "red/any", service -> service);

        world.awaitReason("red/free", "littlelb.io/Allocated", "NotFromPool");
        world.awaitReason("red/of-blue", "littlelb.io/Allocated", "NotFromPool");
        world.awaitReason("red/of-pool", "littlelb.io/Allocated", "InvalidAnnotation");
        assertThat(message("red/of-pool", "littlelb.io/Allocated"))
                .contains("there is no pool \"blues\"")
                .doesNotContain("198.18.0.16");
        world.awaitIngress("red/any", "198.18.0.64");
        awaitMoreOfBlue();
    }

    // 9.7, 9.8, 9.11

    @ParameterizedTest
    @ValueSource(
            strings = {
                "littlelb.io/addresses",
                "littlelb.io/pool",
                "littlelb.io/proxy-protocol",
                "littlelb.io/allow-shared-ip"
            })
    void whatATenantWritesForgesNoLineAndIsCut(String annotation) throws Exception {
        String evil = "198.18.0.9\n2026-01-01 ERROR forged\r\u001b[31m\u202e\u0085\u2028" + "x".repeat(200_000);
        try (LogCapture log = LogCapture.of("io.littlelb")) {
            startBesideBlue(
                    plain(Mode.NODE_PORT).giving(new AddressPool("default", Set.of(), ranges("198.18.0.64/30"))));

            world.create(red, "red/evil", service -> annotated(asks(service, ""), annotation, evil));

            awaitTrue(() -> !world.get("red/evil").getStatus().getConditions().isEmpty());
            world.create(blue, "blue/late", service -> asks(service, "198.18.0.21"));
            world.awaitIngress("blue/late", "198.18.0.21");
            assertThat(world.get("red/evil").getStatus().getConditions())
                    .extracting(Condition::getMessage)
                    .allSatisfy(TenantsContract::isTame);
            assertThat(world.events("red/evil"))
                    .extracting(event -> event.getNote())
                    .allSatisfy(TenantsContract::isTame);
            assertThat(log.lines()).isNotEmpty().allSatisfy(TenantsContract::isTame);
        }
        awaitMoreOfBlue();
    }

    private static void isTame(String text) {
        assertThat(text).doesNotContainPattern("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029\\u202a-\\u202e]");
        assertThat(text.length()).isLessThan(1_000);
    }

    @Test
    void charactersThatYamlDoesNotKnowBreakNoWatch() throws Exception {
        startBesideBlue(plain(Mode.NODE_PORT));

        for (int i = 0; i < 5; i++) {
            String name = "red/odd-" + i;
            world.create(red, name, service -> annotated(service, "example.com/odd", "\u007f\u0080\u0085\u009f\ufffe"));
            String ip = "198.18.0." + (30 + i);
            String next = "blue/next-" + i;
            world.create(blue, next, service -> asks(service, ip));
            world.awaitIngress(next, ip);
        }
        awaitMoreOfBlue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "１９８.18.0.64",
                "::ffff:198.18.0.63",
                "198.18.0.064",
                "198.18.1600",
                "2001:db8::9%veth0",
                "0xc6.18.0.9",
                " 198.18.0.9"
            })
    void anotherSpellingOfAnAddressIsNoAddress(String spelling) throws Exception {
        startBesideBlue(plain(Mode.NODE_PORT));

        world.create(red, "red/web", service -> asks(service, spelling));

        world.awaitReason("red/web", "littlelb.io/Allocated", "InvalidAddress");
        awaitMoreOfBlue();
    }

    // 5.3

    /** All that a tenant can write of whose his annotation is, beside the status, which he may not write. */
    enum Forgery {
        /** He writes our annotation. */
        ANNOTATION,
        /** He applies it under our name. */
        APPLIED_AS_US,
        /** He says with it, in the same request, that we have written it, through the status. */
        WITH_MANAGED_FIELDS,
        /** He makes a Service of which he says that. */
        CREATED_WITH_MANAGED_FIELDS,
        /** He writes a status of which he says that, without the right to. */
        STATUS_OF_THE_OBJECT
    }

    @ParameterizedTest
    @EnumSource
    void whoForgesThatWeGaveHimAnAddressHasItNotAfterARestart(Forgery forgery) throws Exception {
        world.start(giving("198.18.0.64-198.18.0.67"));
        createThiefAndHolder();
        world.loadBalancer.close();
        boolean isYounger = forgery == Forgery.CREATED_WITH_MANAGED_FIELDS; // so that age does not tell

        forge(forgery, "red/thief", isYounger ? "198.18.0.66" : "198.18.0.65");
        world.start(giving("198.18.0.64-198.18.0.67"));

        world.awaitIngress("blue/holder", "198.18.0.65");
        world.awaitIngress("red/thief", "198.18.0.64");
        assertThat(world.ask("198.18.0.65", 80)).isEqualTo("holder");
    }

    /** What managedFields say can be forged in two requests; what the ingress shows cannot, and it goes before them. */
    @Test
    void whileTheIngressShowsWhoHasAnAddressNoForgeryCounts() throws Exception {
        world.start(giving("198.18.0.64-198.18.0.67"));
        createThiefAndHolder();
        kill();

        forgeInTwoRequests("red/thief", "198.18.0.65");
        world.start(giving("198.18.0.64-198.18.0.67"));

        await().ignoreExceptions().until(() -> world.ask("198.18.0.65", 80).equals("holder"));
        awaitTrue(() -> world.ingress("blue/holder").equals(List.of("198.18.0.65")));
        assertThat(world.ingress("red/thief")).doesNotContain("198.18.0.65");
    }

    /** The limit of what is defended, docs/security.md: all of an object's metadata is its writer's, and a clean stop leaves nothing else behind. */
    @Test
    void betweenACleanStopAndTheNextStartAForgeryInTwoRequestsIsBelieved() throws Exception {
        world.start(giving("198.18.0.64-198.18.0.67"));
        createThiefAndHolder();
        world.loadBalancer.close();

        forgeInTwoRequests("red/thief", "198.18.0.65");
        world.start(giving("198.18.0.64-198.18.0.67"));

        world.awaitIngress("red/thief", "198.18.0.65");
        awaitTrue(() -> world.ingress("blue/holder").size() == 1);
    }

    /** The thief's Service is the older one, so where evidence is equal it is his. */
    private void createThiefAndHolder() {
        world.create(red, "red/thief", service -> service);
        world.awaitIngress("red/thief", "198.18.0.64");
        Instant created = Instant.parse(world.get("red/thief").getMetadata().getCreationTimestamp());
        awaitTrue(() -> Instant.now().getEpochSecond() > created.getEpochSecond());
        world.create(blue, "blue/holder", service -> service);
        world.awaitIngress("blue/holder", "198.18.0.65");
    }

    @Test
    void aTenantWritesNoStatus() {
        world.create(red, "red/thief", service -> service);

        assertThatThrownBy(() -> service(red, "red/thief")
                        .subresource("status")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"198.18.0.65\"}]}}}"))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refused -> assertThat(refused.getCode()).isEqualTo(403));
        assertThatThrownBy(() -> world.create(red, "blue/web", service -> service))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refused -> assertThat(refused.getCode()).isEqualTo(403));
    }

    /** Nothing is taken back, as when a process is killed: nobody answers whom that could be said to. */
    private void kill() throws Exception {
        world.cluster.goAway();
        world.loadBalancer.close();
        world.cluster.comeBack();
    }

    private void forge(Forgery forgery, String name, String ip) {
        switch (forgery) {
            case ANNOTATION -> service(red, name).edit(service -> annotated(service, ALLOCATED, ip));
            case APPLIED_AS_US ->
                red.resource(new ServiceBuilder()
                                .withNewMetadata()
                                .withNamespace(key(name).namespace())
                                .withName(key(name).name())
                                .addToAnnotations(ALLOCATED, ip)
                                .endMetadata()
                                .build())
                        .patch(new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager("littlelb")
                                .withForce(true)
                                .build());
            case WITH_MANAGED_FIELDS ->
                red.resource(saidToBeOurs(annotated(service(red, name).get(), ALLOCATED, ip)))
                        .update();
            case CREATED_WITH_MANAGED_FIELDS -> {
                service(red, name).delete();
                world.create(red, name, service -> saidToBeOurs(annotated(service, ALLOCATED, ip)));
            }
            case STATUS_OF_THE_OBJECT ->
                red.resource(saidToBeOurs(new ServiceBuilder(service(red, name).get())
                                .withNewStatus()
                                .withNewLoadBalancer()
                                .addNewIngress()
                                .withIp(ip)
                                .endIngress()
                                .endLoadBalancer()
                                .endStatus()
                                .build()))
                        .update();
        }
    }

    /** First what is to be believed, and then, without another change, who is to have written it. */
    private void forgeInTwoRequests(String name, String ip) {
        service(red, name).edit(service -> annotated(service, ALLOCATED, ip));
        red.resource(saidToBeOurs(service(red, name).get())).update();
        assertThat(world.get(name).getMetadata().getManagedFields())
                .as("what this is about")
                .anySatisfy(entry -> assertThat(entry.getManager() + entry.getSubresource() + entry.getFieldsV1())
                        .contains("littlelb", "status", ALLOCATED));
    }

    private static Service saidToBeOurs(Service service) {
        FieldsV1 fields = new FieldsV1();
        fields.setAdditionalProperty("f:metadata", Map.of("f:annotations", Map.of("f:" + ALLOCATED, Map.of())));
        fields.setAdditionalProperty("f:status", Map.of("f:loadBalancer", Map.of("f:ingress", Map.of())));
        ManagedFieldsEntry forged = new ManagedFieldsEntryBuilder()
                .withManager("littlelb")
                .withOperation("Apply")
                .withApiVersion("v1")
                .withSubresource("status")
                .withFieldsType("FieldsV1")
                .withTime("2024-01-01T00:00:00Z")
                .withFieldsV1(fields)
                .build();
        return new ServiceBuilder(service)
                .editMetadata()
                .withManagedFields(forged)
                .endMetadata()
                .build();
    }

    private String message(String service, String type) {
        return world.condition(service, type).orElseThrow().getMessage();
    }
}
