package io.littlelb.cli;

import static java.util.stream.Collectors.joining;

import io.littlelb.core.loop.LoadBalancer;
import io.littlelb.core.model.Boundaries;
import io.littlelb.core.model.Link;
import io.littlelb.core.model.Settings;
import io.littlelb.file.Look;
import io.littlelb.netlink.link.Links;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Reads the file that {@code --config} names again when a person asks for it, and has what can change while the program runs change. A file with anything wrong in
 * it is refused whole: what is in force stays. May be called from any thread; one at a time reads.
 */
final class Reload {
    private static final Logger log = LoggerFactory.getLogger(Reload.class);

    /** What the next pass asks for. */
    private static final Set<String> SETTINGS = Set.of(
            "--pool",
            "--only-pools",
            "--reserved-ports",
            "--host-addresses",
            "--max-ports-per-service",
            "--drain-timeout");

    private static final Set<String> OF_THE_LOG = Set.of("--debug", "--debug-netlink", "--log-format", "--access-log");

    private final RunOptions started;
    private final LoadBalancer loadBalancer;
    private final Optional<Supplier<Look>> source;
    private final Boundaries boundaries;
    /** Of each flag that could be in a file, the value that is in force. */
    private final Map<String, Object> inForce;

    /**
     * @param started what the program was started with
     * @param source looks at the source of Services again, where that is a file
     */
    Reload(RunOptions started, LoadBalancer loadBalancer, Optional<Supplier<Look>> source) {
        this.started = started;
        this.loadBalancer = loadBalancer;
        this.source = source;
        this.boundaries = loadBalancer.settings().boundaries();
        this.inForce = new HashMap<>(values(started));
    }

    /**
     * What came of it.
     *
     * @param flags of {@code --config}; empty where there is none
     * @param services of the services file; empty where Services come from a cluster
     */
    record Result(Optional<Flags> flags, Optional<Look> services) {
        /** Whether there was anything to read, and all of it is in force. */
        boolean isDone() {
            return (flags.isPresent() || services.isPresent())
                    && flags.flatMap(Flags::refused).isEmpty()
                    && services.flatMap(Look::refused).isEmpty();
        }

        /** For a person, in a sentence. */
        @Override
        public String toString() {
            return flags.isEmpty() && services.isEmpty()
                    ? "there is nothing to read again: no --config, and Services come from a cluster"
                    : Stream.of(flags, services)
                            .flatMap(Optional::stream)
                            .map(Object::toString)
                            .collect(joining("; "));
        }
    }

    /**
     * What came of reading the flags again.
     *
     * @param applied the keys whose values have changed, and are in force now
     * @param needRestart the keys whose values have changed, and will be in force after a restart
     * @param refused why nothing has changed; empty when the file is good
     */
    record Flags(List<String> applied, List<String> needRestart, Optional<String> refused) {
        Flags {
            applied = List.copyOf(applied);
            needRestart = List.copyOf(needRestart);
        }

        static Flags refusedFor(String why) {
            return new Flags(List.of(), List.of(), Optional.of(why));
        }

        /** For a person, in a sentence. */
        @Override
        public String toString() {
            if (refused.isPresent()) {
                return refused.get() + "; what was in force stays in force";
            }
            String changed = applied.isEmpty() ? "no key has changed" : String.join(", ", applied) + " changed";
            return needRestart.isEmpty()
                    ? changed
                    : (applied.isEmpty() ? "" : changed + "; ") + String.join(", ", needRestart)
                            + " will change with a restart";
        }
    }

    /** Whether a flag can change while the program runs. */
    static boolean isLive(String flag) {
        return SETTINGS.contains(flag) || OF_THE_LOG.contains(flag);
    }

    /** Reads again all that can be, and says in the log what came of it. */
    synchronized Result reload() {
        Optional<Look> services = source.map(Supplier::get); // which says itself in the log what it has found
        Optional<Flags> flags = started.config().isEmpty() ? Optional.empty() : Optional.of(ofTheFile());
        flags.ifPresent(this::log);
        Result result = new Result(flags, services);
        if (flags.isEmpty() && services.isEmpty()) {
            log.info("Not reloaded: {}", result);
        }
        return result;
    }

    private void log(Flags flags) {
        if (flags.refused().isPresent()) {
            log.warn("Not reloaded: {}", flags);
        } else {
            log.info("Read {} again: {}", started.config(), flags);
        }
    }

    private Flags ofTheFile() {
        try {
            RunOptions now = started.readAgain();
            Optional<Link> link = Links.list().stream()
                    .filter(found -> found.name().equals(started.serving().link()))
                    .findFirst();
            if (link.isPresent()) {
                now.checkPools(link.get());
            }
            return apply(now);
        } catch (UsageException refused) {
            return Flags.refusedFor(refused.getMessage());
        } catch (IOException cannotTell) {
            return Flags.refusedFor("the host cannot be looked at: " + cannotTell.getMessage());
        }
    }

    private Flags apply(RunOptions now) throws UsageException, IOException {
        List<String> applied = new ArrayList<>();
        List<String> needRestart = new ArrayList<>();
        values(now).forEach((flag, value) -> {
            if (!Objects.equals(value, inForce.get(flag))) {
                (isLive(flag) ? applied : needRestart).add(flag);
            }
        });
        Boundaries wanted = now.serving().boundaries();
        if (applied.contains("--reserved-ports") && !isWatched(wanted)) {
            applied.remove("--reserved-ports");
            needRestart.add("--reserved-ports");
        }
        if (applied.stream().anyMatch(SETTINGS::contains)) {
            // where they are the kernel's, others may have changed them meanwhile
            boolean keepsPorts = !applied.contains("--reserved-ports");
            loadBalancer.reconfigure(
                    new Settings(now.serving().pools().pools(), settled(wanted, keepsPorts), now.drainTimeout()));
        }
        applyToTheLog(now, applied);
        applied.forEach(flag -> inForce.put(flag, values(now).get(flag)));
        return new Flags(keys(applied), keys(needRestart), Optional.empty());
    }

    /** Whether listeners of the host on these ports have been looked out for since the start. */
    private boolean isWatched(Boundaries wanted) {
        return boundaries
                .reservedPorts()
                .onTheHosts()
                .enclosesAll(wanted.reservedPorts().onTheHosts());
    }

    /** Who names backends is settled at the start, with the source. */
    private Boundaries settled(Boundaries wanted, boolean keepsPorts) {
        return new Boundaries(
                keepsPorts ? loadBalancer.settings().boundaries().reservedPorts() : wanted.reservedPorts(),
                wanted.hostAddresses(),
                wanted.onlyPools(),
                wanted.portsPerService(),
                boundaries.foreignBackends());
    }

    private void applyToTheLog(RunOptions now, List<String> changed) {
        if (changed.contains("--debug")) {
            started.logging().levels().set(now.log().level());
        }
        if (changed.contains("--debug-netlink")) {
            started.logging().levels().netlink(now.debugsNetlink());
        }
        if (changed.contains("--log-format")) {
            started.logging().style(now.log().style());
        }
        if (changed.contains("--access-log")) {
            started.logging().access().tellOf(now.log().access());
        }
    }

    private static Map<String, Object> values(RunOptions options) {
        Map<String, Object> values = new HashMap<>();
        for (OptionSpec option : options.flags()) {
            values.put(option.longestName(), option.getValue());
        }
        return values;
    }

    private static List<String> keys(List<String> flags) {
        return flags.stream().map(flag -> flag.substring(2)).sorted().toList();
    }
}
