package io.littlelb.linux;

import static io.littlelb.linux.DirectoryWatch.IN_CLOSE_WRITE;
import static io.littlelb.linux.DirectoryWatch.IN_CREATE;
import static io.littlelb.linux.DirectoryWatch.IN_IGNORED;
import static io.littlelb.linux.DirectoryWatch.IN_MODIFY;
import static io.littlelb.linux.DirectoryWatch.IN_MOVED_FROM;
import static io.littlelb.linux.DirectoryWatch.IN_MOVED_TO;
import static org.assertj.core.api.Assertions.assertThat;

import io.littlelb.linux.DirectoryWatch.Event;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryWatchTest {
    @TempDir
    private Path directory;

    @Test
    void tellsAFileThatIsBeingWrittenFromOneThatIsWhole() throws Exception {
        try (DirectoryWatch watch = new DirectoryWatch()) {
            watch.follow(directory);
            try (OutputStream out = Files.newOutputStream(directory.resolve("a"))) {
                out.write(1);
                assertThat(watch.events()).containsExactly(new Event(IN_CREATE, "a"), new Event(IN_MODIFY, "a"));
            }
            assertThat(watch.events()).containsExactly(new Event(IN_CLOSE_WRITE, "a"));
            Files.move(directory.resolve("a"), directory.resolve("ä"));
            assertThat(watch.events()).containsExactly(new Event(IN_MOVED_FROM, "a"), new Event(IN_MOVED_TO, "ä"));
            assertThat(watch.events()).isEmpty();
        }
    }

    @Test
    void followsOneDirectoryAtATimeAndSaysWhenItIsGone() throws Exception {
        Path first = Files.createDirectory(directory.resolve("first"));
        Path second = Files.createDirectory(directory.resolve("second"));
        try (DirectoryWatch watch = new DirectoryWatch()) {
            watch.follow(first);
            watch.follow(second);
            Files.createFile(first.resolve("a"));
            assertThat(watch.events()).isEmpty();
            Files.delete(second);
            assertThat(watch.events()).extracting(Event::mask).isEqualTo(List.of(IN_IGNORED));
        }
    }
}
