package io.littlelb.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backends;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.FrontendConfig;
import io.littlelb.core.model.FrontendStatus;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.port.Forwarder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link Forwarder} promises of its frontends, whether it moves bytes or not: set, removed, drained, handed over, closed. */
public abstract class ForwarderContract {
    private static final Frontend FRONTEND = new Frontend(InetAddresses.forString("127.0.0.1"), 8888, Protocol.TCP);
    private static final Duration LONG = Duration.ofMinutes(5);

    private final AtomicInteger changes = new AtomicInteger();
    private Forwarder forwarder;

    /** One to be tested, with nothing set. */
    protected abstract Forwarder open() throws Exception;

    /** Some that keep their clients. */
    protected abstract Backends backends() throws Exception;

    /** A client that has connected to a frontend that is open, and stays until it is closed. */
    protected abstract AutoCloseable connect(Frontend frontend) throws Exception;

    /** Has the next {@link Forwarder#set} of a frontend fail. */
    protected abstract AutoCloseable occupy(Frontend frontend) throws Exception;

    @BeforeEach
    void begin() throws Exception {
        forwarder = open();
        forwarder.onChange(changes::incrementAndGet);
    }

    @AfterEach
    void end() {
        forwarder.close();
    }

    @Test
    void oneThatIsSetIsOpenAndOneWithoutBackendsRefuses() throws Exception {
        set("one");
        assertThat(state()).isEqualTo(FrontendStatus.State.OPEN);

        forwarder.set(FRONTEND, new FrontendConfig(service("one"), Backends.none()));
        assertThat(state()).isEqualTo(FrontendStatus.State.REFUSING);
    }

    @Test
    void oneThatCannotBeOpenedSaysWhy() throws Exception {
        AutoCloseable occupied = occupy(FRONTEND);
        assertThatThrownBy(() -> set("one")).isInstanceOf(IOException.class);
        occupied.close();

        assertThat(state()).isEqualTo(FrontendStatus.State.FAILED);
        assertThat(forwarder.frontends().get(FRONTEND).problem(Reason.BindFailed))
                .isPresent();
    }

    @Test
    void oneThatIsRemovedIsGoneAndThatIsTold() throws Exception {
        set("one");
        forwarder.remove(FRONTEND, LONG);

        assertThat(forwarder.frontends()).isEmpty();
        assertThat(changes.get()).isPositive();
        forwarder.remove(FRONTEND, LONG);
        assertThat(forwarder.frontends()).isEmpty();
    }

    @Test
    void oneWithAClientDrainsUntilThatHasLeft() throws Exception {
        set("one");
        AutoCloseable client = connect(FRONTEND);
        forwarder.remove(FRONTEND, LONG);
        forwarder.remove(FRONTEND, LONG);
        assertThat(state()).isEqualTo(FrontendStatus.State.DRAINING);
        client.close();

        await().untilAsserted(() -> assertThat(forwarder.frontends()).isEmpty());
        await().untilAsserted(() -> assertThat(changes.get()).isPositive());
    }

    @Test
    void oneThatDrainsMayBeSetAgain() throws Exception {
        set("one");
        AutoCloseable client = connect(FRONTEND);
        forwarder.remove(FRONTEND, LONG);
        set("one");
        assertThat(state()).isEqualTo(FrontendStatus.State.OPEN);
        client.close();
        assertThat(state()).isEqualTo(FrontendStatus.State.OPEN);
    }

    @Test
    void oneIsHandedOverOnceItWasRemovedAndNotBefore() throws Exception {
        set("one");
        AutoCloseable client = connect(FRONTEND);
        assertThatThrownBy(() -> set("two")).isInstanceOf(IllegalArgumentException.class);
        assertThat(owner()).isEqualTo(service("one"));

        forwarder.remove(FRONTEND, LONG);
        set("two");
        assertThat(state()).isEqualTo(FrontendStatus.State.OPEN);
        assertThat(owner()).isEqualTo(service("two"));
        client.close();
        assertThat(owner()).isEqualTo(service("two"));
    }

    @Test
    void itTurnsUntilItIsClosed() {
        assertThat(forwarder.isTurning(Duration.ofSeconds(20))).isTrue();
        forwarder.close();
        assertThat(forwarder.isTurning(Duration.ofSeconds(20))).isFalse();
    }

    @Test
    void oneThatIsClosedTakesNothingAndHasNothing() throws Exception {
        set("one");
        AutoCloseable client = connect(FRONTEND);
        forwarder.close();
        forwarder.close();
        client.close();

        assertThatThrownBy(() -> set("one")).isInstanceOf(IllegalStateException.class);
        forwarder.remove(FRONTEND, LONG);
        assertThat(forwarder.frontends()).isEmpty();
        assertThat(forwarder.connections(10, connection -> true)).isEmpty();
        assertThat(forwarder.disconnect(connection -> true)).isZero();
    }

    @Test
    void aListenerMayCloseItFromWithinACall() throws Exception {
        forwarder.onChange(forwarder::close);
        set("one");
        forwarder.remove(FRONTEND, LONG);

        assertThatThrownBy(() -> set("one")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aListenerMayCloseItWhenTheLastClientHasLeft() throws Exception {
        set("one");
        AutoCloseable client = connect(FRONTEND);
        forwarder.onChange(forwarder::close);
        forwarder.remove(FRONTEND, LONG);
        client.close();

        await().untilAsserted(() -> assertThatThrownBy(() -> set("one")).isInstanceOf(IllegalStateException.class));
    }

    private void set(String name) throws Exception {
        forwarder.set(FRONTEND, new FrontendConfig(service(name), backends()));
    }

    private static ServiceKey service(String name) {
        return new ServiceKey("default", name);
    }

    private FrontendStatus.State state() {
        return forwarder.frontends().get(FRONTEND).state();
    }

    private ServiceKey owner() {
        return forwarder.frontends().get(FRONTEND).config().service();
    }
}
