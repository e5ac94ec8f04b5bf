package io.littlelb.core.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WorkerTest {
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final List<String> told = new ArrayList<>();
    private final ErrorHandler errors = (thread, error) -> told.add(thread + ": " + error.getMessage());

    /** Takes nothing in, and says what it was told about time. */
    private static final class Clockwork implements Waiting {
        private final List<Long> waits = new ArrayList<>();
        private long known;

        @Override
        public long await(long nanos) {
            waits.add(nanos);
            return known;
        }

        @Override
        public void wake() {}
    }

    @Test
    void hasATurnAtOnceAndWheneverItIsWoken() throws Exception {
        AtomicInteger turns = new AtomicInteger();
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch second = new CountDownLatch(2);
        Worker[] self = new Worker[1];
        self[0] = new Worker(
                "lb-test",
                Waiting.forWakeUps(),
                now -> {
                    turns.incrementAndGet();
                    first.countDown();
                    second.countDown();
                    return self[0].isClosing() ? Task.DONE : Task.UNTIL_WOKEN;
                },
                errors);
        self[0].start();
        assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
        self[0].wake();
        assertThat(second.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(self[0].close(GRACE)).isTrue();

        assertThat(turns.get()).isBetween(2, 3);
    }

    @Test
    void judgesWhatIsDueByTheTimeThatIsKnownAndNotByTheClock() {
        Clockwork waiting = new Clockwork();
        List<Long> times = new ArrayList<>();
        waiting.known = System.nanoTime() - Duration.ofHours(1).toNanos();
        Worker worker = new Worker(
                "lb-test",
                waiting,
                now -> {
                    times.add(now);
                    return Duration.ofHours(2).toNanos();
                },
                errors);

        worker.turn();
        worker.turn();

        assertThat(times).containsExactly(waiting.known, waiting.known);
        assertThat(waiting.waits.get(0)).as("the first turn comes at once").isZero();
        assertThat(waiting.waits.get(1))
                .as("two hours from what was known are one from now")
                .isBetween(Duration.ofMinutes(59).toNanos(), Duration.ofHours(1).toNanos());
    }

    @Test
    void goesOnAfterABugAndAfterAFailureOfTheWorld() {
        AtomicInteger turns = new AtomicInteger();
        Worker worker = new Worker(
                "lb-test",
                new Clockwork(),
                now -> {
                    switch (turns.incrementAndGet()) {
                        case 1 -> throw new IllegalStateException("a bug");
                        case 2 -> throw new IOException("no answer");
                        default -> {
                            return Task.UNTIL_WOKEN;
                        }
                    }
                },
                errors);

        worker.turn();
        worker.turn();
        worker.turn();

        assertThat(turns).hasValue(3);
        assertThat(told).isEmpty();
    }

    @Test
    void goesOnWhenWaitingItselfFails() throws Exception {
        CountDownLatch turn = new CountDownLatch(1);
        AtomicInteger waits = new AtomicInteger();
        Worker worker = new Worker(
                "lb-test",
                new Waiting() {
                    @Override
                    public long await(long nanos) throws IOException {
                        if (waits.getAndIncrement() == 0) {
                            throw new IOException("poll failed");
                        }
                        return System.nanoTime();
                    }

                    @Override
                    public void wake() {}
                },
                now -> {
                    turn.countDown();
                    return Task.DONE;
                },
                errors);

        worker.start();

        assertThat(turn.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void tellsTheHandlerOfAnErrorAndGoesOn() throws Exception {
        CountDownLatch after = new CountDownLatch(2);
        Worker worker = new Worker(
                "lb-test",
                Waiting.forWakeUps(),
                now -> {
                    after.countDown();
                    if (after.getCount() == 1) {
                        throw new OutOfMemoryError("no room");
                    }
                    return Task.DONE;
                },
                errors);
        worker.start();

        assertThat(after.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(told).containsExactly("lb-test: no room");
        assertThat(worker.close(GRACE)).isTrue();
    }

    @Test
    void givesATaskThatNeverComesToItsEndNoMoreTurnsThanTheGraceAllows() {
        Worker worker = new Worker("lb-test", Waiting.forWakeUps(), now -> Task.UNTIL_WOKEN, errors);
        worker.start();

        assertThat(worker.close(Duration.ofMillis(50))).isTrue();
    }

    @Test
    void endsInTimeThoughItsLastTurnsFail() {
        Worker worker = new Worker(
                "lb-test",
                Waiting.forWakeUps(),
                now -> {
                    throw new IllegalStateException("a bug at the end");
                },
                errors);
        worker.start();

        assertThat(worker.close(Duration.ofMillis(50))).isTrue();
    }

    @Test
    void canBeClosedTwiceAndWithoutHavingBeenStarted() {
        Worker worker = new Worker("lb-test", Waiting.forWakeUps(), now -> Task.DONE, errors);
        assertThat(worker.close(GRACE)).isTrue();
        assertThat(worker.close(GRACE)).isTrue();
    }

    @Test
    void pausesGrowUpToTheLongestAndBeginAgain() {
        Pauses pauses = new Pauses(Duration.ofMillis(10), Duration.ofMillis(35));
        assertThat(List.of(pauses.next(), pauses.next(), pauses.next(), pauses.next()))
                .containsExactly(
                        Duration.ofMillis(10), Duration.ofMillis(20), Duration.ofMillis(35), Duration.ofMillis(35));
        pauses.reset();
        assertThat(pauses.next()).isEqualTo(Duration.ofMillis(10));
    }
}
