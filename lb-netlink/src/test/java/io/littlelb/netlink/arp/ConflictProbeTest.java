package io.littlelb.netlink.arp;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.Addresses;
import io.littlelb.linux.MacAddress;
import io.littlelb.netlink.arp.ConflictProbe.Outcome;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConflictProbeTest {
    private static final long MILLI = 1_000_000;
    private static final InetAddress NINE = ip("198.18.0.9");
    private static final MacAddress OTHER = new MacAddress(0x0200_0000_0099L);

    private final List<Long> askedAtMillis = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private long now;

    @Test
    void asksThreeTimesAndListens() {
        ConflictProbe probe = probe(ConflictProbing.FAST);
        probe.start(NINE, 0);

        runUntil(probe, 699);
        assertThat(askedAtMillis).containsExactly(0L, 200L, 400L);
        assertThat(outcomes).isEmpty();
        runUntil(probe, 700);

        assertThat(outcomes).containsExactly(new Outcome(NINE, Optional.empty()));
        assertThat(probe.isAsking(NINE)).isFalse();
    }

    @Test
    void keepsTheTimesOfTheRfc() {
        ConflictProbe probe = probe(ConflictProbing.RFC);
        probe.start(NINE, 0);

        runUntil(probe, 8_000);

        assertThat(askedAtMillis).hasSize(3);
        assertThat(askedAtMillis.get(0)).isBetween(0L, 1_000L); // PROBE_WAIT
        assertThat(askedAtMillis.get(1) - askedAtMillis.get(0)).isBetween(1_000L, 2_000L); // PROBE_MIN, PROBE_MAX
        assertThat(askedAtMillis.get(2) - askedAtMillis.get(1)).isBetween(1_000L, 2_000L);
        assertThat(outcomes).hasSize(1);
    }

    @Test
    void endsAtOnceWhenSomebodySendsFromTheAddress() {
        ConflictProbe probe = probe(ConflictProbing.FAST);
        probe.start(NINE, 0);
        runUntil(probe, 10);

        probe.heard(ArpFrame.gratuitousReply(OTHER, NINE));
        runUntil(probe, 11);

        assertThat(outcomes).containsExactly(new Outcome(NINE, Optional.of(OTHER)));
    }

    @Test
    void yieldsToAHostThatProbesForItAtTheSameTime() {
        ConflictProbe probe = probe(ConflictProbing.FAST);
        probe.start(NINE, 0);

        probe.heard(ArpFrame.probe(OTHER, NINE));
        runUntil(probe, 1);

        assertThat(outcomes).containsExactly(new Outcome(NINE, Optional.of(OTHER)));
    }

    @Test
    void whoAsksForTheAddressDoesNotClaimIt() {
        ConflictProbe probe = probe(ConflictProbing.FAST);
        probe.start(NINE, 0);

        probe.heard(new ArpFrame(ArpFrame.REQUEST, OTHER, ip("198.18.0.77"), MacAddress.ZERO, NINE));
        runUntil(probe, 700);

        assertThat(outcomes).containsExactly(new Outcome(NINE, Optional.empty()));
    }

    @Test
    void asksAboutManyAtTheSameTime() {
        ConflictProbe probe = probe(ConflictProbing.FAST);
        for (int i = 1; i <= 15; i++) {
            probe.start(ip("198.18.0." + i), 0);
        }

        runUntil(probe, 700);

        assertThat(outcomes).hasSize(15);
    }

    /** Each time that something is answered costs a look at the link, and a pass over every Service. */
    @Test
    void ofManyThatWereAskedTogetherTheAnswersComeTogether() {
        ConflictProbe probe = new ConflictProbe(
                ConflictProbing.FAST.timing().orElseThrow(), new Pace(2_000, 200, 0), new Random(1), () -> now);
        for (int i = 0; i < 1_000; i++) {
            probe.start(ip("198.18." + i / 250 + "." + (i % 250 + 1)), 0);
        }

        int answered = 0;
        int times = 0;
        for (now = 0; now < 3_000 * MILLI; now += MILLI) {
            int some = probe.work(now, ip -> {}).size();
            answered += some;
            times += some > 0 ? 1 : 0;
        }

        assertThat(answered).isEqualTo(1_000);
        assertThat(times).isLessThanOrEqualTo(20);
    }

    @Test
    void aHostThatInsistsIsReportedAndOneThatDoesNotIsNot() {
        long second = 1_000 * MILLI;
        Defence defence = new Defence();

        assertThat(defence.claimed(NINE, 0)).isTrue();
        assertThat(defence.claimed(NINE, 11 * second)).as("a new story").isTrue();
        assertThat(defence.claimed(NINE, 12 * second)).as("it insists").isFalse();
        defence.forget(NINE);
        assertThat(defence.claimed(NINE, 13 * second)).isTrue();
    }

    @Test
    void theAnswerHasItsTimeFromWhenTheQuestionWasOnItsWay() {
        ConflictProbe probe = probe(ConflictProbing.FAST);
        probe.start(NINE, 0);
        runUntil(probe, 399);

        now = 400 * MILLI;
        probe.work(now, ip -> now = 5_000 * MILLI); // the process was stopped while it sent the last one

        assertThat(probe.work(5_001 * MILLI, ip -> {}))
                .as("nobody can have answered yet")
                .isEmpty();
        assertThat(probe.work(5_300 * MILLI, ip -> {})).containsExactly(new Outcome(NINE, Optional.empty()));
    }

    private ConflictProbe probe(ConflictProbing probing) {
        return new ConflictProbe(probing.timing().orElseThrow(), new Pace(500, 50, 0), new Random(1), () -> now);
    }

    private void runUntil(ConflictProbe probe, long millis) {
        while (now <= millis * MILLI) {
            long at = now;
            outcomes.addAll(probe.work(now, ip -> askedAtMillis.add(at / MILLI)));
            now = Math.max(now + 1, Math.min(probe.next(now).orElse(Long.MAX_VALUE), millis * MILLI + 1));
        }
    }

    private static InetAddress ip(String text) {
        return Addresses.parse(text).orElseThrow();
    }
}
