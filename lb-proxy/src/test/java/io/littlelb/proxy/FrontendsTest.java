package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Counters;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.frontend.ServiceLimits;
import io.littlelb.proxy.health.BackendHealth;
import io.littlelb.proxy.loop.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens while a frontend is being set. */
@Timeout(60)
class FrontendsTest {
    private static final Frontend FRONTEND = new Frontend(InetAddresses.forString("127.0.0.1"), 8888, Protocol.TCP);
    private static final Backend BACKEND = new Backend(InetAddresses.forString("127.0.0.1"), 8080);

    private EventLoop loop;
    private Frontends frontends;

    @BeforeEach
    void open() throws Exception {
        loop = new EventLoop(0, Duration.ZERO, (thread, error) -> {});
        BackendHealth health =
                new BackendHealth(loop, Duration.ofSeconds(1), protocol -> new byte[0], backend -> true, () -> {});
        frontends = new Frontends(health, open -> frontends.forgetIfDrained(open));
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @Test
    void whoAsksMeanwhileIsToldOfEachServiceOnce() throws Exception {
        drainingWithAClient("one");
        CompletableFuture<Map<Counters.Subject, Counters>> told = new CompletableFuture<>();

        setWhile("two", () -> told.complete(frontends.counters(OpenFrontend::counters)));

        assertThat(told.get(20, TimeUnit.SECONDS)).containsKey(subject("one"));
        assertThat(frontends.counters(OpenFrontend::counters)).containsOnlyKeys(subject("one"), subject("two"));
    }

    @Test
    void theLastConnectionOfWhatDrainedEndsMeanwhileAndWhatDrainsBesideItIsKept() throws Exception {
        drainingWithAClient("one");
        OpenFrontend two = drainingWithAClient("two");

        setWhile("two", () -> two.connectionEnded(Ending.CLIENT_CLOSED));

        assertThat(frontends.counters(OpenFrontend::counters)).containsOnlyKeys(subject("one"), subject("two"));
    }

    @Test
    void whatMayNotBeSetAsksForNothing() {
        frontends.set(FRONTEND, config("one"), ServiceLimits::new);
        AtomicInteger asked = new AtomicInteger();

        CompletableFuture<Void> set = CompletableFuture.runAsync(() -> frontends.set(FRONTEND, config("two"), () -> {
            asked.incrementAndGet();
            return new ServiceLimits();
        }));

        assertThat(set)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withCauseInstanceOf(IllegalArgumentException.class);
        assertThat(asked).hasValue(0);
    }

    private OpenFrontend drainingWithAClient(String service) {
        OpenFrontend open =
                frontends.set(FRONTEND, config(service), ServiceLimits::new).open();
        open.connectionStarted();
        frontends.drain(FRONTEND);
        return open;
    }

    /** Has another thread do something in the midst of it: it has done so, or waits, before that goes on. */
    private void setWhile(String service, Runnable meanwhile) throws InterruptedException {
        Thread other = new Thread(meanwhile);
        frontends.set(FRONTEND, config(service), () -> {
            other.start();
            await().until(() -> other.getState() == Thread.State.BLOCKED || !other.isAlive());
            return new ServiceLimits();
        });
        other.join();
    }

    private static FrontendConfig config(String service) {
        return new FrontendConfig(new ServiceKey("default", service), new Backends.Listed(List.of(BACKEND)));
    }

    private static Counters.Subject subject(String service) {
        return new Counters.Subject(FRONTEND, new ServiceKey("default", service));
    }
}
