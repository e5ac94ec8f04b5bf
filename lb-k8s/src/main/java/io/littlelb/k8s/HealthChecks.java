package io.littlelb.k8s;

import com.google.common.net.InetAddresses;
import com.google.common.util.concurrent.MoreExecutors;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks nodes whether they have a ready pod of a Service: {@code externalTrafficPolicy: Local} makes every node answer {@code
 * GET /healthz} on the Service's {@code healthCheckNodePort} with 200 if it has one and 503 if not (Kubernetes documentation,
 * "Virtual IPs and Service Proxies"), and drop traffic where there is none.
 *
 * <p>A node takes traffic from its first good answer on. It takes none after one bad answer, or after no answer twice in a row. All
 * work is done on the thread {@code lb-health}; the outcome can be read by any.
 */
final class HealthChecks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HealthChecks.class);
    static final Duration PERIOD = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final int SILENCES = 2;

    private final Runnable onChange;
    private final ScheduledThreadPoolExecutor lbHealth = new ScheduledThreadPoolExecutor(1, work -> {
        Thread thread = new Thread(work, "lb-health");
        thread.setDaemon(true);
        return thread;
    });
    private final HttpClient http =
            HttpClient.newBuilder().executor(lbHealth).connectTimeout(PATIENCE).build();

    private final Future<?> rounds;
    /** Of lb-health alone. */
    private final Map<Target, Check> checks = new HashMap<>();

    private volatile Set<Target> healthy = Set.of();

    /**
     * @param onChange called on {@code lb-health} whenever {@link #isHealthy} would answer differently
     * @param period how long to wait before a target is asked again
     */
    HealthChecks(Runnable onChange, Duration period) {
        this.onChange = onChange;
        rounds = lbHealth.scheduleWithFixedDelay(
                () -> checks.values().forEach(this::ask), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A node's address and the port on which it tells about one Service. */
    record Target(InetAddress node, int port) {}

    /** What is known of a target. */
    private static final class Check {
        private final Target target;
        private boolean asking;
        private boolean good;
        private int silences;

        Check(Target target) {
            this.target = target;
        }
    }

    /** Asks these from now on and no others; new ones at once. From any thread. */
    void follow(Set<Target> targets) {
        Set<Target> wanted = Set.copyOf(targets);
        lbHealth.execute(() -> {
            checks.keySet().retainAll(wanted);
            for (Target target : wanted) {
                if (!checks.containsKey(target)) {
                    Check check = new Check(target);
                    checks.put(target, check);
                    ask(check);
                }
            }
            show();
        });
    }

    /** Whether the last word of a target was a good one. From any thread. */
    boolean isHealthy(Target target) {
        return healthy.contains(target);
    }

    private void ask(Check check) {
        if (check.asking) {
            return;
        }
        check.asking = true;
        URI uri = URI.create(
                "http://" + InetAddresses.toUriString(check.target.node()) + ":" + check.target.port() + "/healthz");
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
        http.sendAsync(request, HttpResponse.BodyHandlers.discarding())
                .whenCompleteAsync(
                        (response, failure) -> {
                            check.asking = false;
                            if (failure == null) {
                                answered(check, response.statusCode());
                            } else {
                                silent(check, failure);
                            }
                            show();
                        },
                        lbHealth)
                .exceptionally(bug -> {
                    log.debug("{} was asked in vain: {}", uri, bug.toString());
                    return null;
                });
    }

    private static void answered(Check check, int status) {
        check.good = status == 200;
        check.silences = 0;
    }

    private static void silent(Check check, Throwable failure) {
        log.debug("{}: no word of its health: {}", check.target, failure.toString());
        check.silences++;
        check.good &= check.silences < SILENCES;
    }

    private void show() {
        Set<Target> now = checks.values().stream()
                .filter(check -> check.good)
                .map(check -> check.target)
                .collect(Collectors.toUnmodifiableSet());
        if (!now.equals(healthy)) {
            healthy = now;
            onChange.run();
        }
    }

    @Override
    public void close() {
        rounds.cancel(false);
        MoreExecutors.shutdownAndAwaitTermination(lbHealth, PATIENCE);
    }
}
