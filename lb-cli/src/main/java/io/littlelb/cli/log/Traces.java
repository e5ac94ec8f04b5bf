package io.littlelb.cli.log;

import static java.util.stream.Collectors.joining;

import com.google.common.base.Throwables;
import io.littlelb.core.model.Shown;

/** Stack traces, which quote what others have written. */
final class Traces {
    private Traces() {}

    /** On several lines, none of which anybody has forged. */
    static String print(Throwable thrown) {
        return Throwables.getStackTraceAsString(thrown)
                .lines()
                .map(line -> Shown.escaped(line.replace("\t", "    ")))
                .collect(joining("\n"));
    }
}
