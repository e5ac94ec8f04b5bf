package io.littlelb.k8s;

import static io.littlelb.k8s.Fixtures.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.k8s.HealthChecks.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthChecksTest {
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicInteger status = new AtomicInteger(200);
    private final HealthChecks checks =
            HealthChecks.open(changes::incrementAndGet, Duration.ofMillis(50), ErrorHandler.LOG);
    private final AtomicInteger answers = new AtomicInteger();
    private HttpServer node;

    @AfterEach
    void stop() {
        checks.close();
        node.stop(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void followsWhatANodeSays(String address) throws IOException {
        Target target = start(address);
        assertThat(checks.isHealthy(target)).isFalse();

        checks.follow(Set.of(target));
        await().until(() -> checks.isHealthy(target));
        status.set(503);
        await().until(() -> !checks.isHealthy(target));
        status.set(200);
        await().until(() -> checks.isHealthy(target));

        assertThat(changes.get()).isEqualTo(3);
    }

    @Test
    void aNodeThatFallsSilentIsLeftOut() throws IOException {
        Target target = start("127.0.0.1");
        checks.follow(Set.of(target));
        await().until(() -> checks.isHealthy(target));

        node.stop(0);

        await().until(() -> !checks.isHealthy(target));
    }

    @Test
    void aTargetThatIsNoLongerFollowedIsForgotten() throws IOException {
        Target target = start("127.0.0.1");
        checks.follow(Set.of(target));
        await().until(() -> checks.isHealthy(target));

        checks.follow(Set.of());

        await().until(() -> !checks.isHealthy(target));
    }

    /** Stopped for longer than it would wait (SIGSTOP, a paused virtual machine), it finds the answers when it goes on, and not the silence. */
    @Test
    void aPauseOfOursIsNotANodesSilence() throws IOException {
        Target target = start("127.0.0.1");
        Duration patience = Duration.ofMillis(20);
        HealthChecks paused = new HealthChecks(() -> {}, Duration.ofHours(1), patience, ErrorHandler.LOG);
        paused.follow(Set.of(target));

        paused.turn(); // it is asked
        awaitTheEndOf(patience);
        paused.turn(); // it was connected to meanwhile, and gets the request only now
        await().untilAtomic(answers, count -> assertThat(count.intValue()).isEqualTo(1));
        awaitTheEndOf(patience);
        paused.follow(
                Set.of(target)); // wakes it: where the answer was heard already, it would wait for the next question
        paused.turn();

        assertThat(paused.isHealthy(target)).isTrue();
        paused.close();
    }

    private static void awaitTheEndOf(Duration time) {
        long start = System.nanoTime();
        await().pollInterval(Duration.ofMillis(1)).until(() -> System.nanoTime() - start > 2 * time.toNanos());
    }

    @Test
    void anAnswerThatIsNoHttpOrNoneAtAllIsSilence() throws IOException {
        Target target = start("127.0.0.1");
        checks.follow(Set.of(target));
        await().until(() -> checks.isHealthy(target));
        node.stop(0);
        try (ServerSocket odd = new ServerSocket()) {
            odd.setReuseAddress(true);
            odd.bind(new InetSocketAddress(target.node(), target.port()));
            for (String answer : List.of("SSH-2.0-OpenSSH_9.9 and so on", "")) {
                try (Socket client = odd.accept()) {
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                }
            }
            await().until(() -> !checks.isHealthy(target));
        }
    }

    private Target start(String address) throws IOException {
        node = HttpServer.create(new InetSocketAddress(ip(address), 0), 0);
        node.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
            answers.incrementAndGet();
        });
        node.start();
        return new Target(ip(address), node.getAddress().getPort());
    }
}
