package io.littlelb.netlink.arp;

import io.littlelb.linux.MacAddress;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Asks whether another host has an IPv4 address, RFC 5227 section 2.1; any number of addresses at the same time.
 *
 * <p>Has no thread: {@code lb-link} calls it, with the time of {@link System#nanoTime} by which every frame that had come was taken in. How long an
 * answer may take counts from when the question was on its way, by a clock that is read then: a process may have been stopped in between.
 */
public final class ConflictProbe {
    /** From so many questions on, what is answered within this time is answered together: each answer by itself costs a look at the whole link, and a pass. */
    private static final int MANY = 16;

    private static final long TOGETHER = Duration.ofMillis(100).toNanos();

    private final ConflictProbing.Timing timing;
    private final Pace pace;
    private final Random random;
    private final LongSupplier clock;
    private final Map<InetAddress, Question> questions = new HashMap<>();

    ConflictProbe(ConflictProbing.Timing timing, Pace pace, Random random, LongSupplier clock) {
        this.timing = timing;
        this.pace = pace;
        this.random = random;
        this.clock = clock;
    }

    /** What a probe came to: the host that has the address, or nobody. */
    public record Outcome(InetAddress ip, Optional<MacAddress> other) {}

    /** An address that is asked about. */
    private static final class Question {
        private long due;
        private int asked;
        private Optional<MacAddress> other = Optional.empty();

        Question(long due) {
            this.due = due;
        }
    }

    /** Begins to ask; nothing when it is being asked already. */
    void start(InetAddress ip, long now) {
        questions.computeIfAbsent(
                ip, asked -> new Question(now + (long) (timing.probeWait().toNanos() * random.nextDouble())));
    }

    void cancel(InetAddress ip) {
        questions.remove(ip);
    }

    /** Nobody can be asked any more. */
    void cancelAll() {
        questions.clear();
    }

    boolean isAsking(InetAddress ip) {
        return questions.containsKey(ip);
    }

    /**
     * Takes in a frame of another host. Whoever sends from the address has it; whoever probes for it at the same time is about to, and
     * both have to yield.
     */
    void heard(ArpFrame frame) {
        InetAddress claimed = frame.isProbe() ? frame.targetIp() : frame.senderIp();
        Question question = questions.get(claimed);
        if (question != null) {
            question.other = Optional.of(frame.sender());
        }
    }

    /** Asks what is due, as far as the pace allows, and returns what has been answered. */
    List<Outcome> work(long now, Consumer<InetAddress> ask) {
        List<Outcome> outcomes = new ArrayList<>();
        questions.forEach((ip, question) -> {
            boolean due = question.due - now <= 0;
            boolean silent = due && question.asked == ConflictProbing.Timing.PROBES;
            if (question.other.isPresent() || silent) {
                outcomes.add(new Outcome(ip, question.other));
            } else if (due && pace.take(now)) {
                ask.accept(ip);
                question.asked++;
                question.due = nextLook(question.asked == ConflictProbing.Timing.PROBES);
            }
        });
        outcomes.forEach(outcome -> questions.remove(outcome.ip()));
        return outcomes;
    }

    private long nextLook(boolean last) {
        long now = clock.getAsLong();
        if (last) {
            long answered = now + timing.announceWait().toNanos();
            return questions.size() < MANY ? answered : (Math.floorDiv(answered, TOGETHER) + 1) * TOGETHER;
        }
        long least = timing.probeMin().toNanos();
        return now + least + (long) ((timing.probeMax().toNanos() - least) * random.nextDouble());
    }

    /** When there is something to do next. */
    Optional<Long> next(long now) {
        return questions.values().stream()
                .map(question -> question.due - now > 0 && question.other.isEmpty() ? question.due : pace.next(now))
                .min((a, b) -> Long.signum(a - b));
    }
}
