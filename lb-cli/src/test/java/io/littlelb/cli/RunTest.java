package io.littlelb.cli;

import static io.littlelb.testkit.net.Traffic.ask;
import static io.littlelb.testkit.net.Traffic.hash;
import static io.littlelb.testkit.net.Traffic.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.testkit.apiserver.EmbeddedApiServer;
import io.littlelb.testkit.apiserver.ServerCertificate;
import io.littlelb.testkit.net.InNetworkNamespace;
import io.littlelb.testkit.net.NetworkNamespace;
import io.littlelb.testkit.net.TcpServer;
import io.littlelb.testkit.process.LbProcess;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The program as its users run it: a process of its own, a real link, real clients. */
@ExtendWith(InNetworkNamespace.class)
class RunTest {
    private static final int ONE = 30_901; // a node port, too
    private static final int TWO = 30_902;
    private static final int ECHO = 9003;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private NetworkNamespace network;

    @TempDir
    private Path directory;

    @BeforeEach
    void makeALink(NetworkNamespace home) throws Exception {
        network = home;
        network.ip("link add veth0 type veth peer name veth1");
        network.ip("link set veth0 up");
        network.ip("link set veth1 up");
        network.ip("addr add 198.18.0.1/24 brd + dev veth0");
        network.ip("addr add 2001:db8::1/64 dev veth0 nodad");
        answer(ONE, TcpServer.greeting("one"));
        answer(TWO, TcpServer.greeting("two"));
        answer(ECHO, TcpServer.echo());
    }

    @AfterEach
    void stopEverything() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void servesTwoServicesOnTwoAddressesWithTwoBackendsEach() throws Exception {
        String before = addresses();
        services(service("web", "198.18.0.9", 80, ONE, TWO), service("app", "2001:db8::9", 8080, TWO, ONE));
        LbProcess lb = start();

        awaitAnswers("198.18.0.9", 80);
        awaitAnswers("2001:db8::9", 8080);
        assertThat(List.of(ask("198.18.0.9", 80), ask("198.18.0.9", 80))).containsExactlyInAnyOrder("one", "two");
        assertThat(List.of(ask("2001:db8::9", 8080), ask("2001:db8::9", 8080))).containsExactlyInAnyOrder("one", "two");
        assertThat(addresses()).contains("198.18.0.9/32").contains("2001:db8::9/128");

        services(service("web", "198.18.0.10", 80, TWO));
        awaitAnswers("198.18.0.10", 80);
        assertThat(ask("198.18.0.10", 80)).isEqualTo("two");
        awaitAddresses("198.18.0.9/", false);
        awaitAddresses("2001:db8::9/", false);

        assertThat(lb.terminate()).isZero();
        assertThat(addresses()).isEqualTo(before);
    }

    @Test
    void aGibibyteComesBackByteForByteAfterEachSideHasEnded() throws Exception {
        services(service("echo", "198.18.0.9", 8888, ECHO));
        start();
        awaitAddresses("198.18.0.9/", true);
        byte[] block = new byte[1 << 20];
        new Random(1).nextBytes(block);

        try (Socket client = connectWhenOpen("198.18.0.9", 8888)) {
            CompletableFuture<String> sent = CompletableFuture.supplyAsync(() -> send(client, block, 1024));

            assertThat(hash(client.getInputStream())).isEqualTo(sent.get());
        }
    }

    @Test
    void afterKillItAdoptsWhatIsServedAndRemovesWhatIsNot() throws Exception {
        network.ip("addr add 198.18.0.50/24 brd + dev veth0");
        String before = addresses();
        services(service("web", "198.18.0.9", 80, ONE), service("app", "198.18.0.10", 80, TWO));
        LbProcess killed = start();
        awaitAnswers("198.18.0.9", 80);
        awaitAnswers("198.18.0.10", 80);
        killed.kill();
        assertThat(addresses()).contains("198.18.0.9/32").contains("198.18.0.10/32");

        services(service("web", "198.18.0.9", 80, ONE));
        LbProcess lb = start();

        awaitAddresses("198.18.0.10/", false);
        awaitAnswers("198.18.0.9", 80);
        assertThat(lb.terminate()).isZero();
        assertThat(addresses()).isEqualTo(before);
    }

    /** A process with a thread missing would look alive: it ends, for a supervisor to start it again. */
    @ParameterizedTest
    @CsvSource({"-Xmx24m, 70, on thread lb-file", "-Xmx24m -XX:+ExitOnOutOfMemoryError, 3, OutOfMemoryError"})
    void endsWithAStatusAndAMessageWhenJavaHasNoMemoryLeft(String options, int status, String message)
            throws Exception {
        services(service("web", "198.18.0.9", 80, ONE));
        LbProcess lb = start(List.of(options.split(" ")));
        awaitAnswers("198.18.0.9", 80);

        services(IntStream.range(0, 200_000)
                .mapToObj(i -> service("s" + i, "198.18.0.9", 80, ONE))
                .toArray(String[]::new));

        assertThat(lb.waitFor()).isEqualTo(status);
        assertThat(lb.output()).contains(message);
        assertThat(addresses()).contains("198.18.0.9/");

        services(service("web", "198.18.0.9", 80, ONE));
        assertThat(start().pid()).isNotEqualTo(lb.pid());
        awaitAnswers("198.18.0.9", 80);
    }

    @Test
    void readsTheFileAgainAtSighupAndGoesOn() throws Exception {
        services(service("web", "198.18.0.9", 80, ONE));
        LbProcess lb = start();
        awaitAnswers("198.18.0.9", 80);

        signal(lb, "HUP");

        await().until(() -> lb.output().contains("services.yaml again"));
        assertThat(ask("198.18.0.9", 80)).isEqualTo("one");
        assertThat(lb.terminate()).isZero();
    }

    /** As timeout(1) does, and a service manager that signals a control group: once the process, once its group. */
    @Test
    void aSignalThatIsToldTwiceIsOne() throws Exception {
        String before = addresses();
        services(service("web", "198.18.0.9", 80, ONE));
        LbProcess lb = start();
        awaitAnswers("198.18.0.9", 80);
        String pid = Long.toString(lb.pid());

        network.execute(List.of(
                "sh",
                "-c",
                "kill -TERM \"$0\"; until grep -q stopping \"$1\"/lb*.log; do :; done; kill -INT \"$0\"",
                pid,
                directory.toString()));

        assertThat(lb.waitFor()).isZero();
        assertThat(addresses()).isEqualTo(before);
    }

    /** As when a terminal is closed, or a session over ssh is cut: nobody would be there to listen on an address that was left behind. */
    @Test
    void takesEverythingBackWhenItsTerminalIsGone() throws Exception {
        String before = addresses();
        services(service("web", "198.18.0.9", 80, ONE));
        String command = String.join(" ", LbProcess.command(List.of(), arguments()));
        Process terminal = new ProcessBuilder(
                        "env", "--default-signal=HUP", "setsid", "script", "-qfec", "exec " + command, "/dev/null")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("terminal.log").toFile())
                .start();
        opened.add(terminal::destroyForcibly);
        awaitAnswers("198.18.0.9", 80);

        terminal.destroyForcibly();

        awaitAddresses("198.18.0.9/", false);
        assertThat(addresses()).isEqualTo(before);
    }

    @Test
    void oneLinkHasOneInstance() throws Exception {
        services(service("web", "198.18.0.9", 80, ONE));
        LbProcess first = start();
        awaitAnswers("198.18.0.9", 80);

        LbProcess second = start();

        assertThat(second.waitFor()).isEqualTo(1);
        assertThat(second.output()).contains("process " + first.pid() + " serves link veth0 already");
        assertThat(ask("198.18.0.9", 80)).isEqualTo("one");
    }

    @Test
    void onAClusterItOutlivesAKillAndEndsCleanly() throws Exception {
        String before = addresses();
        try (EmbeddedApiServer api = EmbeddedApiServer.start()) {
            Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
            post(api, "nodes", "{metadata: {name: n}, status: {addresses: [{type: InternalIP, address: 127.0.0.1}]}}");
            post(api, "namespaces/default/services", loadBalancer("kept", "198.18.0.9", ONE));
            post(api, "namespaces/default/services", loadBalancer("gone", "198.18.0.10", TWO));
            String[] run = {
                "run", "--linkdevice=veth0", "--drain-timeout=1s", "--kubeconfig=" + kubeconfig, "--node-selector="
            };
            LbProcess killed = lb(run);
            awaitAnswers("198.18.0.9", 80);
            awaitAnswers("198.18.0.10", 80);
            killed.kill();
            assertThat(addresses()).contains("198.18.0.9/32").contains("198.18.0.10/32");
            request(api, "DELETE", "namespaces/default/services/gone", "");

            LbProcess lb = lb(run);

            awaitAddresses("198.18.0.10/", false);
            awaitAnswers("198.18.0.9", 80);
            assertThat(request(api, "GET", "namespaces/default/services/kept", ""))
                    .contains("\"ip\":\"198.18.0.9\"");
            assertThat(lb.terminate()).isZero();
            assertThat(addresses()).isEqualTo(before);
            assertThat(request(api, "GET", "namespaces/default/services/kept", ""))
                    .doesNotContain("\"ip\":");
        }
    }

    /** How an API server is lost: it takes connections and says nothing, or nobody is there. */
    enum Loss {
        FROZEN,
        KILLED;

        void begin(EmbeddedApiServer api) {
            if (this == FROZEN) {
                api.faults().freeze();
            } else {
                api.goAway();
            }
        }

        void end(EmbeddedApiServer api) throws IOException {
            if (this == FROZEN) {
                api.faults().thaw();
            } else {
                api.comeBack();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysOnceThatTheServerIsSilentAndOnceThatItIsBackAndDoesNotWaitForItAtAStop(Loss loss) throws Exception {
        String before = addresses();
        try (EmbeddedApiServer api = EmbeddedApiServer.start()) {
            Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
            post(api, "nodes", "{metadata: {name: n}, status: {addresses: [{type: InternalIP, address: 127.0.0.1}]}}");
            post(api, "namespaces/default/services", loadBalancer("kept", "198.18.0.9", ONE));
            LbProcess lb = lb("run", "--linkdevice=veth0", "--kubeconfig=" + kubeconfig, "--node-selector=");
            awaitAnswers("198.18.0.9", 80);
            awaitTrue(() ->
                    request(api, "GET", "namespaces/default/services/kept", "").contains("\"ip\":\"198.18.0.9\""));

            loss.begin(api);
            await().atMost(Duration.ofSeconds(12)) // ten, and this machine
                    .pollInSameThread()
                    .until(() -> count(lb, "has not answered for") == 1);
            assertThat(lb.output())
                    .containsPattern(
                            "WARN  The API server at http://.* has not answered for \\d+ s .*; what is known stays in force");
            assertThat(ask("198.18.0.9", 80)).isEqualTo("one");
            loss.end(api);
            awaitTrue(() -> count(lb, "answers again") == 1);
            assertThat(count(lb, " WARN ")).as(lb.output()).isEqualTo(1);
            loss.begin(api);
            awaitTrue(() -> count(lb, "has not answered for") == 2);

            long asked = System.nanoTime();
            assertThat(lb.terminate()).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(6));
            assertThat(addresses()).isEqualTo(before);
        }
    }

    private static long count(LbProcess lb, String text) throws IOException {
        return lb.output().lines().filter(line -> line.contains(text)).count();
    }

    @Test
    void bothSayWhyTheServerCannotBeAsked() throws Exception {
        ServerCertificate certificate = ServerCertificate.valid(directory);
        try (EmbeddedApiServer plain = EmbeddedApiServer.start();
                EmbeddedApiServer gone = EmbeddedApiServer.start();
                EmbeddedApiServer tls = EmbeddedApiServer.start(certificate)) {
            plain.faults().fail(Integer.MAX_VALUE, request -> true, 401, "Unauthorized", "Unauthorized");
            gone.goAway();
            bothSay(plain.kubeconfig(), "the API server does not know who we are (401 Unauthorized); the token");
            bothSay(gone.kubeconfig(), "no API server listens there (connection refused); see that it runs");
            bothSay(
                    tls.kubeconfig().replaceAll(", certificate-authority-data: [^}]*", ""),
                    "is signed by an authority that is not known here");
        }
    }

    private void bothSay(String kubeconfig, String line) throws Exception {
        Path file = Files.writeString(Files.createTempFile(directory, "kubeconfig", ""), kubeconfig);
        LbProcess check = lb("check", "--linkdevice=veth0", "--kubeconfig=" + file);
        assertThat(check.waitFor()).isEqualTo(1);
        LbProcess run = lb("run", "--linkdevice=veth0", "--kubeconfig=" + file);

        await().atMost(Duration.ofSeconds(20))
                .pollInSameThread()
                .untilAsserted(() -> assertThat(run.output()).contains(line));
        assertThat(run.output()).doesNotContain("An error has occurred", "\tat ", "Exception");
        assertThat(run.terminate()).isZero();
        assertThat(check.output()).containsPattern("fail  the cluster at .*: .*" + Pattern.quote(line));
    }

    private static String loadBalancer(String name, String ip, int nodePort) {
        return "{metadata: {name: %s}, spec: {type: LoadBalancer, loadBalancerIP: %s, ports: [{port: 80, nodePort: %d}]}}"
                .formatted(name, ip, nodePort);
    }

    private static void post(EmbeddedApiServer api, String path, String object) throws Exception {
        request(api, "POST", path, object);
    }

    /** Over a plain connection: a client library would keep threads in this test's network. */
    private static String request(EmbeddedApiServer api, String method, String path, String body) throws Exception {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create(api.url() + "/api/v1/" + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setRequestProperty("Content-Type", "application/yaml");
        if (!body.isEmpty()) {
            connection.setDoOutput(true);
            connection.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
        }
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void whileItIsFrozenTheKernelTakesItsAddressesAndItLooksBeforeItAddsThemAgain() throws Exception {
        try (NetworkNamespace other = NetworkNamespace.create()) {
            network.connect("lan", other, "lan");
            network.ip("addr add 198.18.1.1/24 dev lan");
            other.ip("addr add 198.18.1.2/24 dev lan");
            services(service("web", "198.18.1.9", 80, ONE));
            LbProcess lb = lb(
                    "run",
                    "--linkdevice=lan",
                    "--address-lifetime=6s",
                    "--source=file:" + directory.resolve("services.yaml"));
            awaitAnswers("198.18.1.9", 80);

            signal(lb, "STOP");
            awaitTrue(() -> !network.ip("addr show dev lan").contains("198.18.1.9/"));
            other.ip("addr add 198.18.1.9/24 dev lan");
            signal(lb, "CONT");

            awaitTrue(() -> lb.output().contains("has it too"));
            assertThat(network.ip("addr show dev lan")).doesNotContain("198.18.1.9/");
            other.ip("addr del 198.18.1.9/24 dev lan");
            awaitAnswers("198.18.1.9", 80);
            assertThat(lb.terminate()).isZero();
        }
    }

    @Test
    void checkSaysWhatRunWouldStumbleOver() throws Exception {
        services(service("web", "198.18.0.9", 80, ONE));
        String file = "--source=file:" + directory.resolve("services.yaml");
        LbProcess fine = lb("check", "--linkdevice=veth0", file);
        assertThat(fine.waitFor()).isZero();
        assertThat(fine.output().lines()).allMatch(line -> line.startsWith("ok    "));

        LbProcess running = start();
        awaitAnswers("198.18.0.9", 80);
        LbProcess beside = lb("check", "--linkdevice=veth0", file, "--drain-timeout=1s", "--debug");
        assertThat(beside.waitFor()).as("an instance that runs is no fault").isZero();
        assertThat(beside.output()).contains("ok    process " + running.pid() + " serves link veth0 now");
        assertThat(beside.output()).doesNotContain("is taken by process");

        Files.writeString(directory.resolve("services.yaml.broken"), "services: [");
        LbProcess wrong = lb("check", "--linkdevice=veth0", file + ".broken", "--pool=192.0.2.0/28");

        assertThat(wrong.waitFor()).isEqualTo(1);
        assertThat(wrong.output().lines())
                .filteredOn(line -> line.startsWith("fail  "))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line)
                                .contains("--pool 192.0.2.0-192.0.2.15 lies in no subnet of link veth0"),
                        line -> assertThat(line).contains("services.yaml.broken: line 1"));
    }

    @Test
    void checkNamesWhoHasAPort() throws Exception {
        opened.add(TcpServer.start(InetAddresses.forString("0.0.0.0"), 8081, TcpServer.greeting("host")));
        opened.add(TcpServer.start(InetAddresses.forString("198.18.0.1"), 8082, TcpServer.greeting("host")));
        services(
                service("web", "198.18.0.9", 8081, ONE),
                "{name: own, ports: [{port: 8082, backends: [\"127.0.0.1:1\"]}]}",
                service("free", "198.18.0.9", 8082, ONE));

        LbProcess check = lb("check", "--linkdevice=veth0", "--source=file:" + directory.resolve("services.yaml"));

        assertThat(check.waitFor()).isZero();
        long us = ProcessHandle.current().pid();
        assertThat(check.output().lines())
                .filteredOn(line -> line.startsWith("warn  "))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line)
                                .contains("port 8081 of 198.18.0.9, where Service default/web is to be served, is taken"
                                        + " by process " + us + " (java); stop that program"),
                        line -> assertThat(line).contains("port 8082 of 198.18.0.1, where Service default/own"));
    }

    @Test
    void withTooFewDescriptorsBothSaySo() throws Exception {
        services(service("web", "198.18.0.9", 80, ONE));
        for (String command : List.of("check", "run")) {
            List<String> words = new ArrayList<>(List.of("prlimit", "--nofile=200"));
            words.addAll(LbProcess.command(
                    List.of(), command, "--linkdevice=veth0", "--source=file:" + directory.resolve("services.yaml")));
            Process lb = new ProcessBuilder(words).redirectErrorStream(true).start();
            opened.add(lb::destroyForcibly);

            assertThat(new String(lb.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .contains("a limit of 200 descriptors is too low: 256 are for the program itself, and 2 for each"
                            + " connection; raise it with ulimit -n");
            assertThat(lb.waitFor()).isEqualTo(1);
        }
        assertThat(addresses()).doesNotContain("198.18.0.9/");
    }

    @Test
    void checkLooksIntoTheCluster() throws Exception {
        try (EmbeddedApiServer api = EmbeddedApiServer.start()) {
            api.grant("bare", Files.readString(Path.of("..", "deploy", "rbac.yaml")), "");
            Path all = Files.writeString(directory.resolve("all"), api.kubeconfig());
            Path bare = Files.writeString(directory.resolve("bare"), api.kubeconfig("bare"));
            post(
                    api,
                    "nodes",
                    "{metadata: {name: n, labels: {a: b}}, status: {conditions: [{type: Ready, status: \"True\"}],"
                            + " addresses: [{type: InternalIP, address: 198.18.0.65}]}}");
            post(api, "namespaces/default/services", loadBalancer("web", "198.18.0.9", ONE));
            opened.add(TcpServer.start(InetAddresses.forString("0.0.0.0"), 80, TcpServer.greeting("host")));

            check(
                    all,
                    1,
                    "fail  no traffic can go anywhere: of the 1 node of the cluster none matches --node-selector"
                            + " \"node-role.kubernetes.io/worker\"");
            check(
                    all,
                    1,
                    "fail  no traffic can go anywhere: none of the 1 selected nodes has an IPv4 address of type ExternalIP",
                    "--node-selector=a=b",
                    "--node-address-type=ExternalIP");
            check(all, 0, "ok    nodes that take traffic: 1", "--node-selector=a=b");
            check(
                    all,
                    0,
                    "warn  --pool default has addresses of nodes, which no Service gets: 198.18.0.65 of node n; leave them",
                    "--node-selector=",
                    "--pool=198.18.0.64/28");
            check(all, 0, "warn  port 80 of 198.18.0.9, where Service default/web is to be", "--node-selector=");
            check(
                    all,
                    0,
                    "warn  --namespace shop: there is no namespace shop in the cluster",
                    "--node-selector=",
                    "--namespace=shop");
            check(
                    all,
                    0,
                    "warn  --pool a@shop: there is no namespace shop in the cluster",
                    "--node-selector=",
                    "--pool=a@shop,default=198.18.0.80/30");
            check(
                    bare,
                    0,
                    "ok    --namespace shop: whether the namespace is there this account may not ask",
                    "--node-selector=",
                    "--namespace=shop");
        }
    }

    private void check(Path kubeconfig, int status, String line, String... flags) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("check", "--linkdevice=veth0", "--kubeconfig=" + kubeconfig));
        arguments.addAll(List.of(flags));
        LbProcess check = lb(arguments.toArray(String[]::new));
        assertThat(check.waitFor()).as(check.output()).isEqualTo(status);
        assertThat(check.output()).contains(line);
    }

    @Test
    void checkAsksTheClusterForEachRight() throws Exception {
        try (EmbeddedApiServer api = EmbeddedApiServer.start()) {
            String role = Files.readString(Path.of("..", "deploy", "rbac.yaml"));
            api.grant("complete", role, "");
            api.grant("wanting", role.replace("\"services\", \"nodes\"", "\"services\""), "");
            Path complete = Files.writeString(directory.resolve("complete"), api.kubeconfig("complete"));
            Path wanting = Files.writeString(directory.resolve("wanting"), api.kubeconfig("wanting"));

            post(api, "nodes", "{metadata: {name: n}, status: {addresses: [{type: InternalIP, address: 127.0.0.1}]}}");

            LbProcess first = lb("check", "--linkdevice=veth0", "--kubeconfig=" + complete, "--node-selector=");
            assertThat(first.waitFor()).isZero();
            assertThat(first.output())
                    .contains("ok    may list nodes")
                    .contains("ok    may patch services/status")
                    .contains("warn  may not patch services: no address becomes an external IP; grant it, see"
                            + " deploy/rbac-external-ips.yaml, or run with --publish status");
            LbProcess second = lb("check", "--linkdevice=veth0", "--kubeconfig=" + wanting);
            assertThat(second.waitFor()).isEqualTo(1);
            assertThat(second.output()).contains("fail  may not watch nodes: nothing can be served; grant it, see");
            api.goAway();
            LbProcess third = lb("check", "--linkdevice=veth0", "--kubeconfig=" + complete);
            assertThat(third.waitFor()).isEqualTo(1);
            assertThat(third.output()).contains("fail  the cluster at " + api.url());
        }
    }

    @Test
    void aKubeconfigThatIsNotThereIsOneLine() throws Exception {
        LbProcess lb = lb("run", "--linkdevice=veth0", "--kubeconfig=" + directory.resolve("absent"));

        assertThat(lb.waitFor()).isEqualTo(2);
        assertThat(lb.output()).hasLineCount(1).contains("--kubeconfig: ").contains("absent cannot be read");
    }

    @Test
    void withoutALinkItSaysWhichThereAre() throws Exception {
        LbProcess lb = lb("run", "--source", "file:" + directory);

        assertThat(lb.waitFor()).isEqualTo(2);
        assertThat(lb.output())
                .hasLineCount(1)
                .contains("--linkdevice")
                .contains("veth0 [198.18.0.1/24, 2001:db8::1/64]");
    }

    @Test
    void aLifetimeThatTheKernelCannotCountIsOneLine() throws Exception {
        services(service("web", "198.18.0.9", 80, ONE));

        LbProcess lb = lb(
                "run",
                "--linkdevice=veth0",
                "--address-lifetime=999999h",
                "--source=file:" + directory.resolve("services.yaml"));

        assertThat(lb.waitFor()).isEqualTo(2);
        assertThat(lb.output()).hasLineCount(1).contains("--address-lifetime: ").contains("6s to 596523h");
    }

    @Test
    void anInvalidFileIsOneLineAndTouchesNothing() throws Exception {
        String before = addresses();
        Files.writeString(directory.resolve("services.yaml"), "services: [{name: web, prots: []}]");

        LbProcess lb = start();

        assertThat(lb.waitFor()).isEqualTo(2);
        assertThat(lb.output()).hasLineCount(1).contains("services[0].prots: unknown key");
        assertThat(addresses()).isEqualTo(before);
    }

    private static String service(String name, String address, int port, int... backends) {
        List<String> quoted = new ArrayList<>();
        for (int backend : backends) {
            quoted.add("\"127.0.0.1:" + backend + "\"");
        }
        return "{name: %s, address: \"%s\", ports: [{port: %d, backends: [%s]}]}"
                .formatted(name, address, port, String.join(", ", quoted));
    }

    private void services(String... services) throws IOException {
        Files.writeString(directory.resolve("services.yaml"), "services: [" + String.join(", ", services) + "]");
    }

    private LbProcess start() throws IOException {
        return start(List.of());
    }

    private LbProcess start(List<String> options) throws IOException {
        return keep(LbProcess.start(directory, options, arguments()));
    }

    private String[] arguments() {
        return new String[] {
            "run", "--linkdevice=veth0", "--drain-timeout=1s", "--source=file:" + directory.resolve("services.yaml")
        };
    }

    private LbProcess lb(String... arguments) throws IOException {
        return keep(LbProcess.start(directory, arguments));
    }

    private LbProcess keep(LbProcess process) {
        opened.add(process);
        return process;
    }

    /** Those of global scope; the kernel's own of the link come and go at their own pace. */
    private String addresses() {
        return network.ip("-o addr show dev veth0 scope global");
    }

    private void awaitAddresses(String text, boolean there) {
        awaitTrue(() -> addresses().contains(text) == there);
    }

    private void signal(LbProcess lb, String name) {
        network.execute(List.of("kill", "-" + name, Long.toString(lb.pid())));
    }

    private static void awaitTrue(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20)).pollInSameThread().until(condition);
    }

    private static void awaitAnswers(String ip, int port) {
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .pollInSameThread()
                .until(() -> !ask(ip, port).isEmpty());
    }

    private static Socket connectWhenOpen(String ip, int port) {
        return await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .pollInSameThread()
                .until(() -> new Socket(InetAddresses.forString(ip), port), Socket::isConnected);
    }

    /** A backend on a port of the loopback link. */
    private void answer(int port, TcpServer.Conversation conversation) throws IOException {
        opened.add(TcpServer.start(InetAddresses.forString("127.0.0.1"), port, conversation));
    }
}
