package io.littlelb.file;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Objects;

/** A services file that cannot be read or means nothing: one line that says which, where in it, and what is wrong there. */
public final class ServicesFileException extends Exception {
    private static final long serialVersionUID = 1;

    ServicesFileException(String message) {
        super(message);
    }

    ServicesFileException(String message, Throwable cause) {
        super(message, cause);
    }

    /** The same, of a text that came from this file. */
    ServicesFileException in(Path file) {
        return new ServicesFileException(file + ": " + getMessage(), this);
    }

    static ServicesFileException unreadable(Path file, IOException why) {
        return new ServicesFileException(file + " cannot be read: " + reason(why), why);
    }

    /** Why a file cannot be read, in words of whoever wrote it. */
    static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof CharacterCodingException) {
            return "it is no text in UTF-8";
        }
        if (e instanceof FileSystemException refused && refused.getReason() != null) {
            return refused.getReason();
        }
        return Objects.requireNonNullElse(e.getMessage(), e.toString());
    }
}
