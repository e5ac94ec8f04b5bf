package io.littlelb.cli.ask;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Quantities for people: two or three digits that tell them apart, with the unit of the SI. */
final class Units {
    private static final List<String> PREFIXES = List.of("", "k", "M", "G", "T", "P");

    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private Units() {}

    /** {@code 310 B}, {@code 1.2 GB}. */
    static String bytes(long bytes) {
        return scaled((double) bytes, "B");
    }

    /** A number of bytes a second in bits: {@code 1.7 Gb/s}; {@code 0} where nothing moves. */
    static String bits(double bytesPerSecond) {
        return bytesPerSecond * 8 < 0.5 ? "0" : scaled(bytesPerSecond * 8, "b/s");
    }

    /** How many a second: {@code 312/s}, {@code 0.4/s}; {@code 0} where there are none. */
    static String perSecond(double rate) {
        if (rate < 0.05) {
            return "0";
        }
        return (rate < 9.95 ? decimal(rate) : count(Math.round(rate))) + "/s";
    }

    private static String scaled(double amount, String unit) {
        double scaled = amount;
        int prefix = 0;
        while (scaled >= 999.5 && prefix < PREFIXES.size() - 1) {
            scaled /= 1000;
            prefix++;
        }
        String digits = prefix > 0 && scaled < 9.95 ? decimal(scaled) : count(Math.round(scaled));
        return digits + " " + PREFIXES.get(prefix) + unit;
    }

    /** With a blank between thousands, as ISO 80000 has it: {@code 80 112}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
    }

    /** An age in the two largest units: {@code 3 d 4 h}, {@code 4 min}, {@code 12 s}, {@code 0.4 s}. */
    static String span(double seconds) {
        if (seconds < 9.95) {
            return seconds < 0.05 ? "0 s" : decimal(seconds) + " s";
        }
        long whole = Math.round(seconds);
        if (whole < MINUTE) {
            return whole + " s";
        }
        if (whole < HOUR) {
            return two(whole, MINUTE, "min", 1, "s", 10 * MINUTE);
        }
        return whole < DAY
                ? two(whole, HOUR, "h", MINUTE, "min", 10 * HOUR)
                : two(whole, DAY, "d", HOUR, "h", 10 * DAY);
    }

    /** The smaller unit is left out when it is nothing, or no longer of interest. */
    private static String two(long whole, long unit, String name, long smaller, String smallerName, long onlyBelow) {
        long rest = whole % unit / smaller;
        return whole / unit + " " + name + (rest == 0 || whole >= onlyBelow ? "" : " " + rest + " " + smallerName);
    }

    static String span(Optional<Double> seconds) {
        return seconds.map(Units::span).orElse("-");
    }

    /** {@code 12 s ago}; {@code never}. */
    static String ago(Optional<Double> seconds) {
        return seconds.map(it -> span(it) + " ago").orElse("never");
    }

    /** How long a machine needs for something: {@code 0.2 ms}, {@code 310 ms}, {@code 2.9 s}. */
    static String latency(double seconds) {
        double milliseconds = seconds * 1000;
        if (milliseconds >= 999.5) {
            return span(seconds);
        }
        if (milliseconds >= 9.95) {
            return Math.round(milliseconds) + " ms";
        }
        return milliseconds >= 0.05 ? decimal(milliseconds) + " ms" : Math.round(milliseconds * 1000) + " µs";
    }

    /** {@code 1.2}, {@code 3}. */
    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.1f", number).replaceFirst("\\.0$", "");
    }
}
