package io.littlelb.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.ConnectionInfo;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.proxy.frontend.Client;
import io.littlelb.proxy.frontend.OpenFrontend;
import io.littlelb.proxy.health.BackendHealth;
import io.littlelb.proxy.loop.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client that goes from one loop to another while it is looked for, as one does of whom a proxy has spoken. */
@Timeout(60)
class RosterTest {
    private static final Frontend FRONTEND = new Frontend(InetAddresses.forString("127.0.0.1"), 8888, Protocol.TCP);

    private final Queue<Ending> endings = new ConcurrentLinkedQueue<>();
    private EventLoop first;
    private EventLoop second;
    private Roster roster;

    @BeforeEach
    void open() throws Exception {
        first = new EventLoop(0, Duration.ZERO, (thread, error) -> {});
        second = new EventLoop(1, Duration.ZERO, (thread, error) -> {});
        first.start();
        second.start();
        roster = new Roster(List.of(first, second));
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    @Test
    void isToldOnce() {
        Moving client = new Moving(first);

        List<ConnectionInfo> told = roster.connections(10, seen -> {
            client.moveTo(second);
            return true;
        });

        assertThat(told).hasSize(1);
    }

    @Test
    void isEndedWhereItIsByNow() {
        Moving client = new Moving(second);

        int ended = roster.disconnect(seen -> {
            client.moveTo(first);
            return true;
        });

        assertThat(ended).isEqualTo(1);
        assertThat(endings).containsExactly(Ending.DISCONNECTED);
    }

    private final class Moving extends Client {
        private final OpenFrontend frontend;
        private EventLoop home;

        Moving(EventLoop home) {
            FrontendConfig config = new FrontendConfig(new ServiceKey("default", "web"), Backends.none());
            BackendHealth health =
                    new BackendHealth(home, Duration.ofSeconds(1), protocol -> new byte[0], backend -> true, () -> {});
            this.frontend = new OpenFrontend(FRONTEND, config, health, drained -> {});
            this.home = home;
            home.call(() -> home.began(this));
        }

        void moveTo(EventLoop other) {
            home.call(() -> home.ended(this));
            other.call(() -> other.began(this));
            home = other;
        }

        @Override
        public OpenFrontend frontend() {
            return frontend;
        }

        @Override
        public String id() {
            return "0-1";
        }

        @Override
        public ConnectionInfo info(long now) {
            return new ConnectionInfo(
                    id(),
                    new InetSocketAddress(FRONTEND.ip(), 40_000),
                    FRONTEND,
                    frontend.config.service(),
                    false,
                    ConnectionInfo.State.GREETING,
                    Optional.empty(),
                    0,
                    List.of(),
                    Duration.ZERO,
                    Duration.ZERO,
                    0,
                    0);
        }

        @Override
        public void breakOff(Ending ending) {
            if (ending == Ending.DISCONNECTED) { // else its loop is closed
                endings.add(ending);
            }
        }
    }
}
