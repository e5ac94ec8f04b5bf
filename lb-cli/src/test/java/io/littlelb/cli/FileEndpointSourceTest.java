package io.littlelb.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileEndpointSourceTest {
    @TempDir
    private Path directory;

    private final AtomicInteger changes = new AtomicInteger();

    @Test
    void followsTheFileWhetherItIsWrittenToOrReplaced() throws Exception {
        Path file = Files.writeString(directory.resolve("services.yaml"), services("a"));
        try (FileEndpointSource source = FileEndpointSource.open(file)) {
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
        try (FileEndpointSource source = FileEndpointSource.open(file)) {
            for (String invalid : List.of("services: [", "nonsense", "")) {
                Files.writeString(file, invalid);
                source.reload();
                assertServices(source, "[default/a]");
            }
            Files.delete(file);
            source.reload();
            assertServices(source, "[default/a]");
            Files.writeString(file, services("b"));
            await().untilAsserted(() -> assertServices(source, "[default/b]"));
        }
    }

    @Test
    void refusesToStartWithAFileThatIsMissingOrInvalid() throws IOException {
        Path missing = directory.resolve("missing.yaml");
        assertThatThrownBy(() -> FileEndpointSource.open(missing))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("there is no such file");
        Path invalid = Files.writeString(directory.resolve("invalid.yaml"), "services: 5");
        assertThatThrownBy(() -> FileEndpointSource.open(invalid))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("services: expected a list");
    }

    private static void assertServices(FileEndpointSource source, String names) {
        assertThat(source.snapshot().orElseThrow().services().keySet()).hasToString(names);
    }

    private static String services(String name) {
        return "services: [{name: " + name + ", ports: [{port: 80, backends: ['127.0.0.1:8080']}]}]\n";
    }
}
