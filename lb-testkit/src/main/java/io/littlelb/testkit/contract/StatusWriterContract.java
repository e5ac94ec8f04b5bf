package io.littlelb.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.model.Addresses;
import io.littlelb.core.model.ClusterSnapshot.Published;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.core.model.ServiceStatus.Held;
import io.littlelb.core.model.ServiceStatus.Ingress;
import io.littlelb.core.port.EndpointSource;
import io.littlelb.core.port.StatusWriter;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the core relies on in a {@link StatusWriter} and the source whose Services it writes on. */
public abstract class StatusWriterContract {
    /** The Services that there are. */
    protected static final ServiceKey WEB = new ServiceKey("default", "web");

    protected static final ServiceKey OTHER = new ServiceKey("default", "other");

    private static final InetAddress IP = Addresses.parse("198.18.0.9").orElseThrow();
    private static final ServiceStatus ALLOCATED =
            new ServiceStatus(List.of(), List.of(), List.of(Held.exclusive(IP)), List.of());
    private static final ServiceStatus SERVED = new ServiceStatus(
            List.of(new Ingress(IP, List.of(new Ingress.Port(80, Protocol.TCP, Optional.empty())))),
            List.of(
                    Condition.good(Condition.Type.ALLOCATED, "198.18.0.9"),
                    Condition.bad(Condition.Type.BACKENDS_AVAILABLE, Reason.NoBackends, "no endpoint")),
            List.of(Held.exclusive(IP)),
            List.of());

    /** Writes on two Services on which nothing is said. */
    protected abstract StatusWriter writer();

    /** Shows what was written. */
    protected abstract EndpointSource source();

    /** Which Service {@link #WEB} or {@link #OTHER} is. */
    protected abstract String uid(ServiceKey key);

    @Test
    protected final void whatWasWrittenShowsInTheSource() {
        writer().write(WEB, uid(WEB), SERVED);

        awaitPublished(WEB, SERVED);
        assertThat(source().snapshot().orElseThrow().published().get(WEB).uid()).isEqualTo(uid(WEB));
        assertThat(published(OTHER)).isEmpty();
        assertThat(writer().complaint(WEB, uid(WEB))).as("it was granted").isEmpty();
    }

    @Test
    protected final void theLastWishWins() {
        writer().write(WEB, uid(WEB), ALLOCATED);
        writer().write(WEB, uid(WEB), SERVED);
        awaitPublished(WEB, SERVED);

        writer().write(WEB, uid(WEB), ALLOCATED);

        awaitPublished(WEB, ALLOCATED);
    }

    @Test
    protected final void nothingTakesEverythingBack() {
        writer().write(WEB, uid(WEB), SERVED);
        awaitPublished(WEB, SERVED);

        writer().write(WEB, uid(WEB), ServiceStatus.NONE);

        await().until(() -> published(WEB).isEmpty());
    }

    @Test
    protected final void aServiceThatOnlyHasTheNameOfTheOneMeantIsLeftAlone() {
        writer().write(WEB, "another", SERVED);
        writer().write(OTHER, uid(OTHER), SERVED);

        awaitPublished(OTHER, SERVED);
        await().during(Duration.ofMillis(300)) // others write in parallel
                .until(() -> published(WEB).isEmpty());
    }

    private void awaitPublished(ServiceKey key, ServiceStatus status) {
        await().untilAsserted(() -> assertThat(published(key)).contains(status));
    }

    private Optional<ServiceStatus> published(ServiceKey key) {
        return Optional.ofNullable(source().snapshot().orElseThrow().published().get(key))
                .map(Published::status);
    }
}
