package io.littlelb.bench;

import io.littlelb.core.model.AddressStatus;
import io.littlelb.core.model.Cidr;
import io.littlelb.netlink.arp.ConflictProbing;
import io.littlelb.netlink.link.LinkConfig;
import io.littlelb.netlink.link.RtnetlinkAddressManager;
import io.littlelb.testkit.net.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code lb bench addresses}: many addresses put on a link, taken over by a second process, and removed, beside {@code ip -batch}.
 *
 * <p>Ours is timed from the first request until the manager shows the last of them, in a JVM that is warm, as one that serves is;
 * {@code ip -batch} from its start until its end. Neither probes.
 */
@Command(
        name = "addresses",
        description = "Puts many addresses on a link, takes them over, removes them; beside ip -batch.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class AddressesCommand implements Callable<Integer> {
    private static final String LINK = "bench0";
    private static final String HOST = "198.18.0.1/15";
    private static final LinkConfig WITHOUT_PROBES = LinkConfig.DEFAULT.withProbing(ConflictProbing.OFF);

    @Option(names = "--sizes", split = ",", paramLabel = "N", description = "How many. Default: 500,1000,2000,4000.")
    private List<Integer> sizes = List.of(500, 1000, 2000, 4000);

    @Option(names = "--rounds", paramLabel = "N", description = "How often each. Default: ${DEFAULT-VALUE}.")
    private int rounds = 5;

    /** What is done with all the addresses. */
    private enum Work {
        ADD("add"),
        ADOPT("replace"),
        REMOVE("del");

        private final String ipCommand;

        Work(String ipCommand) {
            this.ipCommand = ipCommand;
        }
    }

    @Override
    public Integer call() throws IOException {
        System.out.println("ms, medians of " + rounds + "; adopt is beside ip -batch with replace\n");
        System.out.println("| addresses | work   |     ours |       ip |    ratio |");
        System.out.println("| ---:      | ---    |     ---: |     ---: |     ---: |");
        try (NetworkNamespace network = NetworkNamespace.create()) {
            network.ip("link add " + LINK + " type veth peer name bench1");
            network.ip("link set " + LINK + " up");
            network.ip("link set bench1 up");
            network.ip("addr add " + HOST + " dev " + LINK);
            network.run(() -> {
                round(sizes.get(0)); // to warm up
                for (int size : sizes) {
                    print(size);
                }
            });
        }
        return CommandLine.ExitCode.OK;
    }

    private void print(int size) throws IOException, InterruptedException {
        List<Map<Work, double[]>> all = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            all.add(round(size));
        }
        for (Work work : Work.values()) {
            double ours = median(all, work, 0);
            double ip = median(all, work, 1);
            System.out.printf(
                    Locale.ROOT,
                    "| %9d | %-6s | %8.1f | %8.1f | %8.2f |%n",
                    size,
                    work.name().toLowerCase(Locale.ROOT),
                    ours,
                    ip,
                    ours / ip);
        }
    }

    private static double median(List<Map<Work, double[]>> all, Work work, int whose) {
        double[] sorted =
                all.stream().mapToDouble(each -> each.get(work)[whose]).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** Milliseconds of each work, ours and those of {@code ip}. */
    private static Map<Work, double[]> round(int size) throws IOException, InterruptedException {
        List<Cidr> addresses = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            addresses.add(Cidr.parse("198.18." + (1 + i / 250) + "." + (1 + i % 250) + "/32")
                    .orElseThrow());
        }
        Map<Work, double[]> millis = new EnumMap<>(Work.class);
        Predicate<List<AddressStatus>> all = statuses -> statuses.stream()
                        .filter(status -> status.owned() && status.state() == AddressStatus.State.PRESENT)
                        .count()
                == size;
        Predicate<List<AddressStatus>> none = statuses -> statuses.stream().noneMatch(AddressStatus::owned);
        try (Ours first = new Ours()) {
            millis.put(Work.ADD, new double[] {first.time(manager -> addresses.forEach(manager::add), all), 0});
        }
        long start = System.nanoTime();
        try (Ours second = new Ours()) {
            second.time(manager -> addresses.forEach(manager::add), all);
            millis.put(Work.ADOPT, new double[] {(System.nanoTime() - start) / 1e6, 0});
            millis.put(Work.REMOVE, new double[] {second.time(manager -> addresses.forEach(manager::remove), none), 0});
        }
        for (Work work : Work.values()) {
            millis.get(work)[1] = ip(work, addresses);
        }
        return millis;
    }

    private static double ip(Work work, List<Cidr> addresses) throws IOException, InterruptedException {
        List<String> lines = addresses.stream()
                .map(address -> "addr " + work.ipCommand + " " + address + " dev " + LINK)
                .toList();
        Path batch = Files.createTempFile("lb-bench", ".batch");
        try {
            Files.write(batch, lines);
            long start = System.nanoTime();
            int status = new ProcessBuilder("ip", "-batch", batch.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IOException("ip -batch ended with " + status);
            }
            return (System.nanoTime() - start) / 1e6;
        } finally {
            Files.delete(batch);
        }
    }

    /** A manager, as a process has one, and a way to wait until it shows what is awaited. */
    private static final class Ours implements AutoCloseable {
        private final RtnetlinkAddressManager manager = RtnetlinkAddressManager.open(LINK, WITHOUT_PROBES);
        private final Semaphore changed = new Semaphore(0);

        Ours() throws IOException {
            manager.onChange(changed::release);
        }

        @FunctionalInterface
        interface Request {
            void to(RtnetlinkAddressManager manager);
        }

        double time(Request request, Predicate<List<AddressStatus>> done) throws InterruptedException {
            long start = System.nanoTime();
            request.to(manager);
            while (!done.test(manager.addresses())) {
                changed.acquire();
            }
            return (System.nanoTime() - start) / 1e6;
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
