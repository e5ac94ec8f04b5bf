package io.littlelb.cli.ask;

import io.littlelb.cli.flag.DurationText;
import io.littlelb.core.model.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 250ms}, {@code 1s}, {@code 5m}: how long between two looks, or back. */
final class Pause implements ITypeConverter<Duration> {
    /** Oftener would only keep the instance busy. */
    private static final Duration SHORTEST = Duration.ofMillis(100);

    @Override
    public Duration convert(String text) {
        Duration pause = new DurationText().convert(text);
        if (pause.compareTo(SHORTEST) < 0) {
            throw new TypeConversionException("'" + text + "' is too short; at least " + Durations.print(SHORTEST));
        }
        return pause;
    }
}
