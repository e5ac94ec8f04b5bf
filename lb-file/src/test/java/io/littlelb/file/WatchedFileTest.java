package io.littlelb.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class WatchedFileTest {
    private static final int ROUNDS = 2_000;

    @TempDir
    private Path directory;

    private final ExecutorService writers = Executors.newSingleThreadExecutor();

    @AfterEach
    void stop() throws InterruptedException {
        writers.shutdownNow();
        assertThat(writers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void halfOfAFileIsNeverRead() throws Exception {
        Path path = Files.writeString(directory.resolve("file"), "whole 0");
        Random random = new Random(1);
        try (WatchedFile file = new WatchedFile(path)) {
            assertThat(file.read(System.nanoTime())).hasValue("whole 0");
            for (int round = 1; round <= ROUNDS; round++) {
                CountDownLatch looked = new CountDownLatch(1);
                String next = "whole " + round;
                Future<?> writer = writers.submit(() -> write(path, next, looked));
                long until = System.nanoTime() + random.nextInt(60_000);
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }

                file.takeIn(System.nanoTime());
                Optional<String> seen = file.read(System.nanoTime());

                // that it was made empty the kernel tells a moment later; nothing of a file can be less, and none is
                // good that has nothing in it
                assertThat(seen).as("in round %d", round).isNotEqualTo(Optional.of("wh"));
                looked.countDown();
                writer.get(10, TimeUnit.SECONDS);
                file.takeIn(System.nanoTime());
                assertThat(last(file).or(() -> seen)).hasValue(next);
            }
        }
    }

    private static Optional<String> last(WatchedFile file) {
        try {
            return file.read(System.nanoTime());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Void write(Path path, String text, CountDownLatch looked) throws Exception {
        try (OutputStream out = Files.newOutputStream(path)) {
            out.write(text.substring(0, 2).getBytes(StandardCharsets.UTF_8));
            assertThat(looked.await(10, TimeUnit.SECONDS)).isTrue();
            out.write(text.substring(2).getBytes(StandardCharsets.UTF_8));
        }
        return null;
    }
}
