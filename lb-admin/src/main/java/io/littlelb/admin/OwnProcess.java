package io.littlelb.admin;

import io.littlelb.admin.view.StatusView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the system knows of this process, by proc(5). */
final class OwnProcess {
    private static final Logger log = LoggerFactory.getLogger(OwnProcess.class);
    private static final Path SELF = Path.of("/proc/self");

    private final long pid = ProcessHandle.current().pid();
    private final String user = ProcessHandle.current().info().user().orElse(String.valueOf(uid()));
    private final String host = host();
    private final Instant startedAt =
            ProcessHandle.current().info().startInstant().orElseGet(Instant::now);

    StatusView.OfProcess view(Instant now, String mode) {
        Runtime runtime = Runtime.getRuntime();
        return new StatusView.OfProcess(
                pid,
                host,
                user,
                mode,
                startedAt,
                Seconds.of(Duration.between(startedAt, now)),
                runtime.totalMemory() - runtime.freeMemory(),
                runtime.maxMemory(),
                resident(),
                descriptors(),
                descriptorLimit());
    }

    /** What no other process of this host has. */
    String identity() {
        return pid + "-" + startedAt.toEpochMilli();
    }

    Instant startedAt() {
        return startedAt;
    }

    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return unknown("the host's name", e, "");
        }
    }

    private static long uid() {
        try {
            return ((Number) Files.getAttribute(SELF, "unix:uid")).longValue();
        } catch (IOException e) {
            return unknown("this process's user", e, -1L);
        }
    }

    /** In bytes. */
    long resident() {
        return field("status", "VmRSS:", 1) * 1024;
    }

    /** How many descriptors are open. */
    long descriptors() {
        Path all = SELF.resolve("fd");
        try {
            long count = Files.size(all); // of Linux 6.2 or later; of an older one it is 0
            return count > 0 ? count : listed(all);
        } catch (IOException e) {
            return unknown("the open descriptors", e, -1L);
        }
    }

    private static long listed(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.count();
        }
    }

    long descriptorLimit() {
        return field("limits", "Max open files", 3);
    }

    /** The number that is this word of the line that begins so; -1 when there is none. */
    private static long field(String file, String line, int word) {
        try (Stream<String> lines = Files.lines(SELF.resolve(file))) {
            return lines.filter(each -> each.startsWith(line))
                    .map(each -> each.trim().split("\\s+", -1)[word])
                    .filter(text -> text.matches("[0-9]+"))
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            return unknown(line, e, -1L);
        }
    }

    private static <T> T unknown(String what, IOException e, T instead) {
        log.debug("Cannot tell {}: {}", what, e.getMessage());
        return instead;
    }
}
