package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.PortBackends;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ReservedPorts;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceSpec;
import io.littlelb.core.model.Settings;
import io.littlelb.file.Look;
import io.littlelb.testkit.memory.InMemoryAddressManager;
import io.littlelb.testkit.memory.InMemoryCluster;
import io.littlelb.testkit.memory.InMemoryForwarder;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The file of {@code --config}, read again while Services are served. */
@ExtendWith(InNetworkNamespace.class)
final class ReloadTest {
    private static final String ALWAYS = "linkdevice: veth0\nsource: file:/nowhere\n";
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final PortBackends BACKENDS = PortBackends.ofBoth(
            new Backends.Listed(List.of(Backend.parse("198.18.0.21:8080").orElseThrow())));

    private final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryAddressManager addresses = new InMemoryAddressManager(new Link(
            "veth0", 7, Link.State.UP, List.of(Cidr.parse("198.18.0.1/24").orElseThrow()), Set.of()));
    private final LoadBalancer loadBalancer = LoadBalancer.builder(cluster, addresses, new InMemoryForwarder())
            .statuses(cluster)
            .build();

    @TempDir
    private Path directory;

    private RunOptions options;
    private Reload reload;

    @BeforeEach
    void start(NetworkNamespace network) throws Exception {
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
        write("pool: 198.18.0.64/30\ndrain-timeout: 5s\n");
        options = RunOptions.read(List.of("run", "--config", file().toString(), "--loops=2"));
        options.logging();
        loadBalancer.reconfigure(settings(options));
        reload = new Reload(options, loadBalancer, Optional.empty());
        loadBalancer.start();
    }

    @AfterEach
    void close() {
        loadBalancer.close();
        options.logging().close();
    }

    @Test
    void theNextPassGivesAddressesOfThePoolsThatThereAreNow() throws Exception {
        write("pool: [198.18.0.80/30]\ndrain-timeout: 1s\nmax-ports-per-service: 7\n");

        Reload.Flags result = reloaded();

        assertThat(result.applied()).containsExactly("drain-timeout", "max-ports-per-service", "pool");
        assertThat(result.needRestart()).isEmpty();
        assertThat(result).hasToString("drain-timeout, max-ports-per-service, pool changed");
        assertThat(loadBalancer.settings().drainTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(loadBalancer.settings().boundaries().portsPerService()).isEqualTo(7);
        cluster.put(ServiceSpec.named("default/web").tcp(80).build().spec(), BACKENDS);
        await().untilAsserted(() -> assertThat(addresses.addresses())
                .anyMatch(address -> Addresses.print(address.cidr().address()).equals("198.18.0.80")));
    }

    @Test
    void whatIsServedIsHeldToTheBoundariesThatThereAreNow() throws Exception {
        cluster.put(
                ServiceSpec.named("default/web")
                        .address("198.18.0.9")
                        .tcp(80)
                        .build()
                        .spec(),
                BACKENDS);
        await().until(addresses::isPending);
        addresses.settle();
        await().until(() -> !cluster.status(WEB).ingress().isEmpty());

        write("pool: 198.18.0.64/30\ndrain-timeout: 5s\nonly-pools: true\n");
        reload.reload();

        await().untilAsserted(() -> assertThat(cluster.status(WEB).conditions())
                .anyMatch(condition ->
                        condition.problem().filter(Reason.NotFromPool::equals).isPresent()));
        assertThat(loadBalancer
                        .explain(WEB)
                        .orElseThrow()
                        .problem()
                        .orElseThrow()
                        .reason())
                .isEqualTo(Reason.NotFromPool);
    }

    @Test
    void aFileWithAnythingWrongIsRefusedWhole() throws Exception {
        Settings before = loadBalancer.settings();

        write("drain-timeout: 1s\npool: 192.0.2.0/28\n");
        assertThat(reloaded().refused())
                .hasValueSatisfying(why -> assertThat(why)
                        .startsWith(file() + ": pool 192.0.2.0-192.0.2.15 lies in no subnet of link veth0"));
        write("drain-timeout: 1s\ndrian-timeout: 1s\n");
        assertThat(reloaded().refused())
                .hasValueSatisfying(why -> assertThat(why).startsWith(file() + ": drian-timeout: no such key"));
        write("drain-timeout: soon\n");
        assertThat(reloaded().refused())
                .hasValueSatisfying(
                        why -> assertThat(why).startsWith(file() + ": drain-timeout: 'soon' is no duration"));
        Files.delete(file());
        Reload.Flags gone = reloaded();

        assertThat(gone)
                .hasToString("--config " + file() + ": there is no such file; what was in force stays in force");
        assertThat(gone.applied()).isEmpty();
        assertThat(loadBalancer.settings()).isEqualTo(before);
    }

    @Test
    void whatNeedsARestartIsNamedUntilItIsMadeAndTheRestIsApplied() throws Exception {
        write("pool: 198.18.0.64/30\ndrain-timeout: 2s\nconnect-timeout: 9s\nloops: 4\n");

        assertThat(reload.reload()).hasToString("drain-timeout changed; connect-timeout will change with a restart");
        assertThat(reload.reload()).hasToString("connect-timeout will change with a restart");
        assertThat(loadBalancer.settings().drainTimeout()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theLogChangesAndALevelSetMeanwhileStaysUntilTheFileSaysAnother() throws Exception {
        options.logging().levels().set("warn");
        write("pool: 198.18.0.64/30\ndrain-timeout: 2s\naccess-log: errors\nlog-format: json\n");
        assertThat(reloaded().applied()).containsExactly("access-log", "drain-timeout", "log-format");
        assertThat(options.logging().levels().current()).isEqualTo("warn");

        write("pool: 198.18.0.64/30\ndrain-timeout: 2s\ndebug: true\n");
        assertThat(reloaded().applied()).containsExactly("access-log", "debug", "log-format");
        assertThat(options.logging().levels().current()).isEqualTo("debug");
    }

    /** Of the command line; what the file says of it is no matter, also when it is read again. */
    @Test
    void aFlagStaysOnWhenTheFileTurnsItOnToo() throws Exception {
        RunOptions given = RunOptions.read(List.of("run", "--config", file().toString(), "--only-pools", "--debug"));
        loadBalancer.reconfigure(settings(given));
        Reload ofGiven = new Reload(given, loadBalancer, Optional.empty());
        write("pool: 198.18.0.64/30\ndrain-timeout: 5s\nonly-pools: true\ndebug: true\n");

        assertThat(ofGiven.reload()).hasToString("no key has changed");
        assertThat(loadBalancer.settings().boundaries().onlyPools()).isTrue();
    }

    @Test
    void theServicesFileIsReadTooAndWhatIsWrongWithItIsTold() throws Exception {
        Path services = Path.of("/nowhere");
        Look good = new Look(services, true, 2, Optional.empty());
        Look bad = new Look(services, false, 2, Optional.of("services: expected a list"));

        Reload.Result read = new Reload(options, loadBalancer, Optional.of(() -> good)).reload();
        assertThat(read).hasToString("no key has changed; /nowhere was read again: 2 Services");
        assertThat(read.isDone()).isTrue();
        Reload.Result refused = new Reload(options, loadBalancer, Optional.of(() -> bad)).reload();
        assertThat(refused)
                .hasToString(
                        "no key has changed; /nowhere: services: expected a list; what was in force stays in force");
        assertThat(refused.isDone()).isFalse();
    }

    @Test
    void whereThereIsNoFileThereIsNothingToDo() throws Exception {
        RunOptions flags = RunOptions.read(List.of("run", "--linkdevice=veth0"));

        Reload.Result result = new Reload(flags, loadBalancer, Optional.empty()).reload();

        assertThat(result).hasToString("there is nothing to read again: no --config, and Services come from a cluster");
        assertThat(result.isDone()).isFalse();
    }

    /** Of net.ipv4.ip_local_reserved_ports, say, which is read where the flag has its default. */
    @Test
    void portsStayAsTheyAreWhereNobodyChangesTheFlag() throws Exception {
        ReservedPorts before = loadBalancer.settings().boundaries().reservedPorts();
        Files.writeString(Path.of("/proc/sys/net/ipv4/ip_local_reserved_ports"), "179,2380");
        write("pool: 198.18.0.64/30\ndrain-timeout: 2s\n");
        assertThat(reloaded()).hasToString("drain-timeout changed");
        Files.writeString(Path.of("/proc/sys/net/ipv4/ip_local_reserved_ports"), "9999");
        write("pool: 198.18.0.64/30\ndrain-timeout: 3s\n");
        assertThat(reloaded()).hasToString("drain-timeout changed");

        assertThat(loadBalancer.settings().drainTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(loadBalancer.settings().boundaries().reservedPorts()).isEqualTo(before);
    }

    @Test
    void theLinkOfTheDefaultRouteIsSettledAtTheStart(NetworkNamespace network) throws Exception {
        network.ip("link set veth1 up");
        network.ip("route add default via 198.18.0.254 dev veth0");
        String always = "linkdevice: auto\nsource: file:/nowhere\n";
        Files.writeString(file(), always + "drain-timeout: 5s\n");
        RunOptions auto = RunOptions.read(List.of("run", "--config", file().toString()));
        loadBalancer.reconfigure(settings(auto));
        Reload ofAuto = new Reload(auto, loadBalancer, Optional.empty());
        network.ip("route del default");
        Files.writeString(file(), always + "drain-timeout: 2s\n");

        assertThat(ofAuto.reload()).hasToString("drain-timeout changed");
        Files.writeString(file(), "linkdevice: lo\nsource: file:/nowhere\ndrain-timeout: 1s\n");
        assertThat(ofAuto.reload().isDone()).isFalse();
    }

    @Test
    void portsAreReservedAnew() throws Exception {
        write("pool: 198.18.0.64/30\ndrain-timeout: 5s\nreserved-ports: 22,8443\n");
        assertThat(reloaded().applied()).containsExactly("reserved-ports");
        assertThat(loadBalancer
                        .settings()
                        .boundaries()
                        .reservedPorts()
                        .everywhere()
                        .contains(8443))
                .isTrue();
    }

    /** Which ports of the host are watched is settled at the start. */
    @Test
    void portsThatWereNotLookedOutForAreReservedWithARestart() throws Exception {
        write("pool: 198.18.0.64/30\nreserved-ports: 22\n");
        RunOptions few = RunOptions.read(List.of("run", "--config", file().toString()));
        loadBalancer.reconfigure(settings(few));
        Reload ofFew = new Reload(few, loadBalancer, Optional.empty());
        write("pool: 198.18.0.64/30\nonly-pools: true\n");

        assertThat(ofFew.reload()).hasToString("only-pools changed; reserved-ports will change with a restart");
        assertThat(loadBalancer.settings().boundaries().reservedPorts())
                .isEqualTo(few.serving().boundaries().reservedPorts());
        assertThat(loadBalancer.settings().boundaries().onlyPools()).isTrue();
    }

    private Reload.Flags reloaded() {
        return reload.reload().flags().orElseThrow();
    }

    private static Settings settings(RunOptions options) throws Exception {
        return new Settings(options.serving().pools().pools(), options.serving().boundaries(), options.drainTimeout());
    }

    private void write(String keys) throws IOException {
        Files.writeString(file(), ALWAYS + keys);
    }

    private Path file() {
        return directory.resolve("lb.yaml");
    }
}
