package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.ServiceKey;
import io.littlelb.k8s.Readings.Complaint;
import io.littlelb.k8s.Readings.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class ReadingsTest {
    private static final Subject WEB = Subject.service(new ServiceKey("default", "web"));
    private final List<Complaint> complaints = new ArrayList<>();
    private final Readings readings = new Readings(complaints::add);

    @Test
    void whatCannotBeReadKeepsWhatWasLastReadOfItAndIsSaidOnceAndOnceMoreWhenItCan() {
        assertThat(readings.read(WEB, () -> "good", Optional::empty)).contains("good");
        assertThat(readings.read(WEB, ReadingsTest::unreadable, () -> Optional.of("good")))
                .contains("good");
        assertThat(readings.read(WEB, ReadingsTest::unreadable, () -> Optional.of("good")))
                .contains("good");
        assertThat(readings.read(WEB, () -> "better", () -> Optional.of("good")))
                .contains("better");
        assertThat(readings.read(WEB, () -> "better", () -> Optional.of("good")))
                .contains("better");

        assertThat(complaints).extracting(Complaint::isMended).containsExactly(false, true);
        assertThat(complaints.get(0).message())
                .isEqualTo(
                        "Service default/web cannot be read: spec.type is not set; what was last read of it stays in force"
                                + " until it can, nothing else is touched. Look at it with: kubectl get service web -n default -o"
                                + " yaml");
    }

    @Test
    void whatCouldNeverBeReadIsLeftOut() {
        assertThat(readings.read(WEB, ReadingsTest::unreadable, Optional::empty))
                .isEmpty();
        assertThat(complaints.get(0).message()).contains("it is left out");
    }

    @Test
    void anotherReasonIsSaidAsWell() {
        readings.read(WEB, ReadingsTest::unreadable, Optional::empty);
        Supplier<String> worse = () -> {
            throw new IllegalStateException("\u001b[31m" + "x".repeat(200_000));
        };
        readings.read(WEB, worse, Optional::empty);

        assertThat(complaints).hasSize(2);
        assertThat(complaints.get(1).message()).hasSizeLessThan(1_000).doesNotContain("\u001b");
    }

    @Test
    void oneThatIsGoneAndComesBackIsAnotherStory() {
        readings.read(WEB, ReadingsTest::unreadable, Optional::empty);
        readings.forget(WEB);
        readings.read(WEB, () -> "good", Optional::empty);

        assertThat(complaints).hasSize(1);
    }

    @Test
    void aNodeIsNoServicesBusiness() {
        readings.read(Subject.node("n"), ReadingsTest::unreadable, Optional::empty);

        assertThat(complaints).isEmpty();
    }

    private static String unreadable() {
        throw new UnreadableException("spec.type is not set");
    }
}
