package io.littlelb.k8s;

import static io.littlelb.k8s.Fixtures.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.k8s.HealthChecks.Target;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
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

    private Target start(String address) throws IOException {
        node = HttpServer.create(new InetSocketAddress(ip(address), 0), 0);
        node.createContext("/healthz", exchange -> {
            exchange.sendResponseHeaders(status.get(), -1);
            exchange.close();
        });
        node.start();
        return new Target(ip(address), node.getAddress().getPort());
    }
}
