package io.littlelb.cli.flag;

import io.littlelb.core.model.Durations;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code 250ms}, {@code 3s}, {@code 2m} or {@code 1h}. */
public final class DurationText implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        return Durations.parse(text)
                .orElseThrow(
                        () -> new TypeConversionException("'" + text + "' is no duration such as 250ms, 3s, 2m or 1h"));
    }
}
