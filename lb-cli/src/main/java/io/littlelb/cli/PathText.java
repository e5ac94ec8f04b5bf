package io.littlelb.cli;

import io.littlelb.core.model.Shown;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A path as a person writes it. */
final class PathText {
    private PathText() {}

    /** @throws UsageException when the system can have no such path: there is a NUL in it, or what its character set (LANG) has no bytes for */
    static Path parse(String flag, String text) throws UsageException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException(flag + " " + Shown.quoted(text) + " can be no path: " + e.getReason(), e);
        }
    }
}
