package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import io.littlelb.testkit.process.LbProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The program with a file of its flags, as a process of its own that is told to read it again. */
@ExtendWith(InNetworkNamespace.class)
final class ConfiguredRunTest {
    @TempDir
    private Path directory;

    private NetworkNamespace network;
    private TcpServer backend;

    @BeforeEach
    void makeALink(NetworkNamespace home) throws IOException {
        network = home;
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("link set veth1 up");
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
        Files.writeString(
                directory.resolve("services.yaml"),
                "services: [{name: web, ports: [{port: 80, backends: ['127.0.0.1:9001']}]}]");
        backend = TcpServer.start(InetAddresses.forString("127.0.0.1"), 9001, TcpServer.greeting("hi"));
    }

    @AfterEach
    void stopTheBackend() throws IOException {
        backend.close();
    }

    @Test
    void movesAServiceToAnotherPoolAndWritesJsonAtSighup() throws Exception {
        config("pool: 198.18.0.64/30\n");
        try (LbProcess lb = LbProcess.start(directory, "run", "--config", file().toString())) {
            awaitTrue(() -> answers("198.18.0.64"));
            assertThat(lb.output()).contains("default/web: port 80 open on 198.18.0.64, 1 backend");

            config("pool: 198.18.0.80/30\nlog-format: json\nloops: 2\n");
            hangUp(lb);

            awaitTrue(() -> lb.output().contains("log-format, pool changed; loops will change with a restart"));
            awaitTrue(() -> answers("198.18.0.80"));
            awaitTrue(() -> !network.ip("addr show dev veth0").contains("198.18.0.64/"));
            assertThat(lb.terminate()).isZero();
            List<String> json =
                    lb.output().lines().filter(line -> line.startsWith("{")).toList();
            assertThat(json)
                    .hasSizeGreaterThan(3)
                    .allSatisfy(line -> JsonMapper.shared().readTree(line));
        }
    }

    @Test
    void staysAsItIsAtSighupWhenTheFileIsWrong() throws Exception {
        config("pool: 198.18.0.64/30\n");
        try (LbProcess lb = LbProcess.start(directory, "run", "--config", file().toString())) {
            awaitTrue(() -> answers("198.18.0.64"));

            config("pol: 198.18.0.80/30\n");
            hangUp(lb);

            awaitTrue(() ->
                    lb.output().contains("WARN  Not reloaded: " + file() + ": pol: no such key; did you mean pool"));
            assertThat(answers("198.18.0.64")).isTrue();
            assertThat(lb.terminate()).isZero();
        }
    }

    private void config(String keys) throws IOException {
        Files.writeString(
                file(),
                "linkdevice: veth0\nconflict-probe: off\ndrain-timeout: 1s\nadmin-socket: off\nmetrics-address: off\n"
                        + "source: file:" + directory.resolve("services.yaml") + "\n" + keys);
    }

    private Path file() {
        return directory.resolve("lb.yaml");
    }

    private void hangUp(LbProcess lb) {
        network.execute(List.of("kill", "-HUP", Long.toString(lb.pid())));
    }

    private static boolean answers(String ip) {
        try {
            return Traffic.ask(ip, 80).equals("hi");
        } catch (Exception notYet) {
            return false;
        }
    }

    private static void awaitTrue(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20)).pollInSameThread().until(condition);
    }
}
