package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.admin.view.BackendsView;
import io.littlelb.admin.view.ConnectionsView;
import io.littlelb.admin.view.EndedView;
import io.littlelb.admin.view.Json;
import io.littlelb.admin.view.ServicesView;
import io.littlelb.admin.view.StatusView;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.net.Traffic;
import io.littlelb.testkit.process.LbProcess;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** An operator's questions and orders, to a program that serves real clients. */
@ExtendWith(InNetworkNamespace.class)
final class OperatingTest {
    @TempDir
    private Path directory;

    private NetworkNamespace network;
    private LbProcess lb;
    private TcpServer backend;

    @BeforeEach
    void serve(NetworkNamespace home) throws IOException {
        network = home;
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("link set veth1 up");
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
        network.ip("addr add fd00::1/64 dev veth0 nodad");
        services("['127.0.0.1:9001', '127.0.0.1:9002']"); // at the second one nobody listens
        backend = TcpServer.start(InetAddresses.forString("127.0.0.1"), 9001, TcpServer.echo());
        lb = LbProcess.start(
                directory,
                "run",
                "--linkdevice=veth0",
                "--conflict-probe=off",
                "--drain-timeout=1s",
                "--access-log=all",
                "--pool=198.18.0.64/28",
                "--source=file:" + directory.resolve("services.yaml"));
        awaitTrue(() -> status().services().served() == 2);
    }

    @AfterEach
    void stop() throws Exception {
        lb.close();
        backend.close();
    }

    private void services(String backends) throws IOException {
        Files.writeString(
                directory.resolve("services.yaml"),
                "services:\n"
                        + "- {name: web, address: [198.18.0.9, 'fd00::9'], ports: [{port: 80, backends: " + backends
                        + "}]}\n"
                        + "- {name: mail, address: 198.18.0.9, ports: [{port: 25, backends: ['127.0.0.1:9001']}]}\n"
                        + "- {name: any, ports: [{port: 81, backends: ['127.0.0.1:9001']}]}\n");
    }

    @Test
    void tenQuestionsAreAnsweredInOneCommandEach() throws Exception {
        assertThat(Traffic.tell("198.18.0.9", 80, "hello")).isEqualTo("hello");
        assertThat(Traffic.tell("fd00::9", 80, "hello")).isEqualTo("hello");
        try (Socket held = new Socket("198.18.0.9", 80)) {
            held.getOutputStream().write("more".getBytes(StandardCharsets.UTF_8));
            assertThat(held.getInputStream().readNBytes(4)).isEqualTo("more".getBytes(StandardCharsets.UTF_8));

            assertThat(lb("status").status()).isEqualTo(1); // mail is not served
            assertThat(lb("services").out()).contains("default/web").contains("AddressInUse");
            assertThat(lb("addresses").out())
                    .containsPattern("198.18.0.9 +veth0 +ours +default/web")
                    .contains("fd00::9");
            assertThat(lb("explain", "mail").out()).startsWith("default/mail is not served: AddressInUse: ");
            assertThat(lb("explain", "-f", manifest()).out()).startsWith("default/new would be served");
            awaitTrue(() -> lb("backends", "web").out().contains("ejected")); // by whom was sent there
            awaitTrue(() -> json(ConnectionsView.class, "connections").connections().stream()
                    .anyMatch(each -> each.bytesIn() == 4 && each.state().equals("relaying")));
            assertThat(lb("top", "--once").out()).contains("default/web");
            assertThat(lb("events").out()).contains("default/web").contains("198.18.0.9");
        }
        awaitTrue(() -> json(EndedView.class, "connections", "--ended").ended().size() == 3);
        assertThat(json(EndedView.class, "connections", "--ended").ended())
                .extracting(each -> each.ending())
                .containsExactly("client_closed", "client_closed", "client_closed");
        awaitTrue(() -> lb.output().contains("end=client_closed"));
        assertThat(json(BackendsView.class, "backends", "web").backends())
                .anyMatch(each -> each.backend().equals("127.0.0.1:9002")
                        && each.ejection()
                                .filter(it -> it.why().contains("ECONNREFUSED"))
                                .isPresent());
    }

    @Test
    void aServiceIsDrainedUndrainedAndAClientDisconnected() throws Exception {
        try (Socket held = new Socket("198.18.0.9", 80)) {
            held.setSoTimeout(20_000);
            held.getOutputStream().write('x');
            assertThat(held.getInputStream().read()).isEqualTo('x');

            assertThat(lb("drain", "web").status()).isZero();
            awaitTrue(() -> refuses("198.18.0.9"));
            held.getOutputStream().write('y');
            assertThat(held.getInputStream().read())
                    .as("what is established goes on")
                    .isEqualTo('y');
            assertThat(lb("explain", "web").out()).startsWith("default/web is not served: Drained: ");

            assertThat(lb("undrain", "web").status()).isZero();
            awaitTrue(() -> !refuses("198.18.0.9"));
            assertThat(lb("disconnect", "--client", "198.18.0.9").out()).startsWith("1 connection");
            assertThat(ends(held)).isTrue();
        }
        awaitTrue(() -> json(EndedView.class, "connections", "--ended", "--ending", "disconnected")
                        .ended()
                        .size()
                == 1);
        assertThat(lb("disconnect", "--client", "198.18.0.9").status()).isEqualTo(1);
    }

    @Test
    void theFileIsReadAgainAndTheLogsLevelChanged() throws Exception {
        services("['127.0.0.1:9001']");
        assertThat(lb("reload").status()).isZero();
        Path file = directory.resolve("services.yaml");
        assertThat(lb("reload").out()).isEqualTo(file + " is in force as it is: 3 Services\n");
        Files.writeString(file, "services: {}");
        assertThat(lb("reload"))
                .isEqualTo(new Asked.Said(
                        1, file + ": services: expected a list; what was in force stays in force\n", ""));
        services("['127.0.0.1:9001']");
        assertThat(lb("reload").status()).isZero();
        awaitTrue(() -> json(BackendsView.class, "backends", "web").backends().size() == 2); // one of each family

        assertThat(lb("log-level", "debug").status()).isZero();
        assertThat(lb("log-level").out()).isEqualTo("debug\n");
        assertThat(lb("log-level", "loud").status()).isEqualTo(2);
    }

    @Test
    void aSecondInstanceOfAnotherLinkLeavesTheSocketToTheFirstAndServes() throws Exception {
        network.ip("link add veth2 type veth peer name veth3");
        network.ip("link set veth2 up");
        network.ip("link set veth3 up");
        network.ip("addr add 198.18.1.1/24 brd + dev veth2");
        Path other = Files.writeString(
                directory.resolve("other.yaml"),
                "services: [{name: other, address: 198.18.1.9, ports: [{port: 80, backends: ['127.0.0.1:9001']}]}]");
        try (LbProcess second = LbProcess.start(
                directory,
                "run",
                "--linkdevice=veth2",
                "--conflict-probe=off",
                "--admin-socket=" + lb.adminSocket(),
                "--source=file:" + other)) {
            awaitTrue(() -> !refuses("198.18.1.9"));
            assertThat(Traffic.tell("198.18.1.9", 80, "hello")).isEqualTo("hello");
            awaitTrue(() -> second.output().contains("another process listens there")
                    && second.output().contains("Address already in use"));
            assertThat(json(ServicesView.class, "services").services()).hasSize(3);
            assertThat(second.terminate()).isZero();
        }
        assertThat(status().link().name()).isEqualTo("veth0");
    }

    @Test
    void theSocketGoesWithACleanStopAndAStaleOneIsReplaced() throws Exception {
        lb.kill();
        assertThat(lb.adminSocket()).exists();
        assertThat(lb("status").status()).isEqualTo(3);

        try (LbProcess next = LbProcess.start(
                directory,
                "run",
                "--linkdevice=veth0",
                "--conflict-probe=off",
                "--admin-socket=" + lb.adminSocket(),
                "--source=file:" + directory.resolve("services.yaml"))) {
            awaitTrue(() -> lb("status").status() != 3);
            assertThat(next.terminate()).isZero();
        }
        assertThat(lb.adminSocket()).doesNotExist();
    }

    private String manifest() throws IOException {
        return Files.writeString(
                        directory.resolve("new.yaml"),
                        "{apiVersion: v1, kind: Service, metadata: {name: new}, spec: {type: LoadBalancer, ports: [{port: 80}]}}")
                .toString();
    }

    private Asked.Said lb(String command, String... arguments) {
        String[] words = new String[arguments.length + 3];
        words[0] = command;
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        words[arguments.length + 1] = "--admin-socket";
        words[arguments.length + 2] = lb.adminSocket().toString();
        try (Asked asked = new Asked(directory)) {
            return asked.lb(words);
        }
    }

    private <V> V json(Class<V> view, String command, String... arguments) {
        String[] words = Arrays.copyOf(arguments, arguments.length + 2);
        words[arguments.length] = "--output";
        words[arguments.length + 1] = "json";
        return Json.read(lb(command, words).out().getBytes(StandardCharsets.UTF_8), view);
    }

    private StatusView status() {
        Asked.Said said = lb("status", "--output", "json");
        assertThat(said.status()).as(said.err()).isNotEqualTo(3);
        return Json.read(said.out().getBytes(StandardCharsets.UTF_8), StatusView.class);
    }

    private static boolean refuses(String ip) {
        try (Socket socket = new Socket(ip, 80)) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }

    private static boolean ends(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException late) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private static void awaitTrue(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20))
                .pollInSameThread()
                .ignoreExceptionsMatching(notYet -> notYet instanceof AssertionError || notYet instanceof IOException)
                .until(condition);
    }
}
