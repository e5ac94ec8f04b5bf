package io.littlelb.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.core.model.SourceContact;
import io.littlelb.core.worker.ErrorHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Turn by turn, with a clock that goes when the thread waits. */
class ServerContactTest {
    private final Logger logger = Logger.getLogger(ServerContact.class.getName());
    private final List<String> said = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            said.add(entry.getLevel() + " " + new SimpleFormatter().formatMessage(entry));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private long now = -5; // the clock may say anything
    private int asked;
    private int changes;
    private Optional<String> answer = Optional.empty();
    private final ServerContact contact = new ServerContact(
            "https://198.18.0.2:6443/",
            () -> {
                asked++;
                return answer;
            },
            () -> now,
            () -> Instant.EPOCH.plusNanos(now + 5),
            () -> changes++,
            ErrorHandler.LOG);

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
    }

    @AfterEach
    void listenNoMore() {
        logger.removeHandler(handler);
        contact.close();
    }

    @Test
    void saysOnceAndInTimeThatTheServerIsSilentAndOnceThatItIsBack() {
        pass(Duration.ofMinutes(1));
        assertThat(said).isEmpty();
        assertThat(contact.isAnswering()).isTrue();

        answer = Optional.of("Connection refused");
        pass(Duration.ofSeconds(10));
        assertThat(said)
                .containsExactly("WARNING The API server at https://198.18.0.2:6443/ has not answered for 8 s"
                        + " (Connection refused); what is known stays in force");
        assertThat(contact.isAnswering()).isFalse();
        pass(Duration.ofHours(1));
        assertThat(said).hasSize(1);

        answer = Optional.empty();
        pass(Duration.ofSeconds(5));
        assertThat(said).hasSize(2).last().isEqualTo("INFO The API server at https://198.18.0.2:6443/ answers again");
        assertThat(contact.isAnswering()).isTrue();
    }

    @Test
    void tellsSinceWhenAndWhyTheServerIsSilentAndOfEachChangeOnce() {
        assertThat(contact.contact())
                .as("before it has answered")
                .isEqualTo(new SourceContact("https://198.18.0.2:6443/", Optional.empty(), Optional.empty()));
        pass(Duration.ofSeconds(10));
        assertThat(contact.contact().heardAt()).contains(Instant.ofEpochSecond(8));
        assertThat(changes).isZero();

        answer = Optional.of("Connection refused");
        pass(Duration.ofMinutes(1));
        SourceContact silent = contact.contact();
        assertThat(silent.isLive()).isFalse();
        assertThat(silent.heardAt()).contains(Instant.ofEpochSecond(8));
        assertThat(silent.trouble())
                .contains("the API server has not answered since 1970-01-01T00:00:08Z (Connection refused)");
        assertThat(changes).isEqualTo(1);

        answer = Optional.empty();
        pass(Duration.ofSeconds(5));
        assertThat(contact.contact().isLive()).isTrue();
        assertThat(changes).isEqualTo(2);
    }

    @Test
    void asksNothingWhileItHearsSomething() {
        for (int second = 0; second < 60; second++) {
            contact.heard();
            pass(Duration.ofSeconds(1));
        }

        assertThat(asked).isZero();
    }

    @Test
    void expectsNoAnswerOfAServerThatHasNotGivenOneThreeTimes() {
        contact.failed();
        contact.failed();
        assertThat(contact.isAnswering()).isTrue();

        contact.failed();
        assertThat(contact.isAnswering()).isFalse();

        contact.heard();
        assertThat(contact.isAnswering()).isTrue();
    }

    private void pass(Duration time) {
        long end = now + time.toNanos();
        while (now < end) {
            now = Math.min(end, now + contact.turn(now));
        }
    }
}
