package io.littlelb.cli;

import io.littlelb.cli.flag.DurationText;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;

/** A duration as {@link DurationText} reads it, or {@code off}, which is none at all. */
final class DurationOrOff implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        return text.equals("off") ? Duration.ZERO : new DurationText().convert(text);
    }
}
