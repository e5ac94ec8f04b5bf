package io.littlelb.cli.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.model.Ending;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.core.worker.Task;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.LogRecord;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AccessLogTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long NOW = System.nanoTime() + 10 * SECOND;

    private final Queue<LogRecord> lines = new ConcurrentLinkedQueue<>();
    private final AccessLog log = new AccessLog(lines::add, ErrorHandler.LOG);

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void tellsOfNobodyUntilItIsToldTo() {
        log.accept(ended(Ending.ERROR));

        assertThat(log.turn(NOW)).isEqualTo(Task.UNTIL_WOKEN);
        assertThat(lines).isEmpty();
    }

    @Test
    void errorsAreAllEndingsThatNobodyMeant() {
        AccessMode errors = AccessMode.ERRORS;

        assertThat(errors.tellsOf(Ending.CLIENT_CLOSED)).isFalse();
        assertThat(errors.tellsOf(Ending.BACKEND_CLOSED)).isFalse();
        assertThat(Ending.values()).filteredOn(errors::tellsOf).hasSize(Ending.values().length - 2);
        assertThat(Ending.values()).allMatch(AccessMode.ALL::tellsOf).noneMatch(AccessMode.OFF::tellsOf);
    }

    @Test
    void writesOnAThreadOfItsOwnFromWhenItIsToldToUntilItIsClosed() {
        log.tellOf(AccessMode.ALL);
        log.accept(ended(Ending.CLIENT_CLOSED));
        await().until(() -> lines.size() == 1);

        log.tellOf(AccessMode.OFF);
        log.accept(ended(Ending.CLIENT_CLOSED));
        log.tellOf(AccessMode.ERRORS);
        log.accept(ended(Ending.CLIENT_CLOSED));
        log.accept(ended(Ending.NO_BACKEND));
        log.close();

        assertThat(lines)
                .hasSize(2)
                .last()
                .satisfies(line -> assertThat(line.getMessage()).contains("end=no_backend"));
    }

    @Test
    void aboveAThousandInASecondItTellsHowManyAreLeftOutOnceASecond() {
        log.turn(NOW);
        fill(1_700);
        log.turn(NOW + 1);
        fill(300);
        log.turn(NOW + 2);
        assertThat(lines).hasSize(1_000);

        log.turn(NOW + SECOND);

        assertThat(lines)
                .hasSize(1_001)
                .last()
                .satisfies(line ->
                        assertThat(line.getMessage()).startsWith("1000 more connections ended within a second"));
        fill(5);
        log.turn(NOW + SECOND + 1);
        assertThat(lines).hasSize(1_006);
    }

    @Test
    void whatFindsNoPlaceIsCountedAndKeepsNobodyWaiting() {
        log.turn(NOW);
        fill(AccessLog.QUEUED + 40);
        log.turn(NOW + 1);
        log.turn(NOW + SECOND);

        assertThat(lines)
                .hasSize(1_001)
                .last()
                .satisfies(line -> assertThat(line.getMessage())
                        .startsWith((AccessLog.QUEUED + 40 - 1_000) + " more connections"));
    }

    /** Past the filter of a log that is on, without its thread: a test has the turns. */
    private void fill(int many) {
        log.noteOnly(AccessMode.ALL);
        IntStream.range(0, many).forEach(i -> log.accept(ended(Ending.CLIENT_CLOSED)));
    }

    private static EndedConnection ended(Ending ending) {
        return LinesTest.ended(ending, "");
    }
}
