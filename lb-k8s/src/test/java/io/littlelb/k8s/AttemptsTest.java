package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.InetAddresses;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Held;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptsTest {
    private static final ServiceStatus ALLOCATED = new ServiceStatus(
            List.of(), List.of(), List.of(Held.exclusive(InetAddresses.forString("198.18.0.9"))), List.of());

    private final Attempts attempts = new Attempts();

    @Test
    void theSameIsNotTriedAgainOnTheSameVersion() {
        assertThat(attempts.contains(version("1"), ALLOCATED)).isFalse();
        attempts.add(version("1"), ALLOCATED);

        assertThat(attempts.contains(version("1"), ALLOCATED)).isTrue();
        assertThat(attempts.contains(version("2"), ALLOCATED)).isFalse();
        assertThat(attempts.contains(version("1"), ServiceStatus.NONE)).isFalse();
    }

    @Test
    void norOnTheVersionThatTheAttemptMade() {
        attempts.add(version("1"), version("2"), ALLOCATED);

        assertThat(attempts.contains(version("1"), ALLOCATED)).isTrue();
        assertThat(attempts.contains(version("2"), ALLOCATED)).isTrue();
        assertThat(attempts.contains(version("3"), ALLOCATED)).isFalse();
    }

    private static Service version(String version) {
        return new ServiceBuilder(Fixtures.loadBalancer("default", "web"))
                .editMetadata()
                .withUid("uid-1")
                .withResourceVersion(version)
                .endMetadata()
                .build();
    }
}
