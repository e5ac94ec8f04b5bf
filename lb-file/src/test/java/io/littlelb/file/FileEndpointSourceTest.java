package io.littlelb.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.littlelb.core.model.SourceContact;
import io.littlelb.core.worker.ErrorHandler;
import io.littlelb.testkit.log.LogCapture;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileEndpointSourceTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private final AtomicInteger changes = new AtomicInteger();

    @Test
    void followsTheFileWhetherItIsWrittenToOrReplaced() throws Exception {
        Path file = Files.writeString(directory.resolve("services.yaml"), services("a"));
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG)) {
            source.onChange(changes::incrementAndGet);
            assertServices(source, "[default/a]");
            Files.writeString(file, services("b"));
            await().untilAsserted(() -> assertServices(source, "[default/b]"));
            Path next = Files.writeString(directory.resolve("next"), services("c"));
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
            await().untilAsserted(() -> assertServices(source, "[default/c]"));
            await().until(() -> changes.get() >= 2);
        }
    }

    @Test
    void keepsTheLastGoodStateWhenTheFileTurnsInvalidOrGoesAway() throws Exception {
        Path file = Files.writeString(directory.resolve("services.yaml"), services("a"));
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG);
                LogCapture log = LogCapture.of(FileEndpointSource.class)) {
            for (String invalid : List.of("services: [", "nonsense", "")) {
                Files.writeString(file, invalid);
                await().until(() -> log.count("is invalid") > 0);
                log.clear();
                assertServices(source, "[default/a]");
            }
            Files.delete(file);
            await().until(() -> log.count("there is no such file") == 1);
            assertServices(source, "[default/a]");
            Files.writeString(file, services("b"));
            await().untilAsserted(() -> assertServices(source, "[default/b]"));
            assertThat(log.count("there is no such file")).isEqualTo(1);
        }
    }

    @Test
    void tellsWhyThePresentFileIsNotTakenUntilItIs() throws Exception {
        Path file = Files.writeString(directory.resolve("services.yaml"), services("a"));
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG)) {
            assertThat(source.contact().place()).isEqualTo("file:" + file);
            assertThat(source.contact().isLive()).isTrue();
            Instant good = source.contact().heardAt().orElseThrow();
            source.onChange(changes::incrementAndGet);

            Files.writeString(file, "services: {}");
            await().until(() -> changes.get() == 1);
            SourceContact invalid = source.contact();
            assertThat(invalid.trouble().orElseThrow()).contains("services");
            source.reload(SOON);
            await().during(Duration.ofSeconds(2)).until(() -> source.contact().equals(invalid));

            Files.delete(file);
            await().until(() -> source.contact()
                    .trouble()
                    .filter("there is no such file"::equals)
                    .isPresent());
            Files.writeString(file, services("a"));
            await().until(() -> source.contact().isLive());
            assertThat(source.contact().heardAt().orElseThrow()).isAfter(good);
            await().until(() -> changes.get() == 2);
            assertServices(source, "[default/a]");
        }
    }

    @Test
    void saysWhatCameOfALookThatWasAskedFor() throws Exception {
        Path file = Files.writeString(directory.resolve("services.yaml"), services("a"));
        FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG);
        try (source) {
            assertThat(source.reload(SOON)).hasToString(file + " is in force as it is: 1 Service");

            Files.writeString(file, "services: {}");
            assertThat(source.reload(SOON))
                    .hasToString(file + ": services: expected a list; what was in force stays in force");
            assertThat(source.reload(SOON).refused()).hasValue("services: expected a list");

            Files.writeString(file, services("a") + service("b"));
            Look good = source.reload(SOON);
            assertThat(good.refused()).isEmpty();
            assertThat(good.services()).isEqualTo(2);
            assertServices(source, "[default/a, default/b]");

            Files.delete(file);
            assertThat(source.reload(SOON).refused()).hasValue("there is no such file");
        }
        assertThat(source.reload(Duration.ofMillis(50)).refused()).hasValue("it could not be looked at within 50 ms");
    }

    @Test
    void saysOfAFileThatIsMadeEmptyThatThereIsNothingInIt() throws Exception {
        Path file = directory.resolve("services.yaml");
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG);
                LogCapture log = LogCapture.of(FileEndpointSource.class)) {
            Files.createFile(file);
            await().until(() -> log.count("is invalid: there is nothing here; write services:") == 1);
            assertThat(source.snapshot()).isEmpty();
            Files.writeString(file, services("a"));
            await().untilAsserted(() -> assertServices(source, "[default/a]"));
        }
    }

    @Test
    void readsAFileThatIsBeingWrittenOnceItsWriterHasClosedIt() throws Exception {
        String first = service("a");
        String second = service("b");
        Path file = Files.writeString(directory.resolve("services.yaml"), "services:\n" + first + second);
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG)) {
            source.onChange(changes::incrementAndGet);
            try (OutputStream slow = Files.newOutputStream(file)) {
                slow.write(("services:\n" + first).getBytes(StandardCharsets.UTF_8)); // valid, and half of it
                await().during(Duration.ofSeconds(3))
                        .atMost(Duration.ofSeconds(5))
                        .untilAsserted(() -> assertServices(source, "[default/a, default/b]"));
                slow.write((second + service("c")).getBytes(StandardCharsets.UTF_8));
            }
            await().untilAsserted(() -> assertServices(source, "[default/a, default/b, default/c]"));
            assertThat(changes).hasValue(1);
        }
    }

    @Test
    void readsANewFileThatTakesThePlaceOfTheOldOneSlowly() throws Exception {
        Path file = Files.writeString(directory.resolve("services.yaml"), services("a"));
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG)) {
            Files.delete(file);
            try (OutputStream slow = Files.newOutputStream(file)) {
                slow.write(services("b").getBytes(StandardCharsets.UTF_8));
                await().during(Duration.ofSeconds(2))
                        .atMost(Duration.ofSeconds(4))
                        .untilAsserted(() -> assertServices(source, "[default/a]"));
            }
            await().untilAsserted(() -> assertServices(source, "[default/b]"));
        }
    }

    @Test
    void followsADirectoryThatIsALinkAndIsTurnedToAnother() throws Exception {
        Path one = Files.createDirectory(directory.resolve("one"));
        Path two = Files.createDirectory(directory.resolve("two"));
        Files.writeString(one.resolve("services.yaml"), services("a"));
        Files.writeString(two.resolve("services.yaml"), services("b"));
        Path current = Files.createSymbolicLink(directory.resolve("current"), one);
        try (FileEndpointSource source = FileEndpointSource.open(current.resolve("services.yaml"), ErrorHandler.LOG)) {
            assertServices(source, "[default/a]");
            turn(current, two);
            await().untilAsserted(() -> assertServices(source, "[default/b]"));
            Files.writeString(two.resolve("services.yaml"), services("c"));
            await().untilAsserted(() -> assertServices(source, "[default/c]"));
            turn(current, one);
            await().untilAsserted(() -> assertServices(source, "[default/a]"));
        }
    }

    @Test
    void followsAMountedConfigMap() throws Exception {
        Path one = Files.createDirectory(directory.resolve("..1"));
        Files.writeString(one.resolve("services.yaml"), services("a"));
        Path data = Files.createSymbolicLink(directory.resolve("..data"), one.getFileName());
        Path file = Files.createSymbolicLink(directory.resolve("services.yaml"), Path.of("..data/services.yaml"));
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG)) {
            Path two = Files.createDirectory(directory.resolve("..2"));
            Files.writeString(two.resolve("services.yaml"), services("b"));
            turn(data, two.getFileName());
            await().untilAsserted(() -> assertServices(source, "[default/b]"));
        }
    }

    @Test
    void waitsForAFileAndADirectoryThatAreNotThereYet() throws Exception {
        Path file = directory.resolve("later/services.yaml");
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG)) {
            assertThat(source.snapshot()).isEmpty();
            Files.createDirectory(file.getParent());
            Files.writeString(file, services("a"));
            await().until(() -> source.snapshot().isPresent());
            assertServices(source, "[default/a]");
        }
    }

    @Test
    void isNotWokenByWhatIsWrittenBesideIt() throws Exception {
        Path file = Files.writeString(directory.resolve("services.yaml"), services("a"));
        try (FileEndpointSource source = FileEndpointSource.open(file, ErrorHandler.LOG);
                LogCapture log = LogCapture.of(FileEndpointSource.class)) {
            Files.delete(file);
            await().until(() -> log.count("there is no such file") == 1);
            for (int line = 0; line < 1_000; line++) {
                Files.writeString(
                        directory.resolve("lb.log"), "a line\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
            Files.writeString(file, services("b"));
            await().untilAsserted(() -> assertServices(source, "[default/b]"));
            assertThat(log.count("")).as("lines of ours").isLessThan(5);
        }
    }

    @Test
    void refusesToStartWithAFileThatIsInvalidOrNone() throws IOException {
        Path invalid = Files.writeString(directory.resolve("invalid.yaml"), "services: 5");
        assertThatThrownBy(() -> FileEndpointSource.open(invalid, ErrorHandler.LOG))
                .isInstanceOf(ServicesFileException.class)
                .hasMessageContaining("services: expected a list");
        assertThatThrownBy(() -> FileEndpointSource.open(directory, ErrorHandler.LOG))
                .isInstanceOf(ServicesFileException.class)
                .hasMessageContaining("cannot be read");
    }

    private static void turn(Path link, Path to) throws IOException {
        Path next = Files.createSymbolicLink(link.resolveSibling(".next"), to);
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void assertServices(FileEndpointSource source, String names) {
        assertThat(new TreeSet<>(source.snapshot().orElseThrow().services().keySet()))
                .hasToString(names);
    }

    private static String services(String name) {
        return "services:\n" + service(name);
    }

    private static String service(String name) {
        return "- {name: " + name + ", ports: [{port: 80, backends: ['127.0.0.1:8080']}]}\n";
    }
}
