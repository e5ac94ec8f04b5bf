package io.littlelb.k8s;

import static java.util.Objects.requireNonNull;

import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import io.littlelb.core.worker.Worker;
import io.littlelb.k8s.HealthQuestions.Outcome;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Asks nodes whether they have a ready pod of a Service: {@code externalTrafficPolicy: Local} makes every node answer {@code
 * GET /healthz} on the Service's {@code healthCheckNodePort} with 200 if it has one and 503 if not (Kubernetes documentation,
 * "Virtual IPs and Service Proxies"), and drop traffic where there is none.
 *
 * <p>A node takes traffic from its first good answer on. It takes none after one bad answer, or after no answer twice in a row; and only what was still
 * not there after all that had come was read is no answer, so a pause of ours is not a node's silence. All work is done on the thread {@code
 * lb-health}; the outcome can be read by any.
 */
final class HealthChecks implements AutoCloseable {
    static final Duration PERIOD = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int SILENCES = 2;

    private final Runnable onChange;
    private final long period;
    private final long patience;
    private final HealthQuestions questions = new HealthQuestions();
    private final Worker worker;
    /** Of lb-health alone. */
    private final Map<Target, Check> checks = new HashMap<>();

    private volatile Set<Target> wanted = Set.of();
    private volatile Set<Target> healthy = Set.of();

    /**
     * Has no thread until it is {@linkplain #open opened}; a test may have it {@link #turn} by hand.
     *
     * @param patience how long the next step of an answer is waited for
     */
    HealthChecks(Runnable onChange, Duration period, Duration patience, ErrorHandler errors) {
        this.onChange = requireNonNull(onChange, "onChange");
        this.period = period.toNanos();
        this.patience = patience.toNanos();
        this.worker = new Worker("lb-health", questions, this::turn, errors);
    }

    /**
     * Starts the thread, with nobody to ask yet.
     *
     * @param onChange called on {@code lb-health} whenever {@link #isHealthy} would answer differently
     * @param period how long after a question a target is asked again
     */
    static HealthChecks open(Runnable onChange, Duration period, ErrorHandler errors) {
        HealthChecks checks = new HealthChecks(onChange, period, PATIENCE, errors);
        checks.worker.start();
        return checks;
    }

    /** A node's address and the port on which it tells about one Service. */
    record Target(InetAddress node, int port) {}

    /** What is known of a target. */
    private static final class Check {
        private boolean good;
        private int silences;
        /** When it is asked again, by {@link System#nanoTime}. */
        private long due;
    }

    /** Asks these from now on and no others; new ones at once. From any thread. */
    void follow(Set<Target> targets) {
        wanted = Set.copyOf(targets);
        worker.wake();
    }

    /** Whether the last word of a target was a good one. From any thread. */
    boolean isHealthy(Target target) {
        return healthy.contains(target);
    }

    /** One turn, by hand. */
    void turn() {
        worker.turn();
    }

    private long turn(long now) {
        if (worker.isClosing()) {
            questions.close();
            return Task.DONE;
        }
        questions.takeOutcomes().forEach(this::learn);
        turnTo(wanted, now);
        long next = Task.UNTIL_WOKEN;
        for (Map.Entry<Target, Check> each : checks.entrySet()) {
            next = Math.min(next, look(each.getKey(), each.getValue(), now));
        }
        show();
        return questions.hasOutcomes() ? 0 : next;
    }

    private void turnTo(Set<Target> targets, long now) {
        checks.keySet().removeIf(target -> {
            boolean gone = !targets.contains(target);
            if (gone) {
                questions.abandon(target);
            }
            return gone;
        });
        for (Target target : targets) {
            checks.computeIfAbsent(target, asked -> {
                Check check = new Check();
                check.due = now;
                return check;
            });
        }
    }

    private void learn(Outcome outcome) {
        Check check = checks.get(outcome.target());
        if (check != null && outcome.status().isPresent()) {
            check.good = outcome.status().getAsInt() == 200;
            check.silences = 0;
        } else if (check != null) {
            silent(check);
        }
    }

    private static void silent(Check check) {
        check.silences++;
        check.good &= check.silences < SILENCES;
    }

    /** Returns in how many nanoseconds to look again. */
    private long look(Target target, Check check, long now) {
        Optional<Long> since = questions.since(target);
        if (since.isPresent() && now - since.get() < patience) {
            return patience - (now - since.get());
        }
        if (since.isPresent()) {
            questions.abandon(target);
            silent(check);
        }
        if (now - check.due < 0) {
            return check.due - now;
        }
        check.due = now + period;
        questions.ask(target);
        return Math.min(period, patience);
    }

    private void show() {
        Set<Target> now = checks.entrySet().stream()
                .filter(check -> check.getValue().good)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
        if (!now.equals(healthy)) {
            healthy = now;
            onChange.run();
        }
    }

    @Override
    public void close() {
        worker.close(PATIENCE);
    }
}
