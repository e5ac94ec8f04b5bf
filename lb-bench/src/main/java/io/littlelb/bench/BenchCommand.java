package io.littlelb.bench;

import io.littlelb.bench.Load.Yield;
import io.littlelb.bench.ProxyProcess.Cpu;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lb bench}: one window of each peer after the other, as many rounds as asked for, and what came of it. */
@Command(
        name = "lb bench",
        description = {
            "Measures ours side by side with other proxies, in networks of its own.",
            "Rates are what clients, proxy and backend reach together; CPU is the proxy's own."
        },
        sortOptions = false,
        subcommands = AddressesCommand.class,
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
    private static final long WARM_UP_NANOS = 300_000_000;
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    @Option(names = "--peers", split = ",", paramLabel = "PEER", description = "Of: ${COMPLETION-CANDIDATES}.")
    private List<Peer> peers = List.of();

    @Option(
            names = "--baseline",
            paramLabel = "JAR",
            description =
                    "The lb.jar of another build, its libraries beside it: one more peer, to see what a change has done.")
    private Optional<Path> baseline = Optional.empty();

    @Option(names = "--workloads", split = ",", paramLabel = "WORKLOAD", description = "Of: ${COMPLETION-CANDIDATES}.")
    private List<Workload> workloads = List.of(Workload.values());

    @Option(names = "--windows", paramLabel = "N", description = "Windows of each. Default: ${DEFAULT-VALUE}.")
    private int windows = 5;

    @Option(names = "--seconds", paramLabel = "S", description = "The length of each. Default: ${DEFAULT-VALUE}.")
    private double seconds = 2;

    @Option(names = "--idle", paramLabel = "N", description = "Resting connections. Default: ${DEFAULT-VALUE}.")
    private int idle = 9500;

    @Option(
            names = "--keep-awake",
            description = "Let no processor sleep, by programs that run where nothing else does: a virtual one takes"
                    + " long to wake.")
    private boolean keepAwake;

    @Option(names = "--java-option", paramLabel = "OPTION", description = "For the JVM of ours; may be repeated.")
    private List<String> oursOptions = List.of();

    @Option(names = "--markdown", paramLabel = "FILE", description = "Write the table there, too.")
    private Optional<Path> markdown = Optional.empty();

    @Option(names = "--chart", paramLabel = "FILE", description = "Draw the ratios there, as SVG.")
    private Optional<Path> chart = Optional.empty();

    private BenchCommand() {}

    /** Ends the JVM with 0, 1 when something failed, 2 when it was used wrongly. */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new BenchCommand())
                .registerConverter(Peer.class, text -> find(Peer.values(), text))
                .registerConverter(Workload.class, text -> find(Workload.values(), text))
                .setUsageHelpAutoWidth(true);
        System.exit(line.execute(arguments));
    }

    private static <T> T find(T[] all, String text) {
        return Arrays.stream(all)
                .filter(each -> each.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new CommandLine.TypeConversionException(text + " is none of " + List.of(all)));
    }

    @Override
    public Integer call() throws IOException {
        if (peers.isEmpty()) {
            peers = Stream.of(Peer.values())
                    .filter(peer -> peer != Peer.BASELINE || baseline.isPresent())
                    .toList();
        } else if (peers.contains(Peer.BASELINE) && baseline.isEmpty()) {
            System.err.println("lb bench: which build is the baseline? Name its jar with --baseline");
            return CommandLine.ExitCode.USAGE;
        }
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            System.err.println("lb bench: install first: apt-get install --no-install-recommends "
                    + String.join(" ", missing) + "; or leave these peers out with --peers");
            return CommandLine.ExitCode.SOFTWARE;
        }
        Report report = new Report(peers);
        int processors = keepAwake ? Runtime.getRuntime().availableProcessors() : 0;
        try (Rig rig = new Rig(Path.of(System.getProperty("lb.home", ".")), oursOptions, baseline);
                Spinners spinners = new Spinners(processors, rig.log("spinners"))) {
            for (Peer peer : peers) {
                rig.start(peer);
                rig.client().run(() -> awaitAccepting(rig, peer));
            }
            for (Workload workload : workloads) {
                for (int window = 0; window < (workload == Workload.IDLE ? 1 : windows); window++) {
                    for (Peer peer : peers) {
                        report.add(rig.client().call(() -> measure(rig, spinners, peer, workload)));
                    }
                }
                System.out.println(report.table(workload));
            }
        }
        if (markdown.isPresent()) {
            Files.writeString(markdown.get(), report.markdown(workloads));
        }
        if (chart.isPresent()) {
            Files.writeString(chart.get(), Chart.of(report, workloads));
        }
        return CommandLine.ExitCode.OK;
    }

    private List<String> missing() {
        return peers.stream()
                .filter(peer -> !peer.command.isEmpty() && !isInstalled(peer.command))
                .map(peer -> peer.packages)
                .distinct()
                .toList();
    }

    private static boolean isInstalled(String command) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
    }

    private static void awaitAccepting(Rig rig, Peer peer) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try {
                Load.idle(Rig.address(peer, Service.ECHO), 1).get(0).close();
                return;
            } catch (IOException notYet) {
                if (rig.process(peer).isPresent()) {
                    rig.process(peer).get().requireAlive();
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new IOException(peer + " does not accept: " + notYet.getMessage(), notYet);
                }
                Thread.sleep(20);
            }
        }
    }

    private Window measure(Rig rig, Spinners spinners, Peer peer, Workload workload) throws IOException {
        InetSocketAddress address = Rig.address(peer, workload.service);
        if (workload == Workload.IDLE) {
            return measureIdle(rig, peer, address);
        }
        try (Neighbours neighbours = new Neighbours(Rig.address(peer, Service.HTTP), workload.neighbours());
                Load load = new Load(workload, address)) {
            neighbours.requireOpen();
            load.run(WARM_UP_NANOS);
            MachineTime machine = MachineTime.now();
            Cpu before = cpu(rig, peer);
            double spunBefore = spinners.userSeconds();
            Cpu ownBefore = ProxyProcess.cpu(ProcessHandle.current().pid());
            Yield yield = load.run((long) (seconds * 1e9));
            Cpu after = cpu(rig, peer);
            Cpu own = ProxyProcess.cpu(ProcessHandle.current().pid());
            double cpu = after.allSeconds() - before.allSeconds();
            double known = after.userSeconds()
                    - before.userSeconds()
                    + own.userSeconds()
                    - ownBefore.userSeconds()
                    + spinners.userSeconds()
                    - spunBefore;
            return new Window(
                    peer,
                    workload,
                    workload.rate(yield.count(), yield.seconds()),
                    workload.cost(yield.count(), cpu),
                    yield.p50Micros(),
                    yield.p99Micros(),
                    MachineTime.now().foreignSince(machine, known, yield.seconds()));
        } catch (IOException e) {
            throw new IOException(workload + " through " + peer + " at " + address + ": " + e.getMessage(), e);
        }
    }

    /** Memory before and with resting connections, as kilobytes for each of them and megabytes in all. */
    private Window measureIdle(Rig rig, Peer peer, InetSocketAddress address) throws IOException {
        if (rig.process(peer).isEmpty()) {
            return new Window(peer, Workload.IDLE, 0, 0, 0, 0, 0);
        }
        long before = rig.process(peer).get().memoryKilobytes();
        List<SocketChannel> resting = Load.idle(address, idle);
        long with = rig.process(peer).get().memoryKilobytes();
        for (SocketChannel each : resting) {
            each.close();
        }
        return new Window(peer, Workload.IDLE, with / 1024.0, (with - before) / (double) idle, 0, 0, 0);
    }

    private static Cpu cpu(Rig rig, Peer peer) throws IOException {
        return rig.process(peer).isPresent() ? rig.process(peer).get().cpu() : new Cpu(0, 0);
    }
}
