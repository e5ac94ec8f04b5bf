package io.littlelb.k8s;

import static io.littlelb.k8s.Fixtures.web;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.StatusCause;
import io.littlelb.core.model.Reason;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.model.ServiceStatus.Condition;
import io.littlelb.k8s.Readings.Complaint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComplaintsTest {
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ServiceStatus NO_BACKENDS = status(
            Condition.good(Condition.Type.PROGRAMMED, "198.18.0.9:80"),
            Condition.bad(Condition.Type.BACKENDS_AVAILABLE, Reason.NoBackends, "no endpoint"));
    private static final ServiceStatus BIND_FAILED = status(
            Condition.bad(Condition.Type.PROGRAMMED, Reason.BindFailed, "EADDRINUSE"),
            Condition.bad(Condition.Type.BACKENDS_AVAILABLE, Reason.NoBackends, "no endpoint"));
    private static final ServiceStatus PENDING = status(
            Condition.pending(Condition.Type.PROGRAMMED, "198.18.0.9 is being added"),
            Condition.good(Condition.Type.BACKENDS_AVAILABLE, "2 backends"));
    private static final ServiceStatus SERVED = status(
            Condition.good(Condition.Type.PROGRAMMED, "198.18.0.9:80"),
            Condition.good(Condition.Type.BACKENDS_AVAILABLE, "2 backends"));

    private final List<String> told = new ArrayList<>();
    private final Complaints complaints = new Complaints(new Complaints.Events() {
        @Override
        public void warning(Service service, String reason, String message) {
            told.add(reason + ": " + message);
        }

        @Override
        public void normal(Service service, String reason, String message) {
            told.add("Normal " + reason + ": " + message);
        }
    });

    @Test
    void saysWhatIsNewAndNotWhatStandsThereAlready() {
        complaints.tellOfWhatIsNew(saying(ServiceStatus.NONE), NO_BACKENDS);
        complaints.tellOfWhatIsNew(saying(NO_BACKENDS), BIND_FAILED);
        complaints.tellOfWhatIsNew(saying(BIND_FAILED), BIND_FAILED);

        assertThat(told).containsExactly("NoBackends: no endpoint", "BindFailed: EADDRINUSE");
    }

    @Test
    void saysOnceThatItIsServedHoweverManyStatusesLater() {
        complaints.tellOfWhatIsNew(saying(ServiceStatus.NONE), NO_BACKENDS);
        complaints.tellOfWhatIsNew(saying(NO_BACKENDS), PENDING);
        complaints.tellOfWhatIsNew(saying(PENDING), SERVED);
        complaints.tellOfWhatIsNew(saying(SERVED), SERVED);

        assertThat(told).containsExactly("NoBackends: no endpoint", "Normal Served: 198.18.0.9:80");
    }

    @Test
    void saysThatItIsServedAfterAComplaintOfTheProcessBefore() {
        complaints.tellOfWhatIsNew(saying(NO_BACKENDS), SERVED);

        assertThat(told).containsExactly("Normal Served: 198.18.0.9:80");
    }

    @Test
    void saysNothingOfAServiceWithWhichNothingWasWrong() {
        complaints.tellOfWhatIsNew(saying(ServiceStatus.NONE), PENDING);
        complaints.tellOfWhatIsNew(saying(PENDING), SERVED);
        complaints.tellOfWhatIsNew(saying(SERVED), ServiceStatus.NONE);

        assertThat(told).isEmpty();
    }

    @Test
    void aConflictOverAnAnnotationIsSaidOnceForAsLongAsItLasts() {
        List<StatusCause> causes = List.of(new StatusCause(
                ".metadata.annotations.littlelb.io/allocated", "conflict with \"x\"", "FieldManagerConflict"));

        complaints.annotationIsOthers(saying(ServiceStatus.NONE), causes);
        complaints.annotationIsOthers(saying(ServiceStatus.NONE), causes);
        assertThat(told)
                .singleElement()
                .asString()
                .contains("conflict with \"x\"", "kubectl annotate service web -n default littlelb.io/allocated-");
        complaints.statusIsOurs(saying(ServiceStatus.NONE));
        complaints.annotationIsOthers(saying(ServiceStatus.NONE), causes);

        assertThat(told).hasSize(2);
    }

    @Test
    void saysOfAnObjectThatItCannotBeReadOnTheServiceThatItConcerns() {
        complaints.add(new Complaint(WEB, false, "cannot be read"));
        complaints.add(new Complaint(new ServiceKey("default", "gone"), false, "of one that is gone"));
        complaints.add(new Complaint(WEB, true, "can be read again"));

        while (!complaints.isEmpty()) {
            complaints.tellNext(key -> key.equals(WEB) ? Optional.of(web().build()) : Optional.empty());
        }

        assertThat(told).containsExactly("Unreadable: cannot be read", "Normal Readable: can be read again");
    }

    @Test
    void keepsNoMoreThanAThousandUntold() {
        for (int number = 0; number < 1_001; number++) {
            complaints.add(new Complaint(WEB, false, "number " + number));
        }

        while (!complaints.isEmpty()) {
            complaints.tellNext(key -> Optional.of(web().build()));
        }

        assertThat(told).hasSize(1_000);
    }

    private static Service saying(ServiceStatus status) {
        return PublishedStatus.write(web().build(), status, Instant.EPOCH);
    }

    private static ServiceStatus status(Condition... conditions) {
        return new ServiceStatus(List.of(), List.of(conditions), List.of(), List.of());
    }
}
