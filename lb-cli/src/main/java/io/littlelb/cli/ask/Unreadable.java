package io.littlelb.cli.ask;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file cannot be read, in words of whoever named it; without its name, which the exceptions of Java have and often nothing else. */
public final class Unreadable {
    private Unreadable() {}

    public static String why(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        }
        return "it cannot be read: "
                + (e instanceof FileSystemException refused && refused.getReason() != null
                        ? refused.getReason()
                        : e.getMessage());
    }
}
