package io.littlelb.core.model;

import java.util.Locale;

/**
 * Text of others, made fit to be shown to a person: in a log, a condition, an Event, on a terminal. What would move a cursor, end a line, or turn the
 * direction of reading is written as its number, so that nobody forges a line; and what is long is cut.
 */
public final class Shown {
    /** How much of a text somebody else has written is shown, in characters. */
    static final int LONGEST = 100;

    private Shown() {}

    /** A constant as users spell it: {@code NODE_PORT} is written {@code node-port}. */
    public static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** In quotation marks, cut. */
    public static String quoted(String text) {
        return "\"" + cut(text) + "\"";
    }

    /** The first hundred characters of it. */
    public static String cut(String text) {
        boolean fits = text.length() <= LONGEST || text.codePointCount(0, text.length()) <= LONGEST;
        return escaped(fits ? text : text.substring(0, text.offsetByCodePoints(0, LONGEST)) + "…");
    }

    /** All of it, of any length, on one line. */
    public static String escaped(String text) {
        if (text.codePoints().noneMatch(Shown::isUnfit)) {
            return text;
        }
        StringBuilder fit = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(character -> {
            if (isUnfit(character)) {
                fit.append("\\u{").append(Integer.toHexString(character)).append('}');
            } else {
                fit.appendCodePoint(character);
            }
        });
        return fit.toString();
    }

    /** Unicode's general categories Cc, Cf, Zl, Zp, Co, Cn and Cs: controls, marks of direction, ends of lines, and what is no character. */
    private static boolean isUnfit(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
