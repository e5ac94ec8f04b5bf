package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.littlelb.admin.http.Door;
import io.littlelb.admin.http.Question;
import io.littlelb.admin.view.EventView;
import io.littlelb.admin.view.EventsView;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that go on until a person stops them. */
@Timeout(60)
final class WatchedTest {
    @TempDir
    private Path run;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private Asked asked;
    private Thread command;

    @BeforeEach
    void begin() {
        asked = new Asked(run);
    }

    @AfterEach
    void stop() throws InterruptedException {
        command.interrupt();
        command.join();
        asked.close();
    }

    private void start(String... arguments) {
        command = new Thread(() -> asked.lb(out, arguments));
        command.start();
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static int times(String part, String text) {
        return text.split(part, -1).length - 1;
    }

    @Test
    void drawsAgainInTheSamePlaceOfATerminal() {
        asked.serve("lb/lb.sock", new CannedInstance());
        asked.onTerminal(80, 4);

        start("top", "--every", "100ms");

        await().until(() -> times("\u001b\\[H\u001b\\[2J", said()) >= 3);
        assertThat(said().split("\u001b\\[H\u001b\\[2J", -1)[1]).hasLineCount(3);
    }

    @Test
    void drawsAgainBelowThroughAPipe() {
        asked.serve("lb/lb.sock", new CannedInstance());

        start("connections", "--watch=100ms");

        await().until(() -> times("\n\nID ", said()) >= 2);
        assertThat(said()).doesNotContain("\u001b");
    }

    @Test
    void waitsForAnInstanceThatIsStartedAgain() {
        Door first = asked.serve("lb/lb.sock", new CannedInstance());
        start("status", "--brief", "--watch=100ms");
        await().until(() -> times("degraded", said()) >= 1);

        first.close();
        int before = times("degraded", said());
        asked.serve("lb/lb.sock", new CannedInstance());

        await().until(() -> times("degraded", said()) > before + 1);
    }

    @Test
    void followsEventsThroughARestart() {
        List<EventView> events = new CopyOnWriteArrayList<>();
        events.add(event(7, "seven"));
        Door first = asked.serve("lb/lb.sock", question -> CannedInstance.json(after(question, "one", events)));
        start("events", "-f");
        await().until(() -> said().contains("seven"));
        events.add(event(8, "eight"));
        await().until(() -> said().contains("eight"));

        first.close();
        asked.serve("lb/lb.sock", question -> CannedInstance.json(after(question, "two", List.of(event(1, "first")))));

        await().until(() -> said().contains("first"));
        assertThat(said()).containsOnlyOnce("TIME").containsOnlyOnce("eight").containsOnlyOnce("seven");
    }

    /** The numbers alone do not tell: it may have had more to say by then than the one before. */
    @Test
    void missesNothingOfAnInstanceThatHasSaidMoreSinceItsStart() {
        Door first = asked.serve(
                "lb/lb.sock", question -> CannedInstance.json(after(question, "one", List.of(event(1, "old")))));
        start("events", "-f");
        await().until(() -> said().contains("old"));

        first.close();
        List<EventView> later = List.of(event(1, "first"), event(2, "second"));
        asked.serve("lb/lb.sock", question -> CannedInstance.json(after(question, "two", later)));

        await().until(() -> said().contains("second"));
        assertThat(said()).containsOnlyOnce("first").containsOnlyOnce("second");
    }

    @Test
    void documentsAreApart() {
        asked.serve("lb/lb.sock", new CannedInstance());

        start("top", "--every=100ms", "-o", "yaml");

        await().until(() -> times("\n---\nservices:", said()) >= 2);
        assertThat(said()).startsWith("services:");
    }

    private static EventsView after(Question question, String journal, List<EventView> events) {
        long after = question.parameter("after").map(Long::parseLong).orElse(0L);
        return new EventsView(
                journal,
                events.get(events.size() - 1).sequence(),
                events.stream().filter(it -> it.sequence() > after).toList());
    }

    private static EventView event(long sequence, String text) {
        return new EventView(sequence, CannedInstance.NOON, "info", Optional.empty(), Optional.empty(), text);
    }
}
