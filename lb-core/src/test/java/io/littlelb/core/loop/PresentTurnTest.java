package io.littlelb.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PresentTurnTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // it may overflow while a pass lasts
    private final PresentTurn turn = new PresentTurn(nanos::get);

    @Test
    void oneIsStuckOnceItLastsLongerThanAnyMay() {
        turn.begins();
        pass(Duration.ofSeconds(10));
        assertThat(turn.isStuck()).isFalse();

        pass(Duration.ofNanos(1));
        assertThat(turn.isStuck()).isTrue();
        turn.ends();
        assertThat(turn.isStuck()).isFalse();
    }

    @Test
    void eachHasItsTimeAndNoneIsStuckBetweenTwo() {
        assertThat(turn.isStuck()).as("before the first").isFalse();
        turn.begins();
        pass(Duration.ofSeconds(9));
        turn.ends();
        pass(Duration.ofHours(1));
        assertThat(turn.isStuck()).isFalse();

        turn.begins();
        pass(Duration.ofSeconds(9));
        assertThat(turn.isStuck()).isFalse();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
