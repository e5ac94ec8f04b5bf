package io.littlelb.proxy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.worker.Task;
import io.littlelb.proxy.loop.Deadlines.Deadline;
import io.littlelb.proxy.loop.Deadlines.Due;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    private final Deadlines deadlines = new Deadlines();
    private final List<String> done = new ArrayList<>();

    @Test
    void doesWhatIsDueInItsOrder() {
        set("second", 20_000_000);
        set("third", 30_000_000);
        set("first", 10_000_000);

        assertThat(deadlines.nanosToNext(0)).isEqualTo(10_000_000);
        deadlines.expire(20_000_000);

        assertThat(done).containsExactly("first", "second");
        assertThat(deadlines.nanosToNext(50_000_000)).isZero();
    }

    @Test
    void oneThatIsCancelledOrChangedIsForgottenAsItWas() {
        Deadline cancelled = set("cancelled", 1);
        Deadline changed = set("changed", 2);
        set("kept", 3);

        deadlines.cancel(cancelled);
        deadlines.cancel(cancelled);
        deadlines.set(changed, 4);
        deadlines.expire(3);
        assertThat(done).containsExactly("kept");
        deadlines.expire(4);

        assertThat(done).containsExactly("kept", "changed");
        assertThat(deadlines.nanosToNext(0)).isEqualTo(Task.UNTIL_WOKEN);
    }

    @Test
    void anActionMaySetItAgain() {
        List<Deadline> self = new ArrayList<>();
        self.add(new Deadline(() -> {
            done.add("again");
            deadlines.set(self.get(0), 10L * (done.size() + 1));
        }));
        deadlines.set(self.get(0), 10);

        deadlines.expire(10);
        deadlines.expire(20);

        assertThat(done).containsExactly("again", "again");
    }

    @Test
    void keepsItsOrderWhateverIsSetChangedAndCancelled() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Deadline> all = new ArrayList<>();
        SortedMap<Integer, Long> expected = new TreeMap<>();
        List<Long> ran = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            int number = i;
            all.add(new Deadline(() -> ran.add(expected.get(number))));
        }
        for (int i = 0; i < 5_000; i++) {
            int number = random.nextInt(all.size());
            if (random.nextInt(3) == 0) {
                expected.remove(number);
                deadlines.cancel(all.get(number));
            } else {
                expected.put(number, (long) random.nextInt(1_000));
                deadlines.set(all.get(number), expected.get(number));
            }
        }

        deadlines.expire(1_000);

        assertThat(ran)
                .as("seed " + seed)
                .isEqualTo(expected.values().stream().sorted().toList());
    }

    @Test
    void oneThatFailsIsToldSoAndKeepsNoOtherFromItsTurn() {
        Due faulty = new Due() {
            @Override
            public void onTime() {
                throw new IllegalStateException("a fault");
            }

            @Override
            public void broke() {
                done.add("broke");
            }
        };
        deadlines.set(new Deadline(faulty), 1);
        set("next", 2);

        deadlines.expire(2);

        assertThat(done).containsExactly("broke", "next");
    }

    private Deadline set(String name, long nanos) {
        Deadline deadline = new Deadline(() -> done.add(name));
        deadlines.set(deadline, nanos);
        return deadline;
    }
}
