package io.littlelb.core.model;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: the one form in which they are read and shown. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,6})(us|ms|s|m|h)");

    private record Unit(String name, Duration length) {}

    /** From the longest to the shortest. */
    private static final List<Unit> UNITS = List.of(
            new Unit("h", Duration.ofHours(1)),
            new Unit("m", Duration.ofMinutes(1)),
            new Unit("s", Duration.ofSeconds(1)),
            new Unit("ms", Duration.ofMillis(1)),
            new Unit("us", Duration.of(1, ChronoUnit.MICROS)));

    private static final Duration MINUTE = Duration.ofMinutes(1);
    /** So many of a unit tell as much as more of a smaller one. */
    private static final int FEW = 10;

    private Durations() {}

    /** In the longest unit of which it is a whole number, {@code 90s} or {@code 1h}, as {@link #parse} reads it. */
    public static String print(Duration duration) {
        if (duration.isZero()) {
            return "0s";
        }
        return UNITS.stream()
                .filter(unit -> duration.equals(unit.length().multipliedBy(duration.dividedBy(unit.length()))))
                .findFirst()
                .map(unit -> duration.dividedBy(unit.length()) + unit.name())
                .orElseGet(() -> duration.toNanos() + "ns");
    }

    /** As exactly as a person cares to know, with a unit of which there are more than a few: {@code 250ms}, {@code 95s}, {@code 17m}, {@code 30h}. */
    public static String roughly(Duration duration) {
        Unit unit = UNITS.stream()
                .filter(each -> duration.compareTo(
                                each.length().multipliedBy(each.length().compareTo(MINUTE) < 0 ? 1 : FEW))
                        >= 0)
                .findFirst()
                .orElse(UNITS.get(UNITS.size() - 1));
        return duration.dividedBy(unit.length()) + unit.name();
    }

    /** {@code 50us}, {@code 250ms}, {@code 3s}, {@code 2m} or {@code 1h}; empty for any other text. */
    public static Optional<Duration> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long amount = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "us" -> Duration.of(amount, ChronoUnit.MICROS);
                    case "ms" -> Duration.ofMillis(amount);
                    case "s" -> Duration.ofSeconds(amount);
                    case "m" -> Duration.ofMinutes(amount);
                    default -> Duration.ofHours(amount);
                });
    }
}
