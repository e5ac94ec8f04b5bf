package io.littlelb.file;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What came of looking at a services file because somebody had asked for it.
 *
 * @param changed whether the look found something else in it than had been read before
 * @param services how many Services are asked for now; of the last good state, where what is in the file is refused
 * @param refused why the file as it is now is not in force, in words of whoever wrote it; empty where it is
 */
public record Look(Path file, boolean changed, int services, Optional<String> refused) {
    public Look {
        requireNonNull(file, "file");
        requireNonNull(refused, "refused");
    }

    /** For a person, in a sentence without its end. */
    @Override
    public String toString() {
        return refused.map(why -> file + ": " + why + "; what was in force stays in force")
                .orElseGet(() -> file
                        + (changed ? " was read again: " : " is in force as it is: ")
                        + services
                        + (services == 1 ? " Service" : " Services"));
    }
}
