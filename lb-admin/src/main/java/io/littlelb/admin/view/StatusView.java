package io.littlelb.admin.view;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How an instance fares: {@code /v1/status}.
 *
 * @param version and commit of the program
 * @param state {@code starting} before the first pass, {@code serving}, {@code degraded}, {@code stopping}
 * @param problems why it is degraded, each in a sentence
 * @param services how many there are, and how they fare
 * @param complaints of Services that are not served as asked; the first ones by name
 * @param lastPass left out before the first one
 */
public record StatusView(
        String version,
        State state,
        List<String> problems,
        OfProcess process,
        OfLink link,
        OfSource source,
        OfServices services,
        List<ComplaintView> complaints,
        OfBackends backends,
        OfTraffic traffic,
        Optional<OfPass> lastPass) {
    /** Where an instance stands. */
    public enum State {
        starting,
        serving,
        degraded,
        stopping
    }

    /**
     * The process.
     *
     * @param host its name
     * @param user whose it is
     * @param heapLimit the most that the heap may take
     * @param resident what it takes of the machine's memory
     */
    public record OfProcess(
            long pid,
            String host,
            String user,
            String mode,
            Instant startedAt,
            double upSeconds,
            long heap,
            long heapLimit,
            long resident,
            long descriptors,
            long descriptorLimit) {}

    /**
     * The link that addresses are put on.
     *
     * @param state {@code up}, {@code down}, {@code missing}, {@code unknown}
     * @param addresses the host's own on it, with their prefix lengths
     * @param ours how many addresses it has of ours
     * @param announcedSeconds since the network was last told of one of ours
     */
    public record OfLink(
            String name,
            String state,
            List<String> addresses,
            int ours,
            Optional<Double> announcedSeconds,
            long announcements,
            long conflicts,
            long repairs) {}

    /**
     * Where Services come from.
     *
     * @param heardSeconds since it had an answer
     * @param trouble why what is known may not be what there is; left out when all is well
     */
    public record OfSource(String place, Optional<Double> heardSeconds, Optional<String> trouble) {}

    /**
     * Services.
     *
     * @param wanted those that are this instance's to serve
     * @param served as asked
     * @param drained by a person
     */
    public record OfServices(int wanted, int served, int drained) {}

    /**
     * Backends, each counted once for each frontend that has it.
     *
     * @param listed all of them
     * @param ejected those that get no clients for now, since they did not answer
     */
    public record OfBackends(int listed, int ejected) {}

    /**
     * All frontends together.
     *
     * @param connectionLimit of the whole process
     * @param paused whether clients wait in the kernel's queue for want of connections
     * @param refused clients that were turned away since the start
     */
    public record OfTraffic(
            long connections, long connectionLimit, boolean paused, long accepted, long refused, RatesView rates) {}

    /**
     * The last pass.
     *
     * @param passes made since the start
     * @param failedSteps of the last one
     */
    public record OfPass(Instant at, double agoSeconds, double tookSeconds, int steps, int failedSteps, long passes) {}
}
