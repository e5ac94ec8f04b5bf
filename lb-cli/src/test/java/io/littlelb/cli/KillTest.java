package io.littlelb.cli;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.process.LbProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program is killed at random moments while Services change and the host's own addresses come and go: while it is dead the host has its routes, and
 * once it is back there is what is asked for, nothing twice and nothing left over.
 *
 * <p>{@code -Dkill.seed} repeats the choices of a run, {@code -Dkill.times} says how often.
 */
@ExtendWith(InNetworkNamespace.class)
class KillTest {
    private static final String HOST = "198.18.0.1/24";
    private static final String HOST_6 = "2001:db8::1/64";
    private static final int SERVICES = 20;

    /** Nobody ever releases it: what passes while it is waited for is time. */
    private final Semaphore never = new Semaphore(0);

    private final Set<String> wanted = new TreeSet<>();
    private NetworkNamespace network;
    private Random random;

    @TempDir
    private Path directory;

    @Test
    void leavesTheHostItsRoutesAndNothingOverWheneverItIsKilled(NetworkNamespace home) throws Exception {
        network = home;
        long seed = Long.getLong("kill.seed", System.nanoTime());
        int times = Integer.getInteger("kill.times", 3);
        random = new Random(seed);
        network.ip("link add veth0 type veth peer name veth1");
        network.execute(List.of("sysctl", "-q", "-w", "net.ipv4.conf.veth0.promote_secondaries=1"));
        network.ip("link set veth0 up");
        network.ip("link set veth1 up");
        network.ip("addr add " + HOST + " brd + dev veth0");
        network.ip("addr add " + HOST_6 + " dev veth0 nodad");
        changeServices();
        int unsettled = 0;
        for (int i = 0; i < times; i++) {
            try (LbProcess lb = start()) {
                liveThrough(lb);
                lb.kill();
            }
            unsettled += shown().equals(expected()) ? 0 : 1;
            renewTheHostsAddress();
            assertThat(routes()).as("seed " + seed + ", after kill " + i).containsExactly("198.18.0.0/24 198.18.0.1");
            assertThat(source("198.18.0.200")).isEqualTo("198.18.0.1");
            assertThat(source("2001:db8::200")).isEqualTo("2001:db8::1");
        }
        LbProcess last = start();
        await().alias("seed " + seed)
                .atMost(Duration.ofSeconds(60))
                .pollInSameThread()
                .untilAsserted(() -> assertThat(shown()).isEqualTo(expected()));
        await().pollInSameThread().untilAsserted(() -> {
            assertThat(routes()).containsExactly("198.18.0.0/24 198.18.0.1");
            assertThat(source("224.1.1.1")).isEqualTo("198.18.0.1");
        });
        assertThat(last.terminate()).isZero();
        assertThat(shown()).containsExactlyInAnyOrder(HOST, HOST_6);
        System.out.println(
                "kill: seed " + seed + ", killed " + times + " times, " + unsettled
                        + " of them with something still to do; nothing left over, nothing twice, the host's routes as they were");
    }

    /** For a random time, in which Services change, and the lease of the host's address ends. */
    private void liveThrough(LbProcess lb) throws Exception {
        await().atMost(Duration.ofSeconds(30))
                .pollInSameThread()
                .until(() -> !lb.output().isEmpty());
        for (int i = random.nextInt(6); i > 0; i--) {
            pass(random.nextInt(400));
            changeServices();
            if (random.nextInt(3) == 0) {
                renewTheHostsAddress();
            }
        }
        pass(random.nextInt(2_000)); // in which all may have been done
    }

    private void pass(int millis) throws InterruptedException {
        assertThat(never.tryAcquire(millis, TimeUnit.MILLISECONDS)).isFalse();
    }

    private void changeServices() throws IOException {
        wanted.clear();
        for (int i = 0; i < SERVICES; i++) {
            if (random.nextBoolean()) {
                wanted.add(random.nextInt(4) == 0 ? "2001:db8::" + (100 + i) : "198.18.0." + (100 + i));
            }
        }
        String services = wanted.stream()
                .map(ip -> "{name: s" + ip.substring(ip.length() - 3) + ", address: \"" + ip
                        + "\", ports: [{port: 80, backends: [\"127.0.0.1:9\"]}]}")
                .collect(joining(", ", "services: [", "]"));
        Path written = Files.writeString(directory.resolve("services.yaml.new"), services);
        Files.move(written, directory.resolve("services.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private void renewTheHostsAddress() {
        network.ip("addr del " + HOST + " dev veth0");
        network.ip("addr add " + HOST + " brd + dev veth0");
    }

    private LbProcess start() throws IOException {
        return network.call(() -> LbProcess.start(
                directory,
                "run",
                "--linkdevice=veth0",
                "--drain-timeout=1s",
                "--source=file:" + directory.resolve("services.yaml")));
    }

    private Set<String> expected() {
        return Stream.concat(
                        Stream.of(HOST, HOST_6), wanted.stream().map(ip -> ip + (ip.contains(":") ? "/128" : "/32")))
                .collect(toCollection(TreeSet::new));
    }

    /** As often as they are there. */
    private List<String> shownAll() {
        return network.execute(
                        List.of("sh", "-c", "ip -o addr show dev veth0 scope global | tr -s ' ' | cut -d' ' -f4"))
                .lines()
                .toList();
    }

    private Set<String> shown() {
        List<String> all = shownAll();
        Set<String> each = new TreeSet<>(all);
        assertThat(each).hasSameSizeAs(all);
        return each;
    }

    /** Those to the subnet of the link, with their source. */
    private List<String> routes() {
        return network.ip("-4 route show dev veth0")
                .lines()
                .filter(route -> route.startsWith("198.18.0.0/24"))
                .map(route -> "198.18.0.0/24 " + route.replaceAll(".* src ([0-9.]+).*", "$1"))
                .toList();
    }

    private String source(String destination) {
        return network.ip("route get " + destination + " oif veth0")
                .lines()
                .findFirst()
                .orElseThrow()
                .replaceAll(".* src ([0-9a-f.:]+).*", "$1");
    }
}
