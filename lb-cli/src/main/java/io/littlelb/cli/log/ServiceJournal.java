package io.littlelb.cli.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether stderr goes to the service manager's journal, which reads priorities at the beginning of lines: {@code JOURNAL_STREAM} of systemd.exec(5). */
final class ServiceJournal {
    private static final Path STDERR = Path.of("/proc/self/fd/2");

    private ServiceJournal() {}

    /** Asks this process. */
    static boolean isConnected() {
        return isConnected(Optional.ofNullable(System.getenv("JOURNAL_STREAM")), STDERR);
    }

    /** @param stream the variable, {@code DEVICE:INODE}: a process may have inherited it, and its stderr go elsewhere since */
    static boolean isConnected(Optional<String> stream, Path stderr) {
        try {
            return stream.isPresent()
                    && stream.get()
                            .equals(Files.getAttribute(stderr, "unix:dev") + ":"
                                    + Files.getAttribute(stderr, "unix:ino"));
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException cannotTell) {
            return false;
        }
    }
}
