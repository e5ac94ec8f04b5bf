package io.littlelb.examples.demo;

import io.littlelb.cli.StopSignal;
import io.littlelb.cli.log.Logging;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.testkit.process.LbProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./lb demo}: from a Service to a stream and back, each step with what it proves. */
@Command(
        name = "lb demo",
        description = "Shows the main job on a cluster and a network of its own; touches nothing of this host.",
        mixinStandardHelpOptions = true)
public final class Demo implements Callable<Integer> {
    private static final int PORT = 8888;
    private static final String DEFAULT_ADDRESS = DemoNetwork.HOST;
    private static final String REQUESTED_ADDRESS = "198.18.0.9";

    private final DemoStory story = new DemoStory(System.out);

    @Option(names = "--interactive", description = "Stay up before the end, for kubectl and curl, until Ctrl-C.")
    private boolean interactive;

    private Demo() {}

    /** Ends the JVM with 0, with 1 when a step did not hold, with 2 when it was used wrongly. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Demo())
                .setExecutionExceptionHandler((failure, command, result) -> failed(failure))
                .execute(arguments));
    }

    private static int failed(Exception failure) throws Exception {
        if (!(failure instanceof IOException)) {
            throw failure;
        }
        System.err.println("lb: " + failure.getMessage());
        return 1;
    }

    @Override
    public Integer call() throws Exception {
        Logging.install(ErrorHandler.LOG);
        if (!isAlone()) {
            System.err.println(
                    "lb: the demo makes links and addresses and wants a network of its own; start it with ./lb demo");
            return 2;
        }
        Path directory = Files.createTempDirectory("lb-demo");
        try (DemoNetwork network = new DemoNetwork();
                DemoCluster cluster = new DemoCluster(directory)) {
            return tell(network, cluster, directory);
        } finally {
            delete(directory);
        }
    }

    /** A network that was just made has a loopback link and nothing else. */
    private static boolean isAlone() throws IOException {
        try (Stream<String> links = Files.lines(Path.of("/proc/thread-self/net/dev"))) {
            return links.skip(2).allMatch(line -> line.strip().startsWith("lo:"));
        }
    }

    private int tell(DemoNetwork network, DemoCluster cluster, Path directory) throws Exception {
        String before = DemoNetwork.link();
        prepare(cluster);
        try (LbProcess lb = start(cluster, directory)) {
            try {
                defaultAddress(network, cluster);
                requestedAddress(network, cluster);
                secondServiceIsRefused(network, cluster);
                typeChangeFreesTheAddress(network, cluster);
                deletionTakesTheAddressAway(cluster, before);
                stay(cluster);
                stop(lb, cluster, before);
            } catch (DemoStory.Untrue untrue) {
                System.err.println("lb: " + untrue.getMessage());
                System.err.println("lb: the log of lb run was:\n" + lb.output());
                return 1;
            }
        }
        System.out.println("\nEvery step held.");
        return 0;
    }

    private void prepare(DemoCluster cluster) throws Exception {
        story.chapter("A cluster of two nodes, and a host beside it");
        for (DemoNetwork.Node node : DemoNetwork.NODES) {
            cluster.register(node);
        }
        cluster.apply("echodaemonset.yaml");
        cluster.apply("service.yaml");
        story.say("API server " + cluster.url() + ", nodes "
                + DemoNetwork.NODES.get(0).ip() + " and "
                + DemoNetwork.NODES.get(1).ip() + ", this host on link " + DemoNetwork.LINK + ":");
        story.command("ip -4 -br addr show dev " + DemoNetwork.LINK);
        story.evidence(DemoNetwork.link());
        story.command("kubectl apply -f echodaemonset.yaml -f service.yaml");
        story.say("The Service is of type ClusterIP: nothing for a load balancer to do yet.");
    }

    private LbProcess start(DemoCluster cluster, Path directory) throws Exception {
        story.command("lb run --kubeconfig " + cluster.kubeconfig() + " --linkdevice " + DemoNetwork.LINK);
        LbProcess lb = LbProcess.start(
                directory,
                "run",
                "--kubeconfig=" + cluster.kubeconfig(),
                "--linkdevice=" + DemoNetwork.LINK,
                "--drain-timeout=2s");
        story.proves(
                "it runs, as process " + lb.pid() + ", and follows link and cluster",
                lb::output,
                log -> log.contains("Link " + DemoNetwork.LINK + " is up"));
        return lb;
    }

    private void defaultAddress(DemoNetwork network, DemoCluster cluster) throws Exception {
        story.chapter("The Service becomes a load balancer, on the link's own address");
        story.command("kubectl apply -f service-lb.yaml");
        cluster.apply("service-lb.yaml");
        network.startEchoServers(cluster.nodePort("echo"));
        servedOn(DEFAULT_ADDRESS, network, cluster);
    }

    private void requestedAddress(DemoNetwork network, DemoCluster cluster) throws Exception {
        story.chapter("It asks for an address of its own");
        story.command("kubectl apply -f service-lb-new-addr.yaml");
        cluster.apply("service-lb-new-addr.yaml");
        servedOn(REQUESTED_ADDRESS, network, cluster);
        story.command("ip -4 -br addr show dev " + DemoNetwork.LINK);
        story.evidence(DemoNetwork.link());
        story.proves("the address is on the link", DemoNetwork::link, link -> link.contains(REQUESTED_ADDRESS + "/32"));
        story.proves(
                "the link's own address serves it no longer",
                () -> network.ask(DEFAULT_ADDRESS, PORT),
                answer -> answer.equals("Connection refused"));
        story.proves(
                "its external IPs tell the address to pods",
                () -> cluster.externalIps("echo"),
                ips -> ips.equals(List.of(REQUESTED_ADDRESS)));
    }

    private void servedOn(String ip, DemoNetwork network, DemoCluster cluster) throws Exception {
        story.proves(
                "status.loadBalancer.ingress tells " + ip,
                () -> cluster.ingress("echo"),
                ingress -> ingress.equals(List.of(ip)));
        story.command("nc " + ip + " " + PORT + " <<< hello      # from a client, again and again");
        Set<String> answers = new HashSet<>();
        story.proves(
                "both nodes answer in turn",
                () -> {
                    answers.add(network.ask(ip, PORT));
                    return answers;
                },
                seen -> seen.containsAll(List.of("node-1 heard: hello", "node-2 heard: hello")));
        answers.stream().filter(answer -> answer.startsWith("node")).sorted().forEach(story::evidence);
    }

    private void secondServiceIsRefused(DemoNetwork network, DemoCluster cluster) throws Exception {
        story.chapter("A second Service asks for the same address");
        story.command(
                "kubectl apply -f second-service.yaml      # service-lb-new-addr.yaml with name echo-two, port 9999");
        cluster.applyAs("service-lb-new-addr.yaml", "echo-two", 9999);
        List<String> events = story.proves(
                "it is refused, and told why by an Event",
                () -> cluster.events("echo-two"),
                found -> found.stream().anyMatch(event -> event.startsWith("AddressInUse")));
        events.forEach(story::evidence);
        story.proves("it gets no address", () -> cluster.ingress("echo-two"), List::isEmpty);
        story.proves(
                "the first is served as before",
                () -> network.ask(REQUESTED_ADDRESS, PORT),
                answer -> answer.endsWith("heard: hello"));
    }

    private void typeChangeFreesTheAddress(DemoNetwork network, DemoCluster cluster) throws Exception {
        story.chapter("The first goes back to ClusterIP");
        story.command("kubectl apply -f service.yaml");
        cluster.apply("service.yaml");
        story.proves("its status and external IPs are empty again", () -> told("echo", cluster), List::isEmpty);
        story.proves(
                "its port is closed",
                () -> network.ask(REQUESTED_ADDRESS, PORT),
                answer -> answer.equals("Connection refused"));
        story.proves(
                "the second, which has waited, gets the address without being asked again",
                () -> cluster.ingress("echo-two"),
                ingress -> ingress.equals(List.of(REQUESTED_ADDRESS)));
    }

    private static List<String> told(String service, DemoCluster cluster) {
        return Stream.concat(cluster.ingress(service).stream(), cluster.externalIps(service).stream())
                .toList();
    }

    private void deletionTakesTheAddressAway(DemoCluster cluster, String before) throws Exception {
        story.chapter("The second is deleted");
        story.command("kubectl delete service echo-two");
        cluster.delete("echo-two");
        linkIsAs(before);
    }

    private void stay(DemoCluster cluster) throws Exception {
        cluster.apply("service-lb-new-addr.yaml");
        if (!interactive) {
            return;
        }
        StopSignal stop = StopSignal.listen();
        story.chapter("Yours, until Ctrl-C");
        story.say("In another terminal" + (isMappedRoot() ? "" : ", as root") + ":");
        story.command("nsenter --target " + ProcessHandle.current().pid()
                + (isMappedRoot() ? " --user --preserve-credentials" : "") + " --net bash");
        story.command("export KUBECONFIG=" + cluster.kubeconfig());
        story.command("kubectl get services,nodes,events");
        story.command("kubectl apply -f examples/manifests/service-lb.yaml");
        story.command("ip addr show dev " + DemoNetwork.LINK);
        story.command("curl http://" + REQUESTED_ADDRESS + ":" + PORT + "/");
        stop.await();
        cluster.apply("service-lb-new-addr.yaml");
    }

    /** Whether root here is an ordinary user outside: then the first line maps 0 to another user, user_namespaces(7). */
    private static boolean isMappedRoot() throws IOException {
        return !Files.readString(Path.of("/proc/self/uid_map")).strip().matches("0\\s+0\\s+.*");
    }

    private void stop(LbProcess lb, DemoCluster cluster, String before) throws Exception {
        story.chapter("The load balancer is told to stop while it serves " + REQUESTED_ADDRESS);
        story.proves("it serves", () -> cluster.ingress("echo"), ingress -> ingress.equals(List.of(REQUESTED_ADDRESS)));
        story.command("kill -TERM " + lb.pid());
        int status = lb.terminate();
        story.proves("it has ended with 0", () -> status, code -> code == 0);
        linkIsAs(before);
        story.proves("the Service tells no address", () -> told("echo", cluster), List::isEmpty);
    }

    private void linkIsAs(String before) throws Exception {
        story.proves("the link is as it was in the beginning", DemoNetwork::link, before::equals);
        story.command("ip -4 -br addr show dev " + DemoNetwork.LINK);
        story.evidence(DemoNetwork.link());
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
