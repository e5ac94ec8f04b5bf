package io.littlelb.cli.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.net.InetAddresses;
import io.littlelb.core.model.Backend;
import io.littlelb.core.model.EndedConnection;
import io.littlelb.core.model.Ending;
import io.littlelb.core.model.Frontend;
import io.littlelb.core.model.Protocol;
import io.littlelb.core.model.ServiceKey;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How a record looks, in text and in JSON: one line, whatever is in it. */
final class LinesTest {
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00.120Z");

    @Test
    void textIsForPeople() {
        assertThat(new TextLines(false).format(line(Level.INFO, "all is well")))
                .isEqualTo("2026-01-01T00:00:00.120Z INFO  all is well\n");
        assertThat(new TextLines(false).format(line(Level.FINER, "more")))
                .isEqualTo("2026-01-01T00:00:00.120Z DEBUG more\n");
    }

    @Test
    void textOfOthersForgesNoLineInEither() {
        LogRecord forged = line(Level.WARNING, "a\n2026-01-01T00:00:00.000Z INFO  b\u001b[2J\u202e");
        forged.setThrown(new IllegalStateException("x\u001b\r\u202ey"));

        assertThat(new TextLines(false).format(forged))
                .startsWith("2026-01-01T00:00:00.120Z WARN  a\\u{a}2026")
                .contains("    at io.littlelb.cli.log.LinesTest")
                .doesNotContain("\u001b", "\u202e", "\r");
        String json = new JsonLines(() -> false).format(forged);
        assertThat(json).hasLineCount(1).doesNotContain("\u001b", "\u202e");
        assertThat(read(json).get("stack").asString()).contains("\n    at io.littlelb.cli.log.LinesTest");
        assertThat(read(json).get("error").asString()).doesNotContain("\u001b", "\r", "\u202e");
    }

    @Test
    void everyLineHasItsPriorityForAJournalThatReadsIt() {
        LogRecord bug = line(Level.SEVERE, "failed");
        bug.setThrown(new IllegalStateException("x"));

        assertThat(new TextLines(true).format(bug).lines())
                .hasSizeGreaterThan(2)
                .allMatch(each -> each.startsWith("<3>"));
        assertThat(new TextLines(true).format(line(Level.WARNING, "w"))).startsWith("<4>2026");
        assertThat(new TextLines(true).format(line(Level.INFO, "i"))).startsWith("<6>2026");
        assertThat(new TextLines(true).format(line(Level.FINE, "d"))).startsWith("<7>2026");
    }

    @Test
    void jsonIsForPrograms() {
        JsonNode plain = read(new JsonLines(() -> false).format(line(Level.INFO, "say \"so\"")));

        assertThat(plain.propertyNames()).containsExactly("time", "level", "logger", "message");
        assertThat(plain.get("time").asString()).isEqualTo("2026-01-01T00:00:00.120Z");
        assertThat(plain.get("level").asString()).isEqualTo("info");
        assertThat(plain.get("logger").asString()).isEqualTo("PassLog");
        assertThat(plain.get("message").asString()).isEqualTo("say \"so\"");
        assertThat(read(new JsonLines(() -> true).format(line(Level.INFO, "x")))
                        .get("thread")
                        .asString())
                .isEqualTo(Thread.currentThread().getName());
    }

    @Test
    void aConnectionIsLogfmtOrAnObjectWithTheSameNames() {
        LogRecord access = new AccessRecord(ended("198.18.0.22:80 \"refused\""));

        assertThat(new TextLines(false).format(access))
                .isEqualTo("2026-01-01T00:00:00.120Z INFO  client=[2001:db8::7]:6001 service=default/web"
                        + " frontend=198.18.0.9:80 backend=198.18.0.21:8080 attempts=2 lasted=61.005 in=310 out=0"
                        + " end=backend_reset detail=\"198.18.0.22:80 \\\"refused\\\"\" id=7f\n");
        JsonNode json = read(new JsonLines(() -> false).format(access));
        assertThat(json.propertyNames())
                .containsExactly(
                        "time",
                        "level",
                        "logger",
                        "client",
                        "service",
                        "frontend",
                        "backend",
                        "attempts",
                        "lasted",
                        "in",
                        "out",
                        "end",
                        "detail",
                        "id");
        assertThat(json.get("logger").asString()).isEqualTo("access");
        assertThat(json.get("lasted").asDouble()).isEqualTo(61.005);
        assertThat(json.get("detail").asString()).isEqualTo("198.18.0.22:80 \"refused\"");
    }

    @Test
    void whatIsNotThereIsLeftOut() {
        EndedConnection refused = new EndedConnection(
                TIME,
                "",
                new InetSocketAddress(InetAddresses.forString("203.0.113.7"), 6001),
                new Frontend(InetAddresses.forString("198.18.0.9"), 80, Protocol.TCP),
                new ServiceKey("default", "web"),
                Optional.empty(),
                0,
                Duration.ZERO,
                0,
                0,
                Ending.SOURCE_REFUSED,
                "");

        assertThat(new AccessFields(refused))
                .hasToString(
                        "client=203.0.113.7:6001 service=default/web frontend=198.18.0.9:80 attempts=0 lasted=0.000"
                                + " in=0 out=0 end=source_refused");
    }

    @Test
    void aJournalIsToldByTheFileThatStderrIs(@TempDir Path directory) throws Exception {
        Path file = Files.createFile(directory.resolve("journal"));
        String stream = Files.getAttribute(file, "unix:dev") + ":" + Files.getAttribute(file, "unix:ino");

        assertThat(ServiceJournal.isConnected(Optional.of(stream), file)).isTrue();
        assertThat(ServiceJournal.isConnected(Optional.of(stream), directory)).isFalse();
        assertThat(ServiceJournal.isConnected(Optional.of(stream), directory.resolve("none")))
                .isFalse();
        assertThat(ServiceJournal.isConnected(Optional.empty(), file)).isFalse();
    }

    static EndedConnection ended(String detail) {
        return ended(Ending.BACKEND_RESET, detail);
    }

    static EndedConnection ended(Ending ending, String detail) {
        return new EndedConnection(
                TIME,
                "7f",
                new InetSocketAddress(InetAddresses.forString("2001:db8::7"), 6001),
                new Frontend(InetAddresses.forString("198.18.0.9"), 80, Protocol.TCP),
                new ServiceKey("default", "web"),
                Backend.parse("198.18.0.21:8080"),
                2,
                Duration.ofMillis(61_005),
                310,
                0,
                ending,
                detail);
    }

    private static LogRecord line(Level level, String message) {
        LogRecord line = new LogRecord(level, message);
        line.setInstant(TIME);
        line.setLoggerName("io.littlelb.core.loop.PassLog");
        return line;
    }

    private static JsonNode read(String json) {
        return JsonMapper.shared().readTree(json);
    }
}
