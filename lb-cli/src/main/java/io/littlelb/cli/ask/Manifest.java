package io.littlelb.cli.ask;

import io.littlelb.core.model.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a manifest; what is in it the instance says. */
final class Manifest {
    /** The instance takes no more. */
    private static final int LARGEST = 1 << 20;

    private Manifest() {}

    /** Of a file, or, as {@code -}, of standard input. */
    static String read(String file, Surroundings surroundings) throws NotAnsweredException {
        try (InputStream content = file.equals("-") ? surroundings.in() : Files.newInputStream(Path.of(file))) {
            byte[] bytes = content.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw wrong(file, "is larger than " + Units.bytes(LARGEST));
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw wrong(file, Unreadable.why(e));
        }
    }

    private static NotAnsweredException wrong(String file, String why) {
        return new NotAnsweredException(NotAnsweredException.WRONG_USE, "-f " + Shown.cut(file) + ": " + why);
    }
}
