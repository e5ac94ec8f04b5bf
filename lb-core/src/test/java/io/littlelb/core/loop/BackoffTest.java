package io.littlelb.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Cidr;
import io.littlelb.core.model.ServiceKey;
import io.littlelb.core.model.ServiceStatus;
import io.littlelb.core.plan.Step;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class BackoffTest {
    private static final Cidr CIDR = Cidr.parse("198.18.0.9/24").orElseThrow();
    private static final Step ADD = new Step.AddAddress(CIDR);

    private Instant now = Instant.EPOCH;
    private final Backoff backoff = new Backoff(() -> now);

    @Test
    void doublesThePauseOfAStepThatIsTakenAgainAndAgain() {
        assertThat(backoff.remaining(ADD)).isZero();
        Duration expected = Backoff.FIRST;
        for (int i = 0; i < 20; i++) {
            backoff.taken(ADD);
            assertThat(backoff.remaining(ADD)).isEqualTo(expected);
            now = now.plus(expected);
            assertThat(backoff.remaining(ADD)).isZero();
            expected = expected.multipliedBy(2).compareTo(Backoff.LONGEST) < 0
                    ? expected.multipliedBy(2)
                    : Backoff.LONGEST;
        }
    }

    @Test
    void doesNotHoldUpAnotherStepOnTheSameTarget() {
        backoff.taken(ADD);
        assertThat(backoff.remaining(new Step.RemoveAddress(CIDR))).isZero();
    }

    @Test
    void doesNotWaitForATimeThatTheClockWasSetBackFrom() {
        backoff.taken(ADD);
        now = now.minus(Duration.ofHours(1));
        assertThat(backoff.remaining(ADD)).isZero();
        backoff.taken(ADD);
        assertThat(backoff.remaining(ADD)).isPositive().isLessThanOrEqualTo(Backoff.LONGEST);
    }

    @Test
    void doesNotHoldUpAStatus() {
        Step status = new Step.WriteStatus(new ServiceKey("default", "web"), "uid", ServiceStatus.NONE);
        backoff.taken(status);
        backoff.taken(status);
        assertThat(backoff.remaining(status)).isZero();
    }

    @Test
    void forgetsAStepThatWasNotNeededForAWhile() {
        backoff.taken(ADD);
        backoff.taken(ADD);
        now = now.plus(Duration.ofMinutes(5));
        backoff.taken(ADD);
        assertThat(backoff.remaining(ADD)).isEqualTo(Backoff.FIRST);
    }
}
